// node.service: runs steps on a machine in use, then starts its system again.
import type { Json, OperationContext } from '../../operations/index.ts';
import type { Parts } from '../parts.ts';
import { plannedInput } from '../step/step.ts';
import { throughOf } from './fake.ts';
import { textInput } from './input.ts';
import { nodeWork } from './node-work.ts';
import { bootFromDisk, powerOff, startMachine } from './ramdisk.ts';
import { stepRunner } from './step-runner.ts';

export function serviceNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const through = await context.step('prepare', async () => throughOf(await work.take()), {
      reason: 'checking the node',
    });
    const steps = plannedInput(input);
    const runner = stepRunner(parts, context, work, 'service', through);
    await runner.run(steps);
    if (through === 'fake' || runner.boots === 0) return { steps: steps.length };
    const running = await context.step('switch the ramdisk off', () => powerOff(parts, work), {
      reason: 'switching the ramdisk off',
    });
    await context.step('boot device disk', () => bootFromDisk(parts, work), {
      reason: 'choosing the disk to boot from',
    });
    await context.step('start the instance', () => startMachine(parts, work, running), {
      reason: 'starting the instance',
    });
    return { steps: steps.length };
  };
}
