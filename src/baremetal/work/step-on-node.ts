// node.step: one step on a node that rests in its state, asked for by the work on the node that it is within.
import type { StepKind } from '../../hardware/index.ts';
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import { changeNode } from '../node/change.ts';
import { lockNode } from '../node/find.ts';
import { kindOf } from '../node/states.ts';
import type { Parts } from '../parts.ts';
import { plannedInput } from '../step/step.ts';
import { textInput } from './input.ts';
import { nodeWork } from './node-work.ts';
import { stepRunner } from './step-runner.ts';

export function stepOnNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    await context.step('take', () => take(parts, context, work.uuid), { reason: 'checking the node' });
    await stepRunner(parts, context, work, kindInput(input), 'fake').run(plannedInput(input));
    return {};
  };
}

/** The node is ours from here on, unless it is another's. */
async function take(parts: Parts, context: OperationContext, uuid: string): Promise<null> {
  const { id, epoch } = context.operation;
  await parts.database.transaction().execute(async (tx) => {
    const node = await lockNode(tx, uuid);
    const ours = node.operation_id === id;
    if (
      !ours &&
      (node.reservation !== null || kindOf(node.provision_state) !== 'stable' || node.provision_state === 'enroll')
    ) {
      throw new OperationFailed(
        `Node ${uuid} is ${node.provision_state}${node.reservation === null ? '' : ' and locked'}; nothing can be done on it now.`,
        'Wait until it rests in a state such as manageable, available or active.',
      );
    }
    await changeNode(
      parts,
      tx,
      node,
      { operation_id: id, operation_epoch: epoch, reservation: parts.host },
      { operationId: id },
    );
  });
  return null;
}

function kindInput(input: Json): StepKind {
  const kind = textInput(input, 'kind');
  return kind === 'service' || kind === 'deploy' ? kind : 'clean';
}
