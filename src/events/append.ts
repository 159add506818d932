// Writes the event log: events appended inside the transaction that makes the change, old ones deleted.
import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';

export interface NewEvent {
  /** Dotted, what happened: `baremetal.node.provision_state`, `orchestration.stack.created`. */
  readonly kind: string;
  /** What it happened to: `node:UUID`, `stack:UUID`, `operation:UUID`. */
  readonly subject: string;
  readonly projectId?: string | null;
  readonly requestId?: string | null;
  readonly operationId?: string | null;
  readonly payload?: unknown;
}

export async function appendEvent(tx: Transaction, event: NewEvent): Promise<void> {
  await appending([event]).execute(tx);
}

const forgetAtOnce = 5_000;

/** Deletes the events from before this time; how many. */
export async function forgetEvents(database: Database, before: Date): Promise<number> {
  let count = 0;
  for (;;) {
    const { numAffectedRows = 0n } = await sql`
      delete from events where id in (select id from events order by id limit ${forgetAtOnce}) and at < ${before}`.execute(
      database,
    );
    count += Number(numAffectedRows);
    if (numAffectedRows < forgetAtOnce) return count;
  }
}

/** The statement alone, for one that makes the change and tells of it at once: with `where`, of nothing where that is not so. */
export function appending(events: readonly NewEvent[], where = sql`true`): RawBuilder<unknown> {
  const rows = events.map(
    ({ kind, subject, projectId = null, requestId = null, operationId = null, payload = {} }) =>
      sql`(${kind}, ${subject}, ${projectId}, ${requestId}, ${operationId}::uuid, ${JSON.stringify(payload)}::jsonb)`,
  );
  return sql`insert into events (kind, subject, project_id, request_id, operation_id, payload)
    select * from (values ${sql.join(rows)}) as told where ${where}`;
}
