// node.service: runs steps of the ramdisk on a machine in use, then starts its system again.
import type { Json, OperationContext } from '../../operations/index.ts';
import type { Parts } from '../parts.ts';
import { agentCommand } from './agent-command.ts';
import { throughOf } from './clean.ts';
import { type StepInput, stepsInput, textInput } from './input.ts';
import { nodeForAgent, raidConfigAfter } from './node-for-agent.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { bootFromDisk, powerOff, startRamdisk } from './ramdisk.ts';
import { powerOn } from './rescue.ts';

export function serviceNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const through = await context.step('prepare', async () => throughOf(await work.take()), {
      reason: 'checking the node',
    });
    const steps = stepsInput(input);
    if (through === 'fake') return { steps: steps.length };
    await startRamdisk(parts, context, work, 'service');
    for (const [index, step] of steps.entries()) {
      await context.step(`service step ${index + 1}`, () => runStep(parts, context, work, step, index), {
        reason: `running service step ${step.interface}.${step.step} (${index + 1} of ${steps.length})`,
      });
    }
    await context.step('switch the ramdisk off', () => powerOff(parts, work), { reason: 'switching the ramdisk off' });
    await context.step('boot device disk', () => bootFromDisk(work), { reason: 'choosing the disk to boot from' });
    await context.step('start the instance', () => powerOn(parts, work), { reason: 'starting the instance' });
    return { steps: steps.length };
  };
}

async function runStep(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  step: StepInput,
  ordinal: number,
): Promise<null> {
  const node = await work.move('resume', {
    awaiting: null,
    state_deadline_at: null,
    service_step: JSON.stringify(step),
  });
  const ended = await agentCommand(parts, context, work, {
    name: 'service.execute_service_step',
    params: { step: { ...step.args, ...step }, node: nodeForAgent(node), ports: [] },
    ordinal,
  });
  await work.change({ service_step: '{}', ...raidConfigAfter(step, ended.command_result?.service_result) });
  return null;
}
