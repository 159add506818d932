// node.clean, and the cleaning that ends node.undeploy: removes traces of the last use by steps of BMC and ramdisk.
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import { agentOf } from '../machine/agent-client.ts';
import { driverOf } from '../node/interfaces.ts';
import type { Parts } from '../parts.ts';
import { byPriority } from '../step/order.ts';
import { automaticSteps } from '../step/plan.ts';
import { nameOf, type PlannedStep, plannedInput, stepOf } from '../step/step.ts';
import type { NodeRow } from '../store.ts';
import { throughOf } from './fake.ts';
import { flagInput, textInput } from './input.ts';
import { nodeForAgent } from './node-for-agent.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { powerOff } from './ramdisk.ts';
import { type StepRunner, stepRunner } from './step-runner.ts';

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
    await checkOffered(parts, context, work, runner, steps, cleaning.through);
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
    const offered = await context.step('choose clean steps', () => offeredSteps(parts, work), {
      reason: 'asking the ramdisk for its clean steps',
    });
    steps = byPriority([...automatic, ...offered]);
  }
  await runner.run(steps);
  if (through === 'agent') await switchOff(parts, context, work);
  return steps.length;
}

async function switchOff(parts: Parts, context: OperationContext, work: NodeWork): Promise<void> {
  await context.step('power off after cleaning', () => powerOff(parts, work), { reason: 'switching the machine off' });
}

/** Before anything is done to the machine: has the ramdisk all the steps that are asked of it? */
async function checkOffered(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  runner: StepRunner,
  steps: readonly PlannedStep[],
  through: 'fake' | 'agent',
): Promise<void> {
  const inBand = steps.filter(({ by }) => by === 'ramdisk');
  if (through === 'fake' || inBand.length === 0) return;
  await runner.ramdisk();
  await context.step(
    'check clean steps',
    async () => {
      const offered = await offeredSteps(parts, work);
      const missing = inBand.find((step) => !offered.some((one) => nameOf(one) === nameOf(step)));
      if (!missing) return;
      throw new OperationFailed(
        `The ramdisk has no clean step ${nameOf(missing)}.`,
        `It offers: ${offered.map(nameOf).join(', ')}.`,
      );
    },
    { reason: 'asking the ramdisk for its clean steps' },
  );
}

/** The agent groups its steps by hardware manager. */
async function offeredSteps(parts: Parts, work: NodeWork): Promise<PlannedStep[]> {
  const node = await work.move('resume', { awaiting: null, state_deadline_at: null });
  const agent = await agentOf(parts, work.uuid);
  const answer = await agent.send('clean.get_clean_steps', { node: nodeForAgent(node), ports: [] }, { wait: true });
  const groups: unknown = answer.command_result?.clean_steps;
  const entries = typeof groups === 'object' && groups !== null ? Object.values(groups).flat() : [];
  return entries.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || !('step' in entry) || !('interface' in entry)) return [];
    const abortable = 'abortable' in entry && entry.abortable === true;
    return [{ ...stepOf({ ...entry, args: {} }), by: 'ramdisk' as const, needsRamdisk: true, abortable }];
  });
}
