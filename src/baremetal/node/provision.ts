// Answers the verbs of PUT /v1/nodes/{node}/states/provision: checks, the first move, the operation that does the rest.
import type { Transaction } from '../../database/index.ts';
import type { StepKind } from '../../hardware/index.ts';
import type { Json } from '../../operations/index.ts';
import { errors } from '../errors.ts';
import { beginIntrospection, endIntrospection } from '../introspection/status.ts';
import type { Parts } from '../parts.ts';
import { planWithChildren } from '../step/children.ts';
import { merged } from '../step/order.ts';
import { ownWaitMs, plannedInput, type Step } from '../step/step.ts';
import { templateSteps } from '../step/templates.ts';
import type { JsonObject, NodeRow, NodeUpdate } from '../store.ts';
import { type Because, changeNode, moved } from './change.ts';
import { deadlineMs } from './deadline.ts';
import { legalVerbs, type Verb } from './states.ts';

/** The operations that work on nodes. */
export const nodeOperationNames = [
  'node.verify',
  'node.inspect',
  'node.reapply',
  'node.clean',
  'node.deploy',
  'node.undeploy',
  'node.adopt',
  'node.rescue',
  'node.unrescue',
  'node.service',
  'node.power',
  'node.step',
] as const;
export type NodeOperation = (typeof nodeOperationNames)[number];

export interface Requested extends Because {
  readonly requestedBy: string;
  readonly projectId?: string;
  readonly parentId?: string;
}

export interface VerbOptions {
  readonly steps?: readonly Step[];
  /** Only steps that need no ramdisk. */
  readonly disableRamdisk?: boolean;
  readonly configDrive?: string | JsonObject;
  readonly rescuePassword?: string;
  /** False: somebody else starts the inspection ramdisk. */
  readonly manageBoot?: boolean;
}

/** What a verb set going. */
export interface Begun {
  /** Null when the move was all there was to do. */
  readonly operationId: string | null;
  /** To be called when the transaction has committed: tells the operation that had the node before. */
  readonly afterCommit: () => Promise<void>;
}

const nothing = async () => undefined;

/** Moves the node by a verb and starts its operation. */
export async function requestVerb(
  parts: Parts,
  tx: Transaction,
  node: NodeRow,
  verb: Verb,
  options: VerbOptions,
  asked: Requested,
): Promise<Begun> {
  const afterCommit = followUp(parts, node, verb);
  return { operationId: await dispatch(parts, tx, node, verb, options, asked), afterCommit };
}

/** What the operation that had the node hears, once it is certain that it has lost it or may go on. */
function followUp(parts: Parts, node: NodeRow, verb: Verb): () => Promise<void> {
  const id = node.operation_id;
  if (id === null) return nothing;
  if (verb === 'deleted') return () => parts.operations.cancel(id, 'the node is being undeployed');
  // A step that must not be cut off ends the work by itself when it is done.
  if (verb === 'abort' && uninterruptible(node)) return nothing;
  if (verb === 'abort') return () => parts.operations.cancel(id, 'aborted on request');
  const topic = node.awaiting?.topic;
  if (verb === 'unhold' && typeof topic === 'string') return () => parts.operations.send(id, topic, { unhold: true });
  return nothing;
}

async function dispatch(
  parts: Parts,
  tx: Transaction,
  node: NodeRow,
  verb: Verb,
  options: VerbOptions,
  asked: Requested,
): Promise<string | null> {
  refuse(node, verb, asked);
  switch (verb) {
    case 'manage':
      return node.provision_state === 'enroll'
        ? begin(parts, tx, node, verb, 'node.verify', {}, asked)
        : move(parts, tx, node, verb, asked);
    case 'provide':
      return provide(parts, tx, node, asked);
    case 'clean':
      return begin(
        parts,
        tx,
        node,
        verb,
        'node.clean',
        {
          steps: await planned(parts, tx, node, 'clean', options.steps, options.disableRamdisk),
          manual: true,
          ramdisk: !options.disableRamdisk,
        },
        asked,
      );
    case 'inspect':
      return inspect(parts, tx, node, options, asked);
    case 'active':
    case 'rebuild':
      return begin(
        parts,
        tx,
        node,
        verb,
        'node.deploy',
        {
          rebuild: verb === 'rebuild',
          steps: await planned(parts, tx, node, 'deploy', merged(options.steps ?? [], await templateSteps(tx, node))),
        },
        asked,
        {
          ...(options.configDrive === undefined
            ? {}
            : { config_drive: parts.sealer.seal(options.configDrive, node.uuid) }),
        },
      );
    case 'deleted':
      return begin(parts, tx, node, verb, 'node.undeploy', {}, asked);
    case 'adopt':
      return begin(parts, tx, node, verb, 'node.adopt', {}, asked);
    case 'rescue':
      return begin(parts, tx, node, verb, 'node.rescue', {}, asked, {
        rescue_password: parts.sealer.seal(options.rescuePassword ?? '', node.uuid),
      });
    case 'unrescue':
      return begin(parts, tx, node, verb, 'node.unrescue', {}, asked);
    case 'service':
      return begin(
        parts,
        tx,
        node,
        verb,
        'node.service',
        { steps: await planned(parts, tx, node, 'service', options.steps, options.disableRamdisk) },
        asked,
      );
    case 'abort':
      return abort(parts, tx, node, asked);
    case 'unhold':
      return move(parts, tx, node, verb, asked);
  }
}

