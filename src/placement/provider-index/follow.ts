// Keeps an index abreast of the database by the log of changes.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { ProviderIndex } from './provider-index.ts';
import { readProviders } from './read.ts';

export interface ProviderFollower {
  /** The index, holding at least everything that was committed before this call. */
  current(): Promise<ProviderIndex>;
  /** Deletes the part of the log that every follower has read or has given up. */
  prune(): Promise<void>;
}

/** A follower that has not read for so long starts from the beginning: the log may have been pruned meanwhile. */
const forgetAfterMs = 20 * 60_000;
const pruneAfterMinutes = 60;

/** Follows the providers of a database. `now` counts milliseconds and never goes back. */
export function followProviders(database: Database, now: () => number = () => performance.now()): ProviderFollower {
  let index = new ProviderIndex();
  let snapshot: string | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let running: Promise<ProviderIndex> | undefined;
  let next: Promise<ProviderIndex> | undefined;

  async function read(): Promise<ProviderIndex> {
    const startedAt = now();
    const since = startedAt - readAt > forgetAfterMs ? undefined : snapshot;
    const reading = await readProviders(database, since);
    if (since === undefined) index = new ProviderIndex();
    index.apply(reading);
    snapshot = reading.snapshot;
    readAt = startedAt;
    return index;
  }
  function start(): Promise<ProviderIndex> {
    const reading = read().finally(() => {
      if (running === reading) running = undefined;
    });
    running = reading;
    return reading;
  }
  return {
    current() {
      // A reading under way may have taken its snapshot before this call: wait for the one after it, shared by all who wait.
      if (!running) return start();
      next ??= running.then(
        () => again(),
        () => again(),
      );
      return next;
    },
    async prune() {
      await sql`delete from placement_changes where at < now() - make_interval(mins => ${pruneAfterMinutes})`.execute(
        database,
      );
    },
  };
  function again(): Promise<ProviderIndex> {
    next = undefined;
    return start();
  }
}
