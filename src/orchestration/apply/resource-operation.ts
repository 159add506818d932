// The durable operation on one resource: create, update or delete by its type, then on with the stack.
import type { Database, Transaction } from '../../database/index.ts';
import {
  type Json,
  type Operation,
  OperationFailed,
  type OperationKind,
  type Outcome,
} from '../../operations/index.ts';
import type { Existing, ResourceState } from '../resources/live/contract.ts';
import { type ResourceRow, type StackRow, stackTables } from '../stack/store.ts';
import { type ApplyDependencies, advance, placeOf } from './advance.ts';
import { plainMap, vertexKey, type Work } from './work.ts';

interface Input {
  readonly rootId: string;
  readonly applyId: string;
  readonly resourceId: string;
  readonly path: string;
  readonly action: 'create' | 'update' | 'delete';
}

const longestMs = 24 * 3_600_000;

export function resourceOperation(deps: ApplyDependencies, database: Database): OperationKind {
  return {
    deadlineMs: longestMs,
    handler: async (context, input) => {
      const { resourceId, action } = inputOf(input);
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
      const input = inputOf(operation.input);
      await advance(deps, tx, input.rootId, input.applyId, (work) => record(work, operation, input, outcome));
    },
    ended: (operation) => tellApply(deps, database, operation),
  };
}

/** Wakes the apply when its stack has come to an end; it would also find out by itself, later. */
async function tellApply(deps: ApplyDependencies, database: Database, operation: Operation): Promise<void> {
  const { rootId, applyId } = inputOf(operation.input);
  const root = await stackTables(database)
    .selectFrom('stacks')
    .select('status')
    .where('id', '=', rootId)
    .executeTakeFirst();
  if (root?.status !== 'IN_PROGRESS') await deps.operations.send(applyId, 'progress', operation.state);
}

function record(work: Work, operation: Operation, { path, action, resourceId }: Input, outcome: Outcome): void {
  const vertex = work.vertices.get(vertexKey(action === 'delete' ? 'delete' : 'converge', path));
  const row = [...work.resources.values()].find((one) => one.id === resourceId);
  if (!vertex || !row || vertex.operationId !== operation.id) return;
  const verb = action.toUpperCase();
  const tell = (changed: ResourceRow, status: string, reason: string) =>
    work.event({
      stackId: changed.stack_id,
      name: changed.name,
      type: changed.type,
      physicalId: changed.physical_id,
      action: verb,
      status,
      reason,
      properties: {},
    });
  if (outcome.state !== 'done') {
    const reason = `${outcome.failure.cause}${outcome.failure.hint === '' ? '' : ` (${outcome.failure.hint})`}`;
    Object.assign(vertex, { state: outcome.state === 'parked' ? 'parked' : 'failed', reason });
    work.touchVertex(vertex);
    const failed = { ...row, action: verb, status: 'FAILED', status_reason: reason, updated_time: new Date() };
    work.putResource(failed);
    tell(failed, 'FAILED', reason);
    return;
  }
  vertex.state = 'done';
  work.touchVertex(vertex);
  if (action === 'delete') {
    tell(row, 'COMPLETE', 'state changed');
    work.removeResource(row.path);
    return;
  }
  const { applied: _previous, ...data } = row.data;
  const result = plainMap(outcome.result);
  const complete = {
    ...row,
    action: verb,
    status: 'COMPLETE',
    status_reason: 'state changed',
    physical_id: String(result.physicalId ?? ''),
    attributes: plainMap(result.attributes),
    data: { ...data, ...plainMap(result.data) },
    updated_time: new Date(),
  };
  work.putResource(complete);
  tell(complete, 'COMPLETE', 'state changed');
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

function inputOf(input: Json): Input {
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
