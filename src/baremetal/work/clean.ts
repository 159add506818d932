// node.clean, and the cleaning that ends node.undeploy: removes traces of the last use by steps of the ramdisk.
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import { agentOf } from '../machine/agent-client.ts';
import type { Parts } from '../parts.ts';
import { agentCommand } from './agent-command.ts';
import { flagInput, type StepInput, stepsInput, textInput } from './input.ts';
import { nodeForAgent, raidConfigAfter } from './node-for-agent.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { powerOff, startRamdisk } from './ramdisk.ts';

export function cleanNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const manual = flagInput(input, 'manual');
    const through = await context.step('prepare', async () => throughOf(await work.take()), {
      reason: 'checking the node',
    });
    return { steps: await clean(parts, context, work, through, manual ? stepsInput(input) : undefined) };
  };
}

/** Fake hardware has no ramdisk to run. */
export function throughOf(node: { deploy_interface: string | null }): 'fake' | 'agent' {
  return node.deploy_interface === 'fake' ? 'fake' : 'agent';
}

/** Runs the steps given, or those that the ramdisk offers for automatic cleaning, highest priority first; how many ran. */
export async function clean(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  through: 'fake' | 'agent',
  given: readonly StepInput[] | undefined,
): Promise<number> {
  if (through === 'fake') return given?.length ?? 0;
  await startRamdisk(parts, context, work, 'clean');
  const steps: Json = await context.step('choose clean steps', () => chooseSteps(parts, work, given), {
    reason: 'asking the ramdisk for its clean steps',
  });
  const chosen = stepsInput({ steps });
  for (const [index, step] of chosen.entries()) {
    await context.step(`clean step ${index + 1}`, () => runStep(parts, context, work, step, index), {
      reason: `running clean step ${step.interface}.${step.step} (${index + 1} of ${chosen.length})`,
    });
  }
  await context.step('power off after cleaning', () => powerOff(parts, work), { reason: 'switching the machine off' });
  return chosen.length;
}

async function chooseSteps(parts: Parts, work: NodeWork, given: readonly StepInput[] | undefined): Promise<Json> {
  const node = await work.move('resume', { awaiting: null, state_deadline_at: null });
  const agent = await agentOf(parts, work.uuid);
  const answer = await agent.send('clean.get_clean_steps', { node: nodeForAgent(node), ports: [] }, { wait: true });
  const offered = offeredSteps(answer.command_result?.clean_steps);
  if (given) {
    const missing = given.find(
      (step) => !offered.some((one) => one.interface === step.interface && one.step === step.step),
    );
    if (missing) {
      throw new OperationFailed(
        `The ramdisk has no clean step ${missing.interface}.${missing.step}.`,
        `It offers: ${offered.map((one) => `${one.interface}.${one.step}`).join(', ')}.`,
      );
    }
  }
  const steps = given ?? offered.filter(({ priority }) => priority > 0).sort((a, b) => b.priority - a.priority);
  const plain: Json = JSON.parse(
    JSON.stringify(steps.map(({ interface: of, step, args }) => ({ interface: of, step, args }))),
  );
  return plain;
}

/** The agent groups its steps by hardware manager. */
function offeredSteps(value: unknown): StepInput[] {
  const groups = typeof value === 'object' && value !== null ? Object.values(value) : [];
  return groups.flat().flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const { interface: of, step, priority }: { interface?: unknown; step?: unknown; priority?: unknown } = entry;
    if (typeof of !== 'string' || typeof step !== 'string') return [];
    return [{ interface: of, step, args: {}, priority: typeof priority === 'number' ? priority : 0 }];
  });
}

async function runStep(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  step: StepInput,
  ordinal: number,
): Promise<null> {
  const node = await work.change({ clean_step: JSON.stringify({ ...step, priority: 0 }) });
  const ended = await agentCommand(parts, context, work, {
    name: 'clean.execute_clean_step',
    params: { step: { ...step.args, ...step }, node: nodeForAgent(node), ports: [] },
    ordinal,
  });
  await work.change({ clean_step: '{}', ...raidConfigAfter(step, ended.command_result?.clean_result) });
  return null;
}
