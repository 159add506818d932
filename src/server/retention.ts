// Takes away what is long over: events, operations with their journals, lines of the nodes' histories.
import type { Logger } from 'pino';
import type { Config } from './config.ts';

const dayMs = 86_400_000;
/** After the start, when there is more urgent work. */
const firstMs = 10 * 60_000;

export interface Retained {
  forgetEvents(before: Date): Promise<number>;
  forgetOperations(before: Date): Promise<number>;
  forgetHistory(lines: number): Promise<number>;
}

/** One round; what fails is told in the log, and the others are done all the same. */
export async function forgetOld(
  { retention }: Pick<Config, 'retention'>,
  retained: Retained,
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<void> {
  const ago = (days: number) => new Date(Date.now() - days * dayMs);
  const { events_days: events, operations_days: operations, node_history: lines } = retention;
  const rounds = [
    ['events', events, () => retained.forgetEvents(ago(events))],
    ['operations', operations, () => retained.forgetOperations(ago(operations))],
    ['lines of node history', lines, () => retained.forgetHistory(lines)],
  ] as const;
  for (const [what, kept, forget] of rounds) {
    if (kept === 0) continue;
    try {
      const count = await forget();
      if (count > 0) log.info(`${count} old ${what} were taken away`);
    } catch (error) {
      log.warn({ err: error }, `old ${what} could not be taken away`);
    }
  }
}

/** A round a day; call the answer to end them, it resolves when the one under way is over. */
export function forgetDaily(round: () => Promise<void>): () => Promise<void> {
  let running = Promise.resolve();
  const begin = () => {
    running = running.then(round);
  };
  const first = setTimeout(begin, firstMs).unref();
  const daily = setInterval(begin, dayMs).unref();
  return () => {
    clearTimeout(first);
    clearInterval(daily);
    return running;
  };
}
