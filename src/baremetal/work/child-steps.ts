// Runs a step on the nodes within a node, one after another, each as an operation of its own.
import { randomUUID } from 'node:crypto';
import type { StepKind } from '../../hardware/index.ts';
import { type OperationContext, OperationFailed } from '../../operations/index.ts';
import { nameOf, type PlannedStep } from '../step/step.ts';
import type { NodeWork } from './node-work.ts';
import { beginStep, endStep } from './step-record.ts';

/** The children's part of a step that is not the node's own. Throws OperationFailed that names the child. */
export async function runOnChildren(
  context: OperationContext,
  work: NodeWork,
  kind: StepKind,
  { children = [], onChildren: _on, ...step }: PlannedStep,
): Promise<void> {
  const name = `${kind} step ${nameOf(step)}`;
  const began = await context.step(name, async () => (await beginStep(work, kind, step)).toISOString(), {
    reason: `running ${name} on ${children.length} child nodes`,
  });
  for (const { node, by } of children) {
    const id = await context.step(`name the work on child ${node}`, async () => randomUUID());
    const end = await context.child({
      kind: 'node.step',
      target: `node:${node}`,
      input: { node, kind, steps: [{ ...step, by }] },
      id,
      reason: `running ${name} on child node ${node}`,
    });
    if (end.state === 'done') continue;
    const { cause, hint } = end.failure;
    throw new OperationFailed(`The ${name} failed on child node ${node}: ${cause}`, hint);
  }
  await context.step(`${name} over`, () => endStep(work, kind, step, new Date(began)), { reason: 'going on' });
}
