// One operation's hold on one node: nothing is written by a run that has lost the node to another.
import type { Transaction } from '../../database/index.ts';
import { HardwareError, type Machine } from '../../hardware/index.ts';
import { type OperationContext, OperationFailed, OperationParked } from '../../operations/index.ts';
import { type Because, changeNode, changeSeen, moved, type SeenNode } from '../node/change.ts';
import { findSeen, lockNode } from '../node/find.ts';
import { openDriverInfo } from '../node/secrets.ts';
import { kindOf, type Outcome } from '../node/states.ts';
import type { Parts } from '../parts.ts';
import type { JsonObject, NodeRow, NodeUpdate } from '../store.ts';
import { type Intent, noteIntent } from './intent.ts';

export interface NodeWork {
  readonly uuid: string;
  /** Id of the operation. */
  readonly operation: string;
  /** Tells this durable step of the operation from all its others; the same when a step that was cut off runs again. */
  place(): string;
  /** The node as it is now. Throws when it is no longer ours. */
  read(): Promise<NodeRow>;
  /** Changes the node if it is still ours. A function may be called twice, the second time with the node as it is by then. */
  change(change: NodeUpdate | ((node: NodeRow) => NodeUpdate)): Promise<NodeRow>;
  /** The same together with what else belongs to the change. */
  changeWith(change: (node: NodeRow, tx: Transaction) => Promise<NodeUpdate>): Promise<NodeRow>;
  /** Moves the node by an outcome, where that is legal in its state; elsewhere it stays. `note` goes into its history. */
  move(event: Outcome, more?: NodeUpdate | ((node: NodeRow) => NodeUpdate), note?: string): Promise<NodeRow>;
  /** Begins the work, again too after it was parked: the node goes back from its failed state to the working one. */
  take(): Promise<NodeRow>;
  /**
   * Notes what is about to be done to the machine, then does it. Errors of the hardware become the operation's: parked
   * when nothing answers, failed otherwise. `noted` is kept with the note; `before` is the note of the same action of this
   * operation that was the last one: where that run was cut off nobody knows whether the machine has heard of it.
   */
  effect<Result>(
    action: string,
    run: (machine: Machine, node: NodeRow, before: Intent | undefined) => Promise<Result>,
    noted?: JsonObject,
  ): Promise<Result>;
  /** Reads from the machine, with the same treatment of errors. */
  look<Result>(run: (machine: Machine, node: NodeRow) => Promise<Result>): Promise<Result>;
}

type Told = Pick<Because, 'note'>;

export function nodeWork(parts: Parts, context: OperationContext, uuid: string): NodeWork {
  const { id, epoch } = context.operation;
  const because = {
    operationId: id,
    ...(context.operation.requestId ? { requestId: context.operation.requestId } : {}),
  };

  const takenOver = () =>
    new OperationFailed(`Node ${uuid} was given to a newer request.`, 'Nothing: the newer request goes on with it.');
  const place = () => `${epoch} ${context.stepNumber}`;
  function own(node: NodeRow): NodeRow {
    if (node.operation_id !== id || node.operation_epoch > epoch) throw takenOver();
    return node;
  }
  /** The node as this run saw it last. */
  let seen: SeenNode | undefined;

  async function read(): Promise<SeenNode> {
    const node = await findSeen(parts.database, uuid);
    own(node);
    seen = node;
    return node;
  }
  function changeLocked(
    wanted: (node: NodeRow, tx: Transaction) => NodeUpdate | Promise<NodeUpdate>,
    told: Told = {},
  ): Promise<NodeRow> {
    return parts.database.transaction().execute(async (tx) => {
      const node = own(await lockNode(tx, uuid));
      const change = { ...(await wanted(node, tx)), operation_epoch: epoch };
      return changeNode(parts, tx, node, change, { ...because, ...told });
    });
  }
  async function change(wanted: (node: NodeRow) => NodeUpdate, told: Told = {}): Promise<NodeRow> {
    const before = seen ?? (await read());
    // Mostly nobody else has changed the node since: then no lock is needed.
    const change = { ...wanted(before), operation_epoch: epoch };
    seen = await changeSeen(parts, before, change, { ...because, ...told });
    return seen ?? changeLocked(wanted, told);
  }
  async function drive<Result>(
    node: NodeRow,
    run: (machine: Machine, node: NodeRow) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await run(machineOf(parts, node), node);
    } catch (error) {
      throw operationError(error);
    }
  }
  function begin(node: NodeRow): NodeUpdate {
    if (kindOf(node.provision_state) === 'working') return {};
    const again = moved(node, 'resume', parts.host);
    if (again) return { ...again, last_error: null, fault: null };
    throw new OperationFailed(
      `Node ${uuid} is "${node.provision_state}" now; this work can not be taken up again from there.`,
      'Ask for what you want of the node anew.',
    );
  }
  return {
    uuid,
    operation: id,
    place,
    read,
    change: (wanted) => change(typeof wanted === 'function' ? wanted : () => wanted),
    changeWith: (wanted) => changeLocked(wanted),
    look: async (run) => drive(await read(), run),
    move(event, more = {}, note) {
      const made = (node: NodeRow) => ({
        ...(typeof more === 'function' ? more(node) : more),
        ...(moved(node, event, parts.host) ?? {}),
      });
      return change(made, note === undefined ? {} : { note: { text: note, name: `${id} ${place()}` } });
    },
    async take() {
      const now = await read();
      // The request that started this operation has moved the node already: nothing to write on the common path.
      if (kindOf(now.provision_state) === 'working') return now;
      return change(begin);
    },
    async effect(action, run, noted = {}) {
      const begun = await noteIntent(
        parts.database,
        uuid,
        { action, operation: id, epoch, step: context.stepNumber },
        noted,
      );
      if (!begun) {
        // A node that is gone has words of its own.
        await read();
        throw takenOver();
      }
      const { node, before } = begun;
      seen = node;
      await context.pausePoint(`${action}:noted`);
      const result = await drive(node, (machine) => run(machine, node, before));
      await context.pausePoint(`${action}:asked`);
      return result;
    },
  };
}

/** The node's machine, with its secrets in clear. */
export function machineOf(parts: Pick<Parts, 'hardware' | 'sealer'>, node: NodeRow): Machine {
  const driver = parts.hardware.get(node.driver);
  if (!driver) {
    throw new HardwareError('misconfigured', `Hardware type ${node.driver} is not enabled.`, {
      hint: 'Enable it, or give the node another driver.',
    });
  }
  return driver.machine(driverInfoOf(parts, node));
}

/** driver_info for the driver; a fake machine is the node itself. */
export function driverInfoOf(parts: Pick<Parts, 'sealer'>, node: NodeRow): JsonObject {
  const info = openDriverInfo(parts.sealer, node);
  return node.driver === 'fake-hardware' ? { fake_id: node.uuid, fake_power: node.power_state, ...info } : info;
}

/** What an error of the hardware means for the operation: only a silent BMC is worth standing aside for. */
export function operationError(error: unknown): Error {
  if (!(error instanceof Error)) return new OperationFailed(String(error), '');
  if (!(error instanceof HardwareError)) return error;
  const options = { cause: error };
  return error.kind === 'unreachable'
    ? new OperationParked(error.message, `${error.hint} Then resume the operation.`, options)
    : new OperationFailed(error.message, error.hint, options);
}
