// Runs a transaction, and runs it again when PostgreSQL chose it as the victim of a deadlock.
import type { Database, Transaction } from './open.ts';

const attempts = 5;

/** Deadlock detected, serialization failure: the transaction has left nothing behind and may simply run again. */
const passing: readonly unknown[] = ['40P01', '40001'];

/** `run` must have no effect but through its transaction. Throws what it throws; a deadlock only after five in a row. */
export async function transact<Result>(database: Database, run: (tx: Transaction) => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.transaction().execute(run);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (attempt === attempts || !passing.includes(code)) throw error;
    }
  }
}
