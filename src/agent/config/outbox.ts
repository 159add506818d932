// Sends what the server must learn, again and again until it has: deployment results first, then the newest report.
import type { Clock } from '../clock.ts';
import { asAgentError } from '../errors.ts';
import { postJson } from '../http.ts';
import type { AgentReport } from '../protocol.ts';
import type { Ledger } from './deployments/ledger.ts';
import { deliverResults } from './deployments/run.ts';

export interface Outbox {
  /** Something new is to be sent. */
  wake(): void;
  /** Replaces a report that was not sent yet: only the newest is of interest. */
  report(report: AgentReport): void;
  /** Ends when nothing is left, or `signal` is aborted. */
  drained(signal: AbortSignal): Promise<void>;
  /** Runs until `signal` is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

export interface OutboxOptions {
  readonly ledger: Ledger;
  /** Where reports go; undefined while no server has answered. */
  readonly reportUrl: () => string | undefined;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

const firstRetryMs = 1_000;
const longestRetryMs = 60_000;

export function createOutbox(options: OutboxOptions): Outbox {
  const { clock } = options;
  let pending: AgentReport | undefined;
  let news = new AbortController();

  async function sendReport(): Promise<boolean> {
    const report = pending;
    const url = options.reportUrl();
    if (!report || url === undefined) return true;
    try {
      const reply = await postJson(url, report, { idleMs: 20_000 });
      // A server that takes no reports (a plain file behind a URL) is left alone.
      if (reply.status >= 500) return false;
      if (pending === report) pending = undefined;
      return pending === undefined;
    } catch (thrown) {
      options.log(`report: ${asAgentError(thrown).message}`);
      return false;
    }
  }

  async function pass(): Promise<boolean> {
    const left = await deliverResults(options);
    return (await sendReport()) && left === 0;
  }

  async function loop(signal: AbortSignal, done: () => boolean): Promise<void> {
    const stop = () => news.abort();
    signal.addEventListener('abort', stop);
    let waitMs = firstRetryMs;
    while (!signal.aborted) {
      news = new AbortController();
      const empty = await pass();
      if (empty && done()) break;
      waitMs = empty ? firstRetryMs : Math.min(waitMs * 2, longestRetryMs);
      if (!signal.aborted) await clock.sleep(empty ? 3_600_000 : waitMs * (0.5 + clock.random() / 2), news.signal);
    }
    signal.removeEventListener('abort', stop);
  }

  return {
    wake: () => news.abort(),
    report(report) {
      pending = report;
      news.abort();
    },
    drained: (signal) => loop(signal, () => true),
    run: (signal) => loop(signal, () => false),
  };
}
