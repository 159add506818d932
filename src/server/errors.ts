// What keeps the server from starting, in one clear line each.

/** The server cannot start; the message names the cause and the way out. Shown without a stack. */
export class StartError extends Error {
  override name = 'StartError';
}
