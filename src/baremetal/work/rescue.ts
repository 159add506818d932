// node.rescue and node.unrescue: a ramdisk to log in to on a machine whose system does not start, and the way back.
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import { agentOf, reasonOf } from '../machine/agent-client.ts';
import type { Parts } from '../parts.ts';
import { textInput } from './input.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { bootFromDisk, powerOff, startMachine, startRamdisk } from './ramdisk.ts';

export function rescueNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const through = await context.step('prepare', () => begin(work), { reason: 'checking the node' });
    if (through === 'agent') {
      await startRamdisk(parts, context, work, 'rescue');
      await context.step('open the ramdisk', () => openRamdisk(parts, work), { reason: 'setting the rescue password' });
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

async function openRamdisk(parts: Parts, work: NodeWork): Promise<null> {
  const node = await work.move('resume', { awaiting: null, state_deadline_at: null });
  const kept = node.config_drive === null ? {} : parts.sealer.open(node.config_drive, node.uuid);
  const password =
    typeof kept === 'object' && kept !== null && 'rescue_password' in kept ? String(kept.rescue_password) : '';
  const agent = await agentOf(parts, work.uuid);
  const ended = await agent.send(
    'rescue.finalize_rescue',
    { rescue_password: password, hashed: false },
    { wait: true },
  );
  if (ended.command_status === 'FAILED') {
    throw new OperationFailed(`The rescue ramdisk could not be opened: ${reasonOf(ended) || 'no reason given'}.`, '');
  }
  // It has done its work; it would be the config drive of the next rebuild otherwise.
  await work.change({ config_drive: null });
  return null;
}

export function unrescueNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    await context.step('power off', () => leave(parts, work), { reason: 'switching the rescue ramdisk off' });
    await context.step('boot device disk', () => bootFromDisk(work), { reason: 'choosing the disk to boot from' });
    await context.step('power on', () => startMachine(parts, work), { reason: 'starting the instance' });
    return null;
  };
}

async function leave(parts: Parts, work: NodeWork): Promise<null> {
  await work.take();
  return powerOff(parts, work);
}
