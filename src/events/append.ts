// Appends an event to the log, inside the transaction that makes the change.
import { type RawBuilder, sql } from 'kysely';
import type { Transaction } from '../database/index.ts';

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

/** The statement alone, for one that makes the change and tells of it at once: with `where`, of nothing where that is not so. */
export function appending(events: readonly NewEvent[], where = sql`true`): RawBuilder<unknown> {
  const rows = events.map(
    ({ kind, subject, projectId = null, requestId = null, operationId = null, payload = {} }) =>
      sql`(${kind}, ${subject}, ${projectId}, ${requestId}, ${operationId}::uuid, ${JSON.stringify(payload)}::jsonb)`,
  );
  return sql`insert into events (kind, subject, project_id, request_id, operation_id, payload)
    select * from (values ${sql.join(rows)}) as told where ${where}`;
}
