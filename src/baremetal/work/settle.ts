// Ends an operation on a node: the node's state follows from the outcome, in the transaction that ends the operation.
import type { Transaction } from '../../database/index.ts';
import type { Json, Operation, Outcome as OperationOutcome } from '../../operations/index.ts';
import { changeNode, moved } from '../node/change.ts';
import { seekLocked } from '../node/find.ts';
import type { Outcome } from '../node/states.ts';
import type { Parts } from '../parts.ts';
import type { NodeRow, NodeUpdate } from '../store.ts';

/**
 * `done`: the event that success is for the node's state; `also`: more columns that success sets; `ended`: what else is
 * written at the end, whatever it was: null for success, else the error.
 */
export interface Ending {
  readonly done: (operation: Operation, node: NodeRow) => Outcome;
  readonly also?: (result: Json) => NodeUpdate;
  readonly ended?: (tx: Transaction, node: string, error: string | null) => Promise<void>;
}

export function settleNode(parts: Parts, ending: Ending) {
  return async (tx: Transaction, operation: Operation, outcome: OperationOutcome): Promise<void> => {
    const node = await seekLocked(tx, operation.target.slice('node:'.length));
    if (node?.operation_id !== operation.id) return;
    const because = { operationId: operation.id, ...(operation.requestId ? { requestId: operation.requestId } : {}) };
    const rest: NodeUpdate = {
      reservation: null,
      awaiting: null,
      state_deadline_at: null,
      target_power_state: null,
      clean_step: '{}',
      deploy_step: '{}',
      service_step: '{}',
    };
    if (outcome.state === 'done') {
      const change = moved(node, ending.done(operation, node), parts.host);
      await changeNode(
        parts,
        tx,
        node,
        { ...rest, ...change, last_error: null, fault: null, ...ending.also?.(outcome.result) },
        because,
      );
      await ending.ended?.(tx, node.uuid, null);
      return;
    }
    const { cause, hint } = outcome.failure;
    const error = hint === '' ? cause : `${cause} ${hint}`;
    await changeNode(parts, tx, node, { ...rest, ...moved(node, 'fail', parts.host), last_error: error }, because);
    await ending.ended?.(tx, node.uuid, error);
  };
}
