// Puts away what was opened, the last first, in a bounded time: what a lost database keeps from ending holds up nothing else.
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface Closers {
  push(closer: () => Promise<void> | void): void;
  /** Runs them one after another. One that fails, or whose time is over, is told in the log; the next ones run all the same. */
  close(): Promise<void>;
}

/** `withinMs`: for all of them together; after it each has a moment still. */
export function createClosers(log: Logger, { withinMs = 10_000 }: { withinMs?: number } = {}): Closers {
  const closers: (() => Promise<void> | void)[] = [];
  return {
    push: (closer) => void closers.push(closer),
    async close() {
      const deadline = Date.now() + withinMs;
      for (const closer of closers.splice(0).reverse()) {
        const timer = new AbortController();
        const over = wait(Math.max(deadline - Date.now(), 100), 'over', { signal: timer.signal });
        try {
          const first = await Promise.race([Promise.resolve(closer()), over]);
          if (first === 'over') log.warn('a part of the server did not end in time; it is left behind');
        } catch (error) {
          log.warn({ err: error }, 'a part of the server did not end as it should');
        } finally {
          timer.abort();
          await over.catch(() => undefined);
        }
      }
    },
  };
}
