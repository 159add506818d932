// The operation `server.delete`: stop what runs, take the instance off its machine, free everything, forget the server.
import type { Transaction } from '../../database/index.ts';
import {
  type Json,
  type Operation,
  type OperationContext,
  type OperationKind,
  OperationParked,
  type Outcome,
} from '../../operations/index.ts';
import { finishAction } from '../action/store.ts';
import type { ComputeParts } from '../parts.ts';
import { changeServer, faultOf, findServer, lockServer, removeServer } from '../server/store.ts';
import { detachNetworks } from './attach.ts';
import { serverIdOf } from './input.ts';

const letGoPollMs = 2_000;

export function deleteOperation(parts: ComputeParts): OperationKind {
  return {
    deadlineMs: 2 * 60 * 60_000,
    handler: (context, input) => remove(parts, context, serverIdOf(input)),
    settle: (tx, operation, outcome) => settle(tx, operation, outcome),
  };
}

async function remove(parts: ComputeParts, context: OperationContext, serverId: string): Promise<Json> {
  const open = await context.step('stop what runs', () => cancelOpen(parts, serverId));
  for (const id of open) await context.outcomeOf(id, 'waiting for the running operation to stop');
  const started = await context.step('start the removal', async () => {
    const found = await findServer(parts.database, serverId);
    const nodeUuid = found?.server.node_uuid ?? null;
    if (nodeUuid === null) return null;
    const behalf = { parentId: context.operation.id, requestedBy: context.operation.requestedBy };
    const begun = await parts.database
      .transaction()
      .execute((tx) => parts.machines.undeploy(tx, nodeUuid, serverId, behalf));
    await begun?.afterCommit();
    return begun?.operationId ?? null;
  });
  if (started !== null) await untilLetGo(parts, context, serverId, started);
  await context.step('free everything', () => free(parts, context, serverId));
  return null;
}

/** Operations that bare metal runs for this server's unfinished build go first: they hold the machine. */
async function cancelOpen({ operations }: ComputeParts, serverId: string): Promise<string[]> {
  const builds = await operations.list({ target: `server:${serverId}` });
  const children: string[] = [];
  for (const { id, kind } of builds) {
    if (kind === 'server.delete') continue;
    const open = await operations.list({ parentId: id, states: ['queued', 'running', 'waiting'] });
    for (const child of open) {
      await operations.cancel(child.id, 'the server is being deleted');
      children.push(child.id);
    }
  }
  return children;
}

/** The machine forgets the server before it is cleaned, which is its own affair and may take long. */
async function untilLetGo(parts: ComputeParts, context: OperationContext, serverId: string, removal: string) {
  const reason = 'the machine is being cleared';
  for (;;) {
    const { letGo, failure } = await context.step(
      'look at the machine',
      async () =>
        (await isLetGo(parts, serverId))
          ? { letGo: true, failure: null }
          : { letGo: false, failure: (await parts.operations.get(removal))?.failure ?? null },
      { reason },
    );
    if (letGo) return;
    if (failure) throw new OperationParked(`The machine could not be cleared. ${failure.cause}`, failure.hint);
    await context.waitFor<Json>(`child:${removal}`, { reason, timeoutMs: letGoPollMs });
  }
}

async function isLetGo({ database, machines }: ComputeParts, serverId: string): Promise<boolean> {
  const found = await findServer(database, serverId);
  const nodeUuid = found?.server.node_uuid ?? null;
  const machine = nodeUuid === null ? undefined : await machines.get(nodeUuid);
  return machine?.instanceUuid !== serverId;
}

async function free(parts: ComputeParts, context: OperationContext, serverId: string): Promise<null> {
  await parts.database.transaction().execute(async (tx) => {
    const server = await lockServer(tx, serverId);
    if (!server) return;
    await parts.placement.release(tx, serverId);
    await detachNetworks(parts, tx, serverId);
    await removeServer(tx, server, context.operation.id);
  });
  return null;
}

async function settle(tx: Transaction, operation: Operation, outcome: Outcome): Promise<void> {
  await finishAction(tx, operation.id, outcome);
  if (outcome.state === 'done') return;
  const { cause, hint } = outcome.failure;
  const change = { vm_state: 'error', task_state: null, fault: faultOf(cause, hint) } as const;
  await changeServer(tx, serverIdOf(operation.input), change, operation.id);
}
