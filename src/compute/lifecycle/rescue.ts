// The operations `server.rescue` and `server.unrescue`: a ramdisk to log in to on the server's machine, and back.
import { type Json, type OperationContext, OperationFailed, type OperationKind } from '../../operations/index.ts';
import { finishAction } from '../action/store.ts';
import type { ComputeParts } from '../parts.ts';
import { powerStates, type VmState } from '../server/server.ts';
import { changeServer, faultOf, findServer } from '../server/store.ts';
import { serverIdOf } from './input.ts';

/** The request that starts it has asked the machine already. */
export function rescueOperation(parts: ComputeParts): OperationKind {
  return operation('rescued', 'the rescue ramdisk is starting', (context) =>
    context.step('find what the machine was asked', async () => {
      const [asked] = await parts.operations.list({ parentId: context.operation.id });
      if (!asked) throw new OperationFailed('the machine was asked for no rescue', 'Ask for it again.');
      return asked.id;
    }),
  );
}

export function unrescueOperation(parts: ComputeParts): OperationKind {
  return operation('active', 'the server is starting again', (context, input) =>
    context.step('start its own system again', async () => {
      const nodeUuid = (await findServer(parts.database, serverIdOf(input)))?.server.node_uuid ?? null;
      if (nodeUuid === null) throw new OperationFailed('the server has no machine', 'Delete it and create it again.');
      const behalf = { parentId: context.operation.id, requestedBy: context.operation.requestedBy };
      return parts.database.transaction().execute((tx) => parts.machines.unrescue(tx, nodeUuid, behalf));
    }),
  );
}

/** Waits for what bare metal does; a server whose machine failed on the way is in ERROR. */
function operation(
  to: VmState,
  reason: string,
  start: (context: OperationContext, input: Json) => Promise<string>,
): OperationKind {
  return {
    deadlineMs: 2 * 60 * 60_000,
    async handler(context, input) {
      const end = await context.outcomeOf(await start(context, input), reason);
      if (end.state !== 'done') throw new OperationFailed(end.failure.cause, end.failure.hint);
      return null;
    },
    async settle(tx, { id, input }, outcome) {
      await finishAction(tx, id, outcome);
      const change =
        outcome.state === 'done'
          ? { vm_state: to, power_state: powerStates.running, fault: null }
          : { vm_state: 'error' as const, fault: faultOf(outcome.failure.cause, outcome.failure.hint) };
      await changeServer(tx, serverIdOf(input), { ...change, task_state: null }, id);
    },
  };
}
