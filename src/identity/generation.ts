// Tells whether anything that tokens or the catalogue depend on has changed since it was cached.
import { sql } from 'kysely';
import type { Database } from '../database/index.ts';
import { first } from './store.ts';

/**
 * Reads the generation of identity's tables; triggers raise it in the transaction that changes them. The answer is never
 * older than the call, so a revocation holds in every process from its commit on. Concurrent callers share one query.
 */
export function createGenerationReader(database: Database): () => Promise<number> {
  let running: Promise<number> | undefined;
  let next: Promise<number> | undefined;

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
