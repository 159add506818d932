// What was done to servers: one row for each request that changes one, kept after the server is gone.
import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import type { Caller } from '../../openstack/index.ts';
import type { Outcome } from '../../operations/index.ts';
import { type InstanceActionRow, inTables, tables } from '../tables.ts';

export interface NewAction {
  readonly serverId: string;
  /** Nova's name: create, delete, start, stop, reboot, rebuild. */
  readonly action: string;
  readonly caller: Caller;
  readonly requestId: string;
  readonly operationId?: string;
}

/** An action without an operation is over as soon as it is written. */
export async function recordAction(tx: Transaction, action: NewAction): Promise<void> {
  const over = action.operationId === undefined;
  await inTables(tx)
    .insertInto('compute_instance_actions')
    .values({
      server_id: action.serverId,
      request_id: action.requestId,
      action: action.action,
      user_id: action.caller.userId,
      project_id: action.caller.projectId ?? '',
      operation_id: action.operationId ?? null,
      message: null,
      finished_at: over ? sql<Date>`now()` : null,
      result: over ? 'Success' : null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Closes the action of an operation that has ended; one that is resumed later opens it again by ending once more. */
export async function finishAction(tx: Transaction, operationId: string, outcome: Outcome): Promise<void> {
  await inTables(tx)
    .updateTable('compute_instance_actions')
    .set({
      finished_at: sql<Date>`now()`,
      updated_at: sql<Date>`now()`,
      result: outcome.state === 'done' ? 'Success' : 'Error',
      message: outcome.state === 'done' ? null : outcome.failure.cause,
    })
    .where('operation_id', '=', operationId)
    .execute();
}

export function listActions(database: Database, serverId: string): Promise<InstanceActionRow[]> {
  return tables(database)
    .selectFrom('compute_instance_actions')
    .selectAll()
    .where('server_id', '=', serverId)
    .orderBy('started_at', 'desc')
    .execute();
}
