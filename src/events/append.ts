// Appends an event to the log, inside the transaction that makes the change.
import { sql } from 'kysely';
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
  await sql`insert into events (kind, subject, project_id, request_id, operation_id, payload) values
    (${event.kind}, ${event.subject}, ${event.projectId ?? null}, ${event.requestId ?? null}, ${event.operationId ?? null}, ${JSON.stringify(event.payload ?? {})})`.execute(
    tx,
  );
}
