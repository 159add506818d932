// The operation `server.build`: claim a machine, put it on its networks, deploy the image, and try another where one fails.
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import {
  type ChildOutcome,
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
import { attachNetworks } from './attach.ts';
import { type Choice, chooseMachine } from './choose.ts';
import { serverIdOf } from './input.ts';
import { orderOf } from './order.ts';

/** Machines that a server is tried on before it is parked. */
const maxMachines = 3;
const deadlineMs = 2 * 60 * 60_000;

/** Errors by which the engine or a step ends the whole operation; errors out of the journal keep only their name. */
const endsTheRun = new Set(['Overtaken', 'DBOSWorkflowCancelledError', 'OperationFailed']);

type Failed = Exclude<ChildOutcome, { state: 'done' }>;

export function buildOperation(parts: ComputeParts): OperationKind {
  return { deadlineMs, handler: (context, input) => build(parts, context, serverIdOf(input)), settle: settleBuild };
}

async function build(parts: ComputeParts, context: OperationContext, serverId: string): Promise<Json> {
  const tried: string[] = [];
  const failures: string[] = [];
  let last: Failed | undefined;
  for (;;) {
    const choice: Choice =
      tried.length < maxMachines
        ? await choose(parts, context, serverId, tried)
        : { kind: 'none', reason: `${maxMachines} machines were tried` };
    if (choice.kind === 'none') throw last ? parked(failures, choice.reason, last) : noValidHost(choice.reason);
    const end = await deployOn(parts, context, serverId, choice.nodeUuid);
    if (end.state === 'done') return { nodeUuid: choice.nodeUuid };
    last = end;
    tried.push(choice.nodeUuid);
    failures.push(`${choice.name}: ${end.failure.cause}`);
  }
}

function noValidHost(reason: string): OperationFailed {
  return new OperationFailed(
    `No valid host was found. ${sentence(reason)}`,
    'Free or enrol a machine that fits, or choose another flavor; then resume the operation.',
  );
}

/** The server keeps the last machine, so that a resumed build goes on there once the cause is mended. */
function parked(failures: readonly string[], reason: string, { failure }: Failed): OperationParked {
  return new OperationParked(
    `The machine could not be deployed. ${sentence(failures.join('; '))} No other machine: ${sentence(reason)}`,
    failure.hint === '' ? 'Mend the cause, then resume the operation.' : failure.hint,
  );
}

/** Causes come with or without their full stop. */
function sentence(text: string): string {
  return `${text.replace(/\.+$/, '')}.`;
}

function choose(
  parts: ComputeParts,
  context: OperationContext,
  serverId: string,
  tried: readonly string[],
): Promise<Choice> {
  return context.step(
    `choose machine ${tried.length + 1}`,
    async () => ({ ...(await chooseMachine(parts, serverId, tried, context.operation)) }),
    { reason: 'choosing a machine' },
  );
}

async function deployOn(
  parts: ComputeParts,
  context: OperationContext,
  serverId: string,
  nodeUuid: string,
): Promise<ChildOutcome> {
  try {
    await context.step('attach networks', () => attach(parts, context, serverId, nodeUuid), {
      reason: 'getting addresses',
    });
  } catch (error) {
    if (!(error instanceof Error) || endsTheRun.has(error.name)) throw error;
    return { state: 'failed', failure: { cause: `networks: ${error.message}`, hint: hintOf(error) } };
  }
  const started = await context.step('start the deployment', () => startDeploy(parts, context, serverId, nodeUuid));
  if (started === 'running already') return { state: 'done', result: null };
  return context.outcomeOf(started, `machine ${nodeUuid} is being deployed`);
}

async function attach(parts: ComputeParts, context: OperationContext, serverId: string, nodeUuid: string) {
  const found = await findServer(parts.database, serverId);
  if (!found) throw new OperationFailed('the server was deleted', '');
  await attachNetworks(parts, found.server, nodeUuid);
  await parts.database
    .transaction()
    .execute((tx) =>
      changeServer(tx, serverId, { vm_state: 'building', task_state: 'spawning', fault: null }, context.operation.id),
    );
  return null;
}

/** Starts the deployment, unless the machine runs this server already. */
async function startDeploy(
  parts: ComputeParts,
  context: OperationContext,
  serverId: string,
  nodeUuid: string,
): Promise<string> {
  const machine = await parts.machines.get(nodeUuid);
  if (machine?.instanceUuid === serverId && machine.provisionState === 'active') return 'running already';
  const order = await orderOf(parts, serverId);
  return parts.database.transaction().execute((tx) =>
    parts.machines.deploy(tx, nodeUuid, order, {
      parentId: context.operation.id,
      requestedBy: context.operation.requestedBy,
    }),
  );
}

/** The server's state at the end, whatever the end: a client never waits for a server that nobody works on. */
async function settleBuild(tx: Transaction, operation: Operation, outcome: Outcome): Promise<void> {
  await finishAction(tx, operation.id, outcome);
  const serverId = serverIdOf(operation.input);
  if (outcome.state === 'done') {
    await changeServer(
      tx,
      serverId,
      {
        vm_state: 'active',
        task_state: null,
        power_state: powerStates.running,
        fault: null,
        launched_at: sql<Date>`now()`,
      },
      operation.id,
    );
    return;
  }
  const { cause, hint } = outcome.failure;
  await changeServer(tx, serverId, { vm_state: 'error', task_state: null, fault: faultOf(cause, hint) }, operation.id);
}

function hintOf(error: Error): string {
  return 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
}
