// Visits every machine once in an interval, spread evenly over it; one that is slow or dead delays nobody but itself.
import { setTimeout as wait } from 'node:timers/promises';

export interface Visited {
  readonly id: number;
  readonly uuid: string;
}

export interface WatchOptions<Machine extends Visited> {
  readonly intervalMs: number;
  count(): Promise<number>;
  /** The next machines behind this id, in the order of their ids. */
  next(afterId: number, limit: number): Promise<readonly Machine[]>;
  /** Whether the machine answered. It must not write once the signal is aborted. */
  visit(machine: Machine, signal: AbortSignal): Promise<boolean>;
  failed(error: unknown): void;
}

/** Few at a time: requests of others are answered between two slices. */
const sliceSize = 10;

/** A machine that does not answer is visited ever more seldom: after one, two, four ... intervals, up to this many. */
const longestRest = 8;

/** How long a stop waits for visits that are under way. */
const partingMs = 1_000;

/** Starts visiting; call the answer to end it. */
export function startWatch<Machine extends Visited>(options: WatchOptions<Machine>): () => Promise<void> {
  const ending = new AbortController();
  const { signal } = ending;
  const underway = new Map<string, Promise<void>>();
  const silent = new Map<string, { readonly times: number; readonly until: number }>();

  async function visit(machine: Machine): Promise<void> {
    try {
      if (await options.visit(machine, signal)) {
        silent.delete(machine.uuid);
        return;
      }
      const times = (silent.get(machine.uuid)?.times ?? 0) + 1;
      const rest = Math.min(2 ** (times - 1), longestRest) * options.intervalMs;
      // A little less than whole intervals, or the round that it is due in would pass it over.
      silent.set(machine.uuid, { times, until: Date.now() + rest * 0.9 });
    } catch (error) {
      if (!signal.aborted) options.failed(error);
    } finally {
      underway.delete(machine.uuid);
    }
  }

  async function slice(afterId: number): Promise<readonly Machine[]> {
    const machines = await options.next(afterId, sliceSize);
    for (const machine of machines) {
      const rests = (silent.get(machine.uuid)?.until ?? 0) > Date.now();
      if (!rests && !underway.has(machine.uuid)) underway.set(machine.uuid, visit(machine));
    }
    return machines;
  }

  async function pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal, ref: false }).catch(() => undefined);
  }

  /** One that is not among the machines any more, and comes back, is no silent one. */
  function forgetOthers(seen: ReadonlySet<string>): void {
    for (const uuid of silent.keys()) if (!seen.has(uuid)) silent.delete(uuid);
  }

  async function round(): Promise<void> {
    const started = Date.now();
    const seen = new Set<string>();
    // A machine that nobody has visited for so long is gone.
    for (const [uuid, { until }] of silent) if (until < started - longestRest * options.intervalMs) silent.delete(uuid);
    const slices = Math.max(1, Math.ceil((await options.count()) / sliceSize));
    let after = 0;
    for (let done = 1; !signal.aborted; done++) {
      const machines = await slice(after);
      for (const { uuid } of machines) seen.add(uuid);
      // By the clock, so that the time the slices take themselves does not add up.
      await pause(Math.max(1, started + (options.intervalMs * Math.min(done, slices)) / slices - Date.now()));
      const last = machines.at(-1);
      if (!last || machines.length < sliceSize) return forgetOthers(seen);
      after = last.id;
    }
  }

  const running = (async () => {
    while (!signal.aborted) {
      try {
        await round();
      } catch (error) {
        options.failed(error);
        await pause(options.intervalMs);
      }
    }
  })();
  return async () => {
    ending.abort();
    await running;
    await Promise.race([Promise.all(underway.values()), wait(partingMs, undefined, { ref: false })]);
  };
}
