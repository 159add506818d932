// node.clean, and the cleaning that ends node.undeploy: removes traces of the last use by steps of BMC and ramdisk.
import type { Json, OperationContext } from '../../operations/index.ts';
import { driverOf } from '../node/interfaces.ts';
import type { Parts } from '../parts.ts';
import { byPriority } from '../step/order.ts';
import { automaticSteps } from '../step/plan.ts';
import { type PlannedStep, plannedInput } from '../step/step.ts';
import type { NodeRow } from '../store.ts';
import { throughOf } from './fake.ts';
import { flagInput, textInput } from './input.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { offeredSteps, refuseMissing } from './offered-steps.ts';
import { leaveRamdisk } from './ramdisk.ts';
import { stepRunner } from './step-runner.ts';

/** How a node is to be cleaned; plain JSON, for it comes out of a durable step. */
export type Cleaning = {
  readonly through: 'fake' | 'agent';
  /** The driver's part of automatic cleaning. */
  readonly automatic: readonly PlannedStep[];
};

export function cleaningOf(parts: Parts, node: NodeRow): Cleaning {
  return { through: throughOf(node), automatic: automaticSteps(driverOf(parts.hardware, node.driver), node) };
}

export function cleanNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const cleaning = await context.step('prepare', async () => cleaningOf(parts, await work.take()), {
      reason: 'checking the node',
    });
    if (!flagInput(input, 'manual')) return { steps: await cleanAutomatically(parts, context, work, cleaning) };
    const steps = plannedInput(input);
    const runner = stepRunner(parts, context, work, 'clean', cleaning.through);
    if (cleaning.through === 'agent' && steps.some(({ by }) => by === 'ramdisk')) {
      // Before anything is done to the machine: has the ramdisk all that is asked of it?
      await runner.ramdisk();
      refuseMissing('clean', steps, await offeredSteps(parts, context, work, 'clean'));
    }
    await runner.run(steps);
    if (cleaning.through === 'agent' && flagInput(input, 'ramdisk')) await switchOff(parts, context, work);
    return { steps: steps.length };
  };
}

/** Runs what driver and ramdisk offer for it, highest priority first; how many steps ran. */
export async function cleanAutomatically(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  { through, automatic }: Cleaning,
): Promise<number> {
  if (through === 'fake' && automatic.length === 0) return 0;
  const runner = stepRunner(parts, context, work, 'clean', through);
  let steps = byPriority(automatic);
  if (through === 'agent') {
    await runner.ramdisk();
    steps = byPriority([...automatic, ...(await offeredSteps(parts, context, work, 'clean'))]);
  }
  await runner.run(steps);
  if (through === 'agent') await switchOff(parts, context, work);
  return steps.length;
}

async function switchOff(parts: Parts, context: OperationContext, work: NodeWork): Promise<void> {
  await context.step('power off after cleaning', () => leaveRamdisk(parts, work), {
    reason: 'switching the machine off',
  });
}
