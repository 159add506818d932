// Records how the work on one resource has ended; the apply takes it from there.
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import type { Operation, Outcome } from '../../operations/index.ts';
import { type ResourceRow, stackTables } from '../stack/store.ts';
import { hookOf, pausedReason, stopsAt } from './hooks.ts';
import { eventOf, plainMap, writeEvents } from './work.ts';

export const resourceActions = ['create', 'update', 'delete', 'check', 'suspend', 'resume', 'adopt'] as const;
export type ResourceAction = (typeof resourceActions)[number];

export interface ResourceWork {
  readonly rootId: string;
  readonly applyId: string;
  readonly resourceId: string;
  readonly path: string;
  readonly action: ResourceAction;
}

/**
 * Writes the one vertex and the one resource, so that its cost does not grow with the stack. What a create has made is
 * kept also when the apply has been overtaken meanwhile: whoever deletes it must know it. True: nobody has woken the apply since its last round.
 */
export async function record(
  tx: Transaction,
  operation: Operation,
  { rootId, applyId, resourceId, action }: ResourceWork,
  outcome: Outcome,
): Promise<boolean> {
  // First the row that a round holds, in its order. Locked even when others have stirred the stack before: a round that has
  // begun without this result must end before it is written, so that the next one is asked for.
  const root = await stackTables(tx)
    .selectFrom('stacks')
    .selectAll()
    .where('id', '=', rootId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  const wakes = root !== undefined && root.operation_id === applyId && !root.stirred;
  if (wakes) await stackTables(tx).updateTable('stacks').set({ stirred: true }).where('id', '=', rootId).execute();
  const verb = action.toUpperCase();
  const row = await stackTables(tx)
    .selectFrom('resources')
    .selectAll()
    .where('id', '=', resourceId)
    .where('action', '=', verb)
    .where('status', '=', 'IN_PROGRESS')
    .forUpdate()
    .executeTakeFirst();
  const reason = outcome.state === 'done' ? null : reasonOf(outcome);
  const state = outcome.state === 'done' ? 'done' : outcome.state === 'parked' ? 'parked' : 'failed';
  const after = row && (outcome.state === 'done' ? changed(row, outcome.result) : row);
  const hook = hookOf('post', verb);
  const held = outcome.state === 'done' && row !== undefined && stopsAt(row.data, hook, applyId) ? hook : undefined;
  await sql`update stack_vertices set state = ${held ? 'running' : state}, reason = ${held ?? reason},
      operation_id = case when ${held !== undefined} then null else operation_id end
    where root_id = ${rootId} and operation_id = ${operation.id}`.execute(tx);
  if (!row || !after || !root) return wakes;
  const status = outcome.state === 'done' ? 'COMPLETE' : 'FAILED';
  if (outcome.state === 'done' && action === 'delete' && !held)
    await stackTables(tx).deleteFrom('resources').where('id', '=', row.id).execute();
  else
    await stackTables(tx)
      .updateTable('resources')
      .set({
        status,
        status_reason: reason ?? 'state changed',
        physical_id: after.physical_id,
        attributes: sql`${JSON.stringify(after.attributes)}::jsonb`,
        data: sql`${JSON.stringify(after.data)}::jsonb`,
        updated_time: new Date(),
      })
      .where('id', '=', row.id)
      .execute();
  const event = eventOf(after, verb, status, reason ?? 'state changed');
  await writeEvents(tx, root, held ? [event, { ...event, reason: pausedReason(verb, held) }] : [event]);
  return wakes;
}

function reasonOf({ failure: { cause, hint } }: Exclude<Outcome, { state: 'done' }>): string {
  return `${cause}${hint === '' ? '' : ` (${hint})`}`;
}

function changed(row: ResourceRow, value: unknown): ResourceRow {
  const { applied: _previous, adopt: _adopted, ...data } = row.data;
  const result = plainMap(value);
  return {
    ...row,
    physical_id: String(result.physicalId ?? ''),
    attributes: plainMap(result.attributes),
    data: { ...data, ...plainMap(result.data) },
  };
}
