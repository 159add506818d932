// The durable operation on one resource: create, update or delete by its type, then on with the stack.
import type { Database, Transaction } from '../../database/index.ts';
import { type Json, type OperationContext, OperationFailed, type OperationKind } from '../../operations/index.ts';
import type { DurableType, Existing, ResourcePlace, ResourceState } from '../resources/live/contract.ts';
import { type ResourceRow, type StackRow, stackTables } from '../stack/store.ts';
import { adoptedOf } from './adopted.ts';
import type { ApplyDependencies } from './dependencies.ts';
import { placeOf } from './place.ts';
import { type ResourceAction, type ResourceWork, record, resourceActions } from './record.ts';
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
        properties: action === 'update' ? plainMap(row.data.applied ?? {}) : row.properties,
        data: row.data,
      };
      const state = await act(live, context, place, action, row, before);
      if (state === null) return null;
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

async function act(
  live: DurableType,
  context: OperationContext,
  place: ResourcePlace,
  action: ResourceAction,
  row: ResourceRow,
  before: Existing,
): Promise<ResourceState | null> {
  switch (action) {
    case 'create':
      return live.create(context, place, row.properties);
    case 'update':
      return (
        (await live.update?.(context, place, row.properties, before)) ?? live.create(context, place, row.properties)
      );
    case 'delete':
      await live.delete(context, place, before);
      return null;
    case 'adopt':
      // Its id is kept apart from the row until the check has found that it may be had.
      return (await live.check?.(context, place, { ...before, ...adoptedOf(row) })) ?? null;
    case 'check':
    case 'suspend':
    case 'resume':
      return (await live[action]?.(context, place, before)) ?? before;
  }
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
  const action = resourceActions.find((one) => one === map.action);
  if (!action) throw new TypeError(`there is no resource action ${String(map.action)}`);
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
