// Takes a signal to a resource: a deployment's result, a wait condition's news.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import type { Operations } from '../../operations/index.ts';
import { errors } from '../errors.ts';
import type { LiveType } from '../resources/live/contract.ts';
import { lockRoot, stackTables } from '../stack/store.ts';
import { takeSignal } from './signal.ts';

export interface SignalDependencies {
  readonly database: Database;
  readonly operations: Operations;
  readonly live: ReadonlyMap<string, LiveType>;
}

/** What the signaller is told; undefined when there is no such resource. */
export async function signalResource(
  { database, operations, live }: SignalDependencies,
  id: string,
  details: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const found = await stackTables(database).selectFrom('resources').selectAll().where('id', '=', id).executeTakeFirst();
  if (!found) return undefined;
  const type = String(found.data.implementation ?? found.type);
  if (/Deployment$/.test(type)) {
    await takeSignal(database, operations, id, details);
    return '';
  }
  const signal = live.get(type)?.signal;
  if (!signal) throw errors.NotSignalable(found.name);
  const answer = await database.transaction().execute(async (tx) => {
    // A round of the stack may be writing this row.
    await lockRoot(tx, found.root_id);
    const row = await stackTables(tx)
      .selectFrom('resources')
      .select('metadata')
      .where('id', '=', id)
      .executeTakeFirst();
    const taken = signal(row?.metadata ?? {}, details);
    await stackTables(tx)
      .updateTable('resources')
      .set({ metadata: sql`${JSON.stringify(taken.metadata)}::jsonb` })
      .where('id', '=', id)
      .execute();
    return taken.answer;
  });
  const waiting = await sql<{ id: string }>`select operation_id as id from stack_vertices v
    join resources r on r.root_id = v.root_id and r.path = v.path
    where v.root_id = ${found.root_id} and v.state = 'running' and v.operation_id is not null
      and r.properties->>'handle' = ${found.physical_id}`.execute(database);
  for (const operation of waiting.rows) await operations.send(operation.id, 'signal', { resource: id });
  return answer;
}
