// The durable operation on one resource: create, update or delete by its type, then on with the stack.
import type { Database, Transaction } from '../../database/index.ts';
import { type Json, OperationFailed, type OperationKind } from '../../operations/index.ts';
import type { Existing, ResourceState } from '../resources/live/contract.ts';
import { type ResourceRow, type StackRow, stackTables } from '../stack/store.ts';
import type { ApplyDependencies } from './dependencies.ts';
import { placeOf } from './place.ts';
import { type ResourceWork, record } from './record.ts';
import { plainMap } from './work.ts';

const longestMs = 24 * 3_600_000;

export function resourceOperation(deps: ApplyDependencies, database: Database): OperationKind {
  /** Operations whose end is the first since the last round of their apply: they wake it, the others ride along. */
  const waking = new Set<string>();
  return {
    deadlineMs: longestMs,
    handler: async (context, input) => {
      const { resourceId, action } = workOf(input);
      const { row, stack, root } = await rowsOf(database, resourceId);
      const live = deps.live.get(String(row.data.implementation ?? row.type));
      if (live?.kind !== 'durable')
        throw new OperationFailed(
          `resource type ${row.type} cannot be worked on by this server`,
          'Start the version of the program that made it.',
        );
      const place = placeOf(root, stack, row);
      const before: Existing = {
        physicalId: row.physical_id ?? '',
        attributes: row.attributes,
        properties: action === 'delete' ? row.properties : plainMap(row.data.applied ?? {}),
        data: row.data,
      };
      if (action === 'delete') {
        await live.delete(context, place, before);
        return null;
      }
      const state =
        action === 'update' && live.update
          ? await live.update(context, place, row.properties, before)
          : await live.create(context, place, row.properties);
      return stateAsJson(state);
    },
    settle: async (tx, operation, outcome) => {
      if (await record(tx, operation, workOf(operation.input), outcome)) waking.add(operation.id);
    },
    ended: async (operation) => {
      if (waking.delete(operation.id))
        await deps.operations.send(workOf(operation.input).applyId, 'progress', operation.state);
    },
  };
}

async function rowsOf(
  database: Database | Transaction,
  id: string,
): Promise<{ row: ResourceRow; stack: StackRow; root: StackRow }> {
  const row = await stackTables(database).selectFrom('resources').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new OperationFailed(`resource ${id} is gone`, 'Nothing is left to do.');
  const find = (stackId: string) =>
    stackTables(database).selectFrom('stacks').selectAll().where('id', '=', stackId).executeTakeFirstOrThrow();
  return { row, stack: await find(row.stack_id), root: await find(row.root_id) };
}

function workOf(input: Json): ResourceWork {
  const map = plainMap(input);
  const action = map.action === 'create' || map.action === 'update' ? map.action : 'delete';
  return {
    rootId: String(map.rootId),
    applyId: String(map.applyId),
    resourceId: String(map.resourceId),
    path: String(map.path),
    action,
  };
}

function stateAsJson({ physicalId, attributes, data = {} }: ResourceState): Json {
  return JSON.parse(JSON.stringify({ physicalId, attributes, data }));
}
