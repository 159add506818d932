// What is said to BMCs, for whoever keeps a record of it: one exchange for each call, without secrets.
import { AsyncLocalStorage } from 'node:async_hooks';

export interface BmcExchange {
  readonly at: Date;
  /** HTTP method, or the name of the program that spoke. */
  readonly method: string;
  /** Path of the resource, or the program's command. */
  readonly path: string;
  /** HTTP status or the program's exit code; null where nothing was answered. */
  readonly status: number | null;
  readonly durationMs: number;
  /** What a refusal said, or what kept the call from an answer; null where all went well. */
  readonly said: string | null;
}

/** The client of a BMC is shared by all who call it: for whom a call is made travels with the call. */
const listeners = new AsyncLocalStorage<(exchange: BmcExchange) => void>();

/** Runs `work`; `listener` hears of every call to a BMC that it makes. */
export function overhear<Result>(listener: (exchange: BmcExchange) => void, work: () => Result): Result {
  return listeners.run(listener, work);
}

const longestSaid = 1_000;

/** For drivers: tells of a call that has ended. `said` must have been cleaned of secrets. */
export function tellExchange(exchange: BmcExchange): void {
  const { said } = exchange;
  listeners.getStore()?.({ ...exchange, said: said === null ? null : said.slice(0, longestSaid) });
}

const cover = '******';

/**
 * Covers secrets in what a BMC said: some repeat in an error what they were sent. Every spelling counts in which it could
 * come back: as it is, within JSON, within a URL, as basic authentication has it.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const spellings = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
    // The longer first: a shorter one within it would leave the rest.
    .sort((a, b) => b.length - a.length);
  return spellings.reduce((clean, spelling) => clean.replaceAll(spelling, cover), text);
}
