// Takes a signal to a resource: a deployment's result, a wait condition's news.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import type { Operations } from '../../operations/index.ts';
import { withCleared } from '../apply/hooks.ts';
import { eventOf, writeEvents } from '../apply/work.ts';
import { errors } from '../errors.ts';
import type { LiveType } from '../resources/live/contract.ts';
import { lockRoot, type ResourceRow, stackTables } from '../stack/store.ts';
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
  if (typeof details.unset_hook === 'string') {
    await clearHook(database, operations, found, details.unset_hook);
    return '';
  }
  const type = String(found.data.implementation ?? found.type);
  if (/Deployment$/.test(type)) {
    await takeSignal(database, operations, found.physical_id ?? id, details);
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

/** Lets a resource go on that is held at a breakpoint of the environment. */
async function clearHook(database: Database, operations: Operations, found: ResourceRow, hook: string): Promise<void> {
  const applyId = await database.transaction().execute(async (tx) => {
    const root = await lockRoot(tx, found.root_id);
    const held = await sql`update stack_vertices set state = 'waiting', reason = null
      where root_id = ${root.id} and path = ${found.path} and state = 'running' and operation_id is null and reason = ${hook}
      returning path`.execute(tx);
    if (held.rows.length === 0) throw errors.HookNotSet(hook, found.name);
    const cleared = withCleared(found.data, hook, root.operation_id);
    await sql`update resources set data = ${JSON.stringify(cleared)}::jsonb where id = ${found.id}`.execute(tx);
    await sql`update stacks set stirred = true where id = ${root.id}`.execute(tx);
    await writeEvents(tx, root, [eventOf(found, found.action, found.status, `Hook ${hook} is cleared`)]);
    return root.operation_id;
  });
  if (applyId) await operations.send(applyId, 'progress', hook);
}
