// Snapshots, exports and the abandoning of stacks: what a stack is, written down; what is on its machines' disks is not in it.
import { randomUUID } from 'node:crypto';
import { type Generated, type Selectable, sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import type { Caller } from '../../openstack/index.ts';
import { writeEvents } from '../apply/work.ts';
import { errors } from '../errors.ts';
import type { StackService } from '../service.ts';
import { exportOf } from '../stack/export.ts';
import {
  inputsOf,
  lockRoot,
  type PlainMap,
  resourcesOfTree,
  type StackRow,
  stacksOfTree,
  stackTables,
} from '../stack/store.ts';

type SnapshotsTable = {
  id: string;
  stack_id: string;
  name: string | null;
  generation: number;
  data: PlainMap;
  creation_time: Generated<Date>;
};
export type SnapshotRow = Selectable<SnapshotsTable>;

export interface Snapshots {
  export(stack: StackRow): Promise<PlainMap>;
  /** Lets go of the stack: it is gone, what it had stays. Answers its export. */
  abandon(stack: StackRow): Promise<PlainMap>;
  create(stack: StackRow, name: string | null): Promise<SnapshotRow>;
  list(stack: StackRow): Promise<SnapshotRow[]>;
  /** @throws ApiError */
  get(stack: StackRow, id: string): Promise<SnapshotRow>;
  remove(stack: StackRow, id: string): Promise<void>;
  /** Moves the stack to the inputs that it had at the snapshot. */
  restore(caller: Caller, stack: StackRow, id: string): Promise<void>;
}

export function createSnapshots(database: Database, service: StackService): Snapshots {
  const tables = database.withTables<{ stack_snapshots: SnapshotsTable }>();

  async function exported(stack: StackRow): Promise<PlainMap> {
    if (stack.parent_id !== null) throw errors.NotSupported('Exporting a stack that is part of another one');
    const inputs = await inputsOf(database, stack.id, stack.generation);
    if (!inputs) throw errors.EntityNotFound('Stack', stack.name);
    const { graph } = await service.graph(stack);
    const stacks = (await stacksOfTree(database, stack.id)).filter((row) => row.deletion_time === null);
    return exportOf(stack, { graph, inputs, stacks, resources: await resourcesOfTree(database, stack.id) });
  }

  async function get(stack: StackRow, id: string): Promise<SnapshotRow> {
    const row = await tables
      .selectFrom('stack_snapshots')
      .selectAll()
      .where(sql<boolean>`id::text = ${id}`)
      .where('stack_id', '=', stack.id)
      .executeTakeFirst();
    if (!row) throw errors.EntityNotFound('Snapshot', id);
    return row;
  }

  return {
    export: exported,
    get,
    async abandon(stack) {
      const document = await exported(stack);
      await database.transaction().execute(async (tx) => {
        const root = await lockRoot(tx, stack.id);
        if (root.status === 'IN_PROGRESS') throw errors.ActionInProgress(stack.name, root.action);
        if (root.generation !== stack.generation) throw errors.StackMoved(stack.name);
        await sql`delete from resources where root_id = ${stack.id}`.execute(tx);
        await sql`delete from stack_vertices where root_id = ${stack.id}`.execute(tx);
        const reason = 'Stack DELETE completed successfully';
        await stackTables(tx)
          .updateTable('stacks')
          .set({ action: 'DELETE', status: 'COMPLETE', status_reason: reason, deletion_time: new Date() })
          .where('root_id', '=', stack.id)
          .where('deletion_time', 'is', null)
          .execute();
        await writeEvents(tx, root, [eventOf(root, 'DELETE', `${reason}: what it had was left as it is`)]);
      });
      return document;
    },
    async create(stack, name) {
      const data = await exported(stack);
      return database.transaction().execute(async (tx) => {
        const root = await lockRoot(tx, stack.id);
        if (root.status === 'IN_PROGRESS') throw errors.ActionInProgress(stack.name, root.action);
        if (root.status === 'FAILED')
          throw errors.NotSupported(`A snapshot of a stack in ${root.action}_${root.status}`);
        if (root.generation !== stack.generation) throw errors.StackMoved(stack.name);
        const reason = 'Stack SNAPSHOT completed successfully';
        await stackTables(tx)
          .updateTable('stacks')
          .set({ action: 'SNAPSHOT', status: 'COMPLETE', status_reason: reason })
          .where('id', '=', stack.id)
          .execute();
        await writeEvents(tx, root, [eventOf(root, 'SNAPSHOT', reason)]);
        return tx
          .withTables<{ stack_snapshots: SnapshotsTable }>()
          .insertInto('stack_snapshots')
          .values({
            id: randomUUID(),
            stack_id: stack.id,
            name,
            generation: root.generation,
            data: sql`${JSON.stringify(data)}::jsonb`,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
      });
    },
    list: (stack) =>
      tables
        .selectFrom('stack_snapshots')
        .selectAll()
        .where('stack_id', '=', stack.id)
        .orderBy('creation_time')
        .orderBy('id')
        .execute(),
    async remove(stack, id) {
      await get(stack, id);
      await tables.deleteFrom('stack_snapshots').where(sql<boolean>`id::text = ${id}`).execute();
    },
    async restore(caller, stack, id) {
      const { generation } = await get(stack, id);
      const inputs = await inputsOf(database, stack.id, generation);
      if (!inputs) throw errors.EntityNotFound('Snapshot', id);
      await service.update(caller, stack, inputs, {}, 'RESTORE');
    },
  };
}

function eventOf(root: StackRow, action: string, reason: string) {
  return {
    stackId: root.id,
    name: root.name,
    type: 'OS::Heat::Stack',
    physicalId: root.id,
    action,
    status: 'COMPLETE',
    reason,
    properties: {},
  };
}
