// Tells whether anything that tokens or the catalogue depend on has changed since it was cached.
import { sql } from 'kysely';
import type { Database } from '../database/index.ts';
import { first } from './store.ts';

/** A state of identity's tables; what was read at one holds as long as the tables stay at it. */
export type Generation = number;

/**
 * Reads the generation of identity's tables; triggers raise it in the transaction that changes them. The answer is never
 * older than the call, so a revocation holds in every process from its commit on. Concurrent callers share one query.
 */
export function createGenerationReader(database: Database): () => Promise<Generation> {
  let running: Promise<Generation> | undefined;
  let next: Promise<Generation> | undefined;

  async function query(): Promise<number> {
    const row = await first(database, sql<{ value: number }>`select value from identity_generation`);
    return row?.value ?? 0;
  }
  function start(): Promise<number> {
    const mine = query().finally(() => {
      if (running === mine) running = undefined;
    });
    running = mine;
    return mine;
  }
  function begin(): Promise<number> {
    next = undefined;
    return start();
  }
  return () => {
    if (!running) return start();
    // The query under way may have read before this call: wait for the one after it.
    next ??= running.then(begin, begin);
    return next;
  };
}

const rememberedMax = 5_000;

/** Reads a value, or takes what was read at the same generation under the same key. */
export type Memory<Value> = (at: Generation, key: readonly string[], read: () => Promise<Value>) => Promise<Value>;

/** Remembers what was read at a generation, and forgets it all with the next one. */
export function createMemory<Value>(): Memory<Value> {
  let generation: Generation = -1;
  const known = new Map<string, Promise<Value>>();
  return (at, key, read) => {
    if (at < generation) return read();
    if (at > generation || known.size >= rememberedMax) known.clear();
    generation = at;
    const name = JSON.stringify(key);
    const found = known.get(name);
    if (found) return found;
    const made = read();
    known.set(name, made);
    made.catch(() => known.delete(name));
    return made;
  };
}
