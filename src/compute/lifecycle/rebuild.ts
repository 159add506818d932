// The operation `server.rebuild`: write an image anew on the machine that the server has.
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import {
  type Json,
  type Operation,
  type OperationContext,
  OperationFailed,
  type OperationKind,
  OperationParked,
  type Outcome,
} from '../../operations/index.ts';
import { finishAction } from '../action/store.ts';
import type { ComputeParts } from '../parts.ts';
import { powerStates } from '../server/server.ts';
import { changeServer, faultOf, findServer } from '../server/store.ts';
import { flagOf, serverIdOf } from './input.ts';
import { orderOf } from './order.ts';

export function rebuildOperation(parts: ComputeParts): OperationKind {
  return {
    deadlineMs: 2 * 60 * 60_000,
    handler: (context, input) => rebuild(parts, context, input),
    settle: (tx, operation, outcome) => settle(tx, operation, outcome),
  };
}

async function rebuild(parts: ComputeParts, context: OperationContext, input: Json): Promise<Json> {
  const serverId = serverIdOf(input);
  const started = await context.step('start the rebuild', async () => {
    const found = await findServer(parts.database, serverId);
    const nodeUuid = found?.server.node_uuid ?? null;
    if (nodeUuid === null) throw new OperationFailed('the server has no machine', 'Delete it and create it again.');
    const order = { ...(await orderOf(parts, serverId)), keepEphemeral: flagOf(input, 'preserve_ephemeral') };
    const behalf = { parentId: context.operation.id, requestedBy: context.operation.requestedBy };
    return parts.database.transaction().execute((tx) => parts.machines.rebuild(tx, nodeUuid, order, behalf));
  });
  const end = await context.outcomeOf(started, 'the machine is being rebuilt');
  if (end.state !== 'done')
    throw new OperationParked(`The machine could not be rebuilt. ${end.failure.cause}`, end.failure.hint);
  return null;
}

async function settle(tx: Transaction, operation: Operation, outcome: Outcome): Promise<void> {
  await finishAction(tx, operation.id, outcome);
  const change =
    outcome.state === 'done'
      ? {
          vm_state: 'active' as const,
          task_state: null,
          power_state: powerStates.running,
          fault: null,
          launched_at: sql<Date>`now()`,
        }
      : {
          vm_state: 'error' as const,
          task_state: null,
          fault: faultOf(outcome.failure.cause, outcome.failure.hint),
        };
  await changeServer(tx, serverIdOf(operation.input), change, operation.id);
}