function refuse(node: NodeRow, verb: Verb, asked: Requested): void {
  if (node.maintenance && (verb === 'active' || verb === 'rebuild'))
    throw errors.NodeInMaintenance('provisioning', node.uuid);
  if (node.protected && (verb === 'deleted' || verb === 'rebuild')) throw errors.NodeProtected(node.uuid);
  if (node.reservation !== null && asked.operationId === undefined)
    throw errors.NodeLocked(node.uuid, node.reservation);
  if (!legalVerbs(node.provision_state).includes(verb)) throw illegal(node, verb);
  if (node.retired && verb === 'provide') {
    throw errors.InvalidState(`Node ${node.uuid} is retired and can not be provided; unset its retired flag first.`);
  }
}

function illegal(node: NodeRow, verb: string): Error {
  return errors.InvalidStateRequested(verb, node.uuid, node.provision_state, legalVerbs(node.provision_state));
}

/** Steps as they go into an operation's input, each with who carries it out. */
async function planned(
  parts: Parts,
  tx: Transaction,
  node: NodeRow,
  kind: StepKind,
  steps: readonly Step[] | undefined,
  disableRamdisk = false,
): Promise<Json> {
  if (steps === undefined || steps.length === 0) return [];
  return planWithChildren(parts, tx, node, kind, steps, { ramdisk: !disableRamdisk });
}

async function move(parts: Parts, tx: Transaction, node: NodeRow, event: Verb, asked: Requested): Promise<null> {
  const change = moved(node, event, parts.host);
  if (!change) throw illegal(node, event);
  await changeNode(parts, tx, node, { ...change, last_error: null, fault: null }, asked);
  return null;
}

/** Starts an operation on the node: the row names it, so that only this operation may change the node from now on. */
async function begin(
  parts: Parts,
  tx: Transaction,
  node: NodeRow,
  event: Verb | 'clean',
  kind: NodeOperation,
  input: Readonly<Record<string, Json>>,
  asked: Requested,
  more: NodeUpdate = {},
): Promise<string> {
  const change = moved(node, event, parts.host);
  if (!change) throw illegal(node, event);
  const id = await startOn(parts, tx, node, kind, input, asked);
  await changeNode(
    parts,
    tx,
    node,
    { ...change, ...more, last_error: null, operation_id: id, operation_epoch: 0, awaiting: null },
    { ...asked, operationId: id },
  );
  return id;
}

/** Queues an operation of this kind for the node. */
export function startOn(
  parts: Parts,
  tx: Transaction,
  node: Pick<NodeRow, 'uuid' | 'owner'>,
  kind: NodeOperation,
  input: Readonly<Record<string, Json>>,
  asked: Requested,
): Promise<string> {
  const waitMs = ownWaitMs(plannedInput({ ...input }), parts.config.holdTimeoutMs);
  return parts.operations.start(tx, {
    kind,
    target: `node:${node.uuid}`,
    ...(waitMs > 0 ? { deadlineMs: deadlineMs(parts.config, kind) + waitMs } : {}),
    input: { node: node.uuid, ...input },
    requestedBy: asked.requestedBy,
    ...(asked.projectId === undefined ? {} : { projectId: asked.projectId }),
    ...(asked.requestId === undefined ? {} : { requestId: asked.requestId }),
    ...(asked.parentId === undefined ? {} : { parentId: asked.parentId }),
  });
}

/** Is this node cleaned between two uses? */
export function cleansItself(parts: Parts, node: NodeRow): boolean {
  return node.automated_clean ?? parts.config.automatedClean;
}

async function provide(parts: Parts, tx: Transaction, node: NodeRow, asked: Requested): Promise<string | null> {
  if (cleansItself(parts, node))
    return begin(parts, tx, node, 'provide', 'node.clean', { steps: [], manual: false }, asked);
  // Nothing to wait for: what a transaction can hold needs no operation.
  const cleaning = moved(node, 'provide', parts.host);
  const done = cleaning && moved({ provision_state: 'cleaning' }, 'done', parts.host);
  if (!done) throw illegal(node, 'provide');
  await changeNode(parts, tx, node, { ...done, last_error: null, fault: null }, asked);
  return null;
}

async function inspect(
  parts: Parts,
  tx: Transaction,
  node: NodeRow,
  { manageBoot = true }: VerbOptions,
  asked: Requested,
): Promise<string> {
  await beginIntrospection(tx, node.uuid);
  return begin(parts, tx, node, 'inspect', 'node.inspect', manageBoot ? {} : { bootedByOthers: true }, asked, {
    inspection_started_at: new Date(),
    inspection_finished_at: null,
  });
}

/** The column of a running step that must not be cut off. */
function uninterruptible(node: NodeRow): 'clean_step' | 'service_step' | undefined {
  return (['clean_step', 'service_step'] as const).find((column) => node[column].abortable === false);
}

async function abort(parts: Parts, tx: Transaction, node: NodeRow, asked: Requested): Promise<null> {
  const column = uninterruptible(node);
  if (column) {
    await changeNode(parts, tx, node, { [column]: JSON.stringify({ ...node[column], abort_after: true }) }, asked);
    return null;
  }
  const change = moved(node, 'abort', parts.host);
  if (!change) throw illegal(node, 'abort');
  if (node.provision_state === 'inspect wait') await endIntrospection(tx, node.uuid, 'Canceled by operator');
  const error =
    node.provision_state === 'service failed'
      ? null
      : `Aborted by ${asked.requestedBy} in state "${node.provision_state}".`;
  await changeNode(parts, tx, node, { ...change, last_error: error, operation_id: null, awaiting: null }, asked);
  return null;
}
