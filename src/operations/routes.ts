// The operations API on one page: list, show, steps, resume, cancel.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Database } from '../database/index.ts';
import { type Api, catalogue, empty, errorsFault, fault, json, route } from '../openstack/index.ts';
import { type Operation, type Operations, operationStates } from './operation.ts';

export const errors = catalogue({
  OperationNotFound: fault(
    404,
    (id: string) => `Operation ${id} could not be found.`,
    'List them with: undercloud status',
  ),
  OperationNotOpen: fault(
    409,
    (id: string, state: string) => `Operation ${id} is ${state}.`,
    'Only a parked or failed operation can be resumed, only an open one cancelled.',
  ),
});

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function view(operation: Operation) {
  return {
    id: operation.id,
    kind: operation.kind,
    target: operation.target,
    project_id: operation.projectId,
    requested_by: operation.requestedBy,
    request_id: operation.requestId,
    parent_id: operation.parentId,
    state: operation.state,
    reason: operation.reason,
    progress: operation.progress,
    deadline_at: operation.deadlineAt,
    failure: operation.failure,
    result: operation.result,
    epoch: operation.epoch,
    created_at: operation.createdAt,
    started_at: operation.startedAt,
    updated_at: operation.updatedAt,
    finished_at: operation.finishedAt,
  };
}

/** Operations of the caller's project; with system scope or the admin role, all. */
export function operationsApi(operations: Operations, database: Database): Api {
  const find = async (id: string): Promise<Operation> => {
    const operation = uuid.test(id) ? await operations.get(id) : undefined;
    if (!operation) throw errors.OperationNotFound(id);
    return operation;
  };
  return {
    service: 'operations',
    path: '/operations',
    policy: {
      'operations:list': 'role:reader',
      'operations:get': 'role:admin or (role:reader and project_id:%(project_id)s)',
      'operations:change': 'role:admin or (role:member and project_id:%(project_id)s)',
    },
    renderFault: errorsFault,
    routes: [
      route({
        method: 'GET',
        path: '',
        policy: 'operations:list',
        summary: 'Lists operations, the newest first',
        query: Type.Object({
          target: Type.Optional(Type.String()),
          kind: Type.Optional(Type.String()),
          parent_id: Type.Optional(Type.String({ pattern: uuid.source })),
          state: Type.Optional(Type.Union(operationStates.map((state) => Type.Literal(state)))),
          limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,3}$' })),
        }),
        handler: async ({ query, context, may }) => {
          const all = may('operations:get', { project_id: undefined });
          const rows = await operations.list({
            ...(query.target === undefined ? {} : { target: query.target }),
            ...(query.kind === undefined ? {} : { kind: query.kind }),
            ...(query.parent_id === undefined ? {} : { parentId: query.parent_id }),
            ...(query.state === undefined ? {} : { states: [query.state] }),
            ...(query.limit === undefined ? {} : { limit: Number(query.limit) }),
            ...(all ? {} : { projectId: context.caller.projectId ?? '' }),
          });
          return json({ operations: rows.map(view) });
        },
      }),
      route({
        method: 'GET',
        path: '/:id',
        policy: 'operations:list',
        summary: 'Shows an operation with its steps and their times',
        handler: async ({ params, enforce }) => {
          const operation = await find(params.id ?? '');
          enforce('operations:get', { project_id: operation.projectId });
          const steps =
            await sql`select epoch, number, name, started_at, finished_at from operation_steps where operation_id = ${operation.id} order by epoch, number`.execute(
              database,
            );
          return json({ operation: { ...view(operation), steps: steps.rows } });
        },
      }),
      route({
        method: 'POST',
        path: '/:id/resume',
        policy: 'operations:list',
        summary: 'Runs a parked or failed operation again',
        handler: async ({ params, enforce }) => {
          const operation = await find(params.id ?? '');
          enforce('operations:change', { project_id: operation.projectId });
          if (operation.state !== 'parked' && operation.state !== 'failed')
            throw errors.OperationNotOpen(operation.id, operation.state);
          await operations.resume(operation.id);
          return empty(202);
        },
      }),
      route({
        method: 'POST',
        path: '/:id/cancel',
        policy: 'operations:list',
        summary: 'Ends an operation at its next step',
        handler: async ({ params, enforce, context }) => {
          const operation = await find(params.id ?? '');
          enforce('operations:change', { project_id: operation.projectId });
          if (operation.finishedAt !== null) throw errors.OperationNotOpen(operation.id, operation.state);
          await operations.cancel(operation.id, `cancelled by ${context.caller.userName ?? context.caller.userId}`);
          return empty(202);
        },
      }),
    ],
  };
}
