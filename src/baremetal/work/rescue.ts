// node.rescue and node.unrescue: a ramdisk to log in to on a machine whose system does not start, and the way back.
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import type { Parts } from '../parts.ts';
import { agentCommand } from './agent-command.ts';
import { textInput } from './input.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { bootFromDisk, powerOff, type Running, startMachine, startRamdisk } from './ramdisk.ts';

export function rescueNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const through = await context.step('prepare', () => begin(work), { reason: 'checking the node' });
    if (through === 'agent') {
      await startRamdisk(parts, context, work, 'rescue');
      await context.step('open the ramdisk', () => openRamdisk(parts, context, work), {
        reason: 'setting the rescue password',
      });
    }
    return { through };
  };
}

async function begin(work: NodeWork): Promise<'fake' | 'agent'> {
  const node = await work.take();
  if (node.rescue_interface === 'agent') return 'agent';
  if (node.rescue_interface !== 'fake') {
    throw new OperationFailed(
      `Node ${node.uuid} has rescue_interface ${node.rescue_interface}.`,
      'Set rescue_interface to agent.',
    );
  }
  await work.change({ power_state: 'power on' });
  return 'fake';
}

async function openRamdisk(parts: Parts, context: OperationContext, work: NodeWork): Promise<null> {
  const node = await work.move('resume', { awaiting: null, state_deadline_at: null });
  const password = node.rescue_password === null ? '' : String(parts.sealer.open(node.rescue_password, node.uuid));
  await agentCommand(parts, context, work, {
    name: 'rescue.finalize_rescue',
    params: { rescue_password: password, hashed: false },
    ordinal: 0,
  });
  return null;
}

export function unrescueNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const running = await context.step('power off', () => leave(parts, work), {
      reason: 'switching the rescue ramdisk off',
    });
    await context.step('boot device disk', () => bootFromDisk(parts, work), {
      reason: 'choosing the disk to boot from',
    });
    await context.step('power on', () => startMachine(parts, work, running), { reason: 'starting the instance' });
    return null;
  };
}

async function leave(parts: Parts, work: NodeWork): Promise<Running | null> {
  await work.take();
  return powerOff(parts, work);
}
