// One BMC's lane: few calls at a time, and none for a while after it has stopped answering.
import { HardwareError } from './contract.ts';

export interface LaneOptions {
  /** Calls in flight at once; BMCs are small computers. */
  readonly concurrency?: number;
  /** Failures in a row after which the lane closes. */
  readonly failuresToOpen?: number;
  /** First pause after it closed, doubled up to `longestPauseMs`. */
  readonly pauseMs?: number;
  readonly longestPauseMs?: number;
  readonly now?: () => number;
}

export interface Lane {
  /** Runs `call` when its turn comes. While the lane is closed it throws `unreachable` at once, without a call. */
  run<T>(call: () => Promise<T>): Promise<T>;
}

/** A circuit breaker and a queue for one BMC: a dead one costs its callers a moment, and nobody else anything. */
export function createLane(address: string, options: LaneOptions = {}): Lane {
  const { concurrency = 2, failuresToOpen = 3, pauseMs = 5_000, longestPauseMs = 60_000, now = Date.now } = options;
  const waiting: (() => void)[] = [];
  let running = 0;
  let failures = 0;
  let closedUntil = 0;
  let lastCause = '';

  async function enter(): Promise<void> {
    if (running >= concurrency) await new Promise<void>((turn) => waiting.push(turn));
    else running++;
  }
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
  function refuseWhileClosed(): void {
    const restMs = closedUntil - now();
    if (restMs <= 0) return;
    throw new HardwareError(
      'unreachable',
      `The BMC at ${address} did not answer ${failures} times in a row (${lastCause}); it is asked again in ${Math.ceil(restMs / 1000)} s.`,
    );
  }
  function note(error: unknown): void {
    if (!(error instanceof HardwareError) || (error.kind !== 'unreachable' && error.kind !== 'timeout')) {
      failures = 0;
      return;
    }
    failures++;
    lastCause = error.message;
    if (failures >= failuresToOpen)
      closedUntil = now() + Math.min(longestPauseMs, pauseMs * 2 ** (failures - failuresToOpen));
  }
  return {
    async run(call) {
      refuseWhileClosed();
      await enter();
      try {
        refuseWhileClosed();
        const result = await call();
        failures = 0;
        return result;
      } catch (error) {
        note(error);
        throw error;
      } finally {
        leave();
      }
    },
  };
}
