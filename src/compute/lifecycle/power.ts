// The operation `server.power`: start, stop and reboot a server's machine.
import type { Transaction } from '../../database/index.ts';
import {
  type Json,
  type Operation,
  type OperationContext,
  OperationFailed,
  type OperationKind,
  type Outcome,
} from '../../operations/index.ts';
import { finishAction } from '../action/store.ts';
import type { ComputeParts, PowerTarget } from '../parts.ts';
import { powerStates, type TaskState, type VmState } from '../server/server.ts';
import { changeServer, faultOf, findServer } from '../server/store.ts';
import { serverIdOf, textOf } from './input.ts';

export interface PowerAction {
  /** What bare metal is asked for. */
  readonly target: PowerTarget;
  readonly task: TaskState;
  /** States of the server in which it makes sense. */
  readonly from: readonly VmState[];
  readonly to: VmState;
}

/** Nova's power actions as data. */
export const powerActions = {
  start: { target: 'on', task: 'powering-on', from: ['stopped'], to: 'active' },
  stop: { target: 'soft off', task: 'powering-off', from: ['active', 'error'], to: 'stopped' },
  'soft reboot': { target: 'soft reboot', task: 'rebooting', from: ['active'], to: 'active' },
  'hard reboot': { target: 'reboot', task: 'rebooting_hard', from: ['active', 'stopped', 'error'], to: 'active' },
} as const satisfies Record<string, PowerAction>;
export type PowerActionName = keyof typeof powerActions;

export function powerOperation(parts: ComputeParts): OperationKind {
  return {
    deadlineMs: 30 * 60_000,
    handler: (context, input) => power(parts, context, serverIdOf(input), actionOf(input)),
    settle: (tx, operation, outcome) => settle(tx, operation, outcome),
  };
}

function actionOf(input: Json): PowerAction {
  const name = textOf(input, 'action');
  const found = Object.entries(powerActions).find(([one]) => one === name);
  if (!found) throw new TypeError(`there is no power action ${name}`);
  return found[1];
}

async function power(
  parts: ComputeParts,
  context: OperationContext,
  serverId: string,
  { target }: PowerAction,
): Promise<Json> {
  const started = await context.step('start the power change', async () => {
    const found = await findServer(parts.database, serverId);
    const nodeUuid = found?.server.node_uuid ?? null;
    if (nodeUuid === null) throw new OperationFailed('the server has no machine', 'Delete it or rebuild it.');
    const behalf = { parentId: context.operation.id, requestedBy: context.operation.requestedBy };
    return parts.database.transaction().execute((tx) => parts.machines.setPower(tx, nodeUuid, target, behalf));
  });
  const end = await context.outcomeOf(started, `power ${target}`);
  if (end.state !== 'done') throw new OperationFailed(end.failure.cause, end.failure.hint);
  return null;
}

/** A failed power action leaves the server in the state that it had, with the reason in its fault. */
async function settle(tx: Transaction, operation: Operation, outcome: Outcome): Promise<void> {
  await finishAction(tx, operation.id, outcome);
  const { to } = actionOf(operation.input);
  const change =
    outcome.state === 'done'
      ? ({
          vm_state: to,
          task_state: null,
          power_state: to === 'stopped' ? powerStates.shutdown : powerStates.running,
          fault: null,
        } as const)
      : ({ task_state: null, fault: faultOf(outcome.failure.cause, outcome.failure.hint) } as const);
  await changeServer(tx, serverIdOf(operation.input), change, operation.id);
}
