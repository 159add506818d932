// Fetches image bytes from a web server, within the bounds that keep it off the program's own services.
import { OperationFailed } from '../operations/index.ts';

/** Glance's defaults: no other port, for whoever may import could otherwise read what only this host reaches. */
const ports = new Set(['', '80', '443']);
const maxRedirects = 5;

/** May this be fetched at all? */
export function allowedUri(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  return ports.has(url.port) && url.username === '' && url.password === '';
}

/** The bytes behind `uri`. Throws OperationFailed that says what the server answered; a redirection leads only to where one may go. */
export async function* download(
  uri: string,
  onProgress: (done: number, total: number | null) => void,
): AsyncGenerator<Buffer> {
  const answer = await open(uri);
  const announced = Number(answer.headers.get('content-length') ?? Number.NaN);
  const total = Number.isFinite(announced) ? announced : null;
  let done = 0;
  for await (const piece of answer.body ?? []) {
    done += piece.length;
    onProgress(done, total);
    yield Buffer.from(piece);
  }
  if (total !== null && done !== total)
    throw new OperationFailed(`${uri} ended after ${done} of ${total} bytes`, 'Import it again.');
}

async function open(uri: string): Promise<Response> {
  let at = uri;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    if (!allowedUri(at))
      throw new OperationFailed(`${uri} leads to ${at}, which may not be fetched`, 'Name the file itself.');
    const answer = await reach(at);
    if (answer.ok) return answer;
    await answer.body?.cancel();
    const next = answer.headers.get('location');
    if (answer.status < 300 || answer.status > 399 || next === null)
      throw new OperationFailed(`${at} answered ${answer.status}`, 'Check the address.');
    at = new URL(next, at).href;
  }
  throw new OperationFailed(`${uri} redirects more than ${maxRedirects} times`, 'Name the file itself.');
}

async function reach(uri: string): Promise<Response> {
  try {
    // Bytes as they are: a content encoding would change what is stored and its length.
    return await fetch(uri, { redirect: 'manual', headers: { 'accept-encoding': 'identity' } });
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new OperationFailed(`${uri} cannot be reached: ${reason}`, 'Check the address and the way there.', { cause });
  }
}
