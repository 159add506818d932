// Why network boot cannot be offered.

export class DnsmasqError extends Error {
  override name = 'DnsmasqError';
  constructor(
    message: string,
    /** What to do about it. */
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(`${message} ${hint}`, options);
  }
}
