// The user asked for something that cannot be; the message says what and how to ask instead.
export class UsageError extends Error {
  override name = 'UsageError';
}
