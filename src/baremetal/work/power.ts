// node.power: one change of a machine's power.
import type { PowerAction } from '../../hardware/index.ts';
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import { bootDeviceSpent, bootDeviceToTell, losesBootDevice } from '../node/boot-device.ts';
import { isPowerAction } from '../node/power.ts';
import type { Parts } from '../parts.ts';
import { bootModeFor } from './capabilities.ts';
import { numberInput, textInput } from './input.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { forgetAgent } from './ramdisk.ts';

export function powerNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const asked = textInput(input, 'action');
    const timeoutMs = numberInput(input, 'timeoutMs') ?? parts.config.powerTimeoutMs;
    const change = async (action: PowerAction): Promise<string> => {
      if (action === 'power on') await tellBootDevice(parts, work);
      const state = await work.effect(action, ({ power }) => power.change(action, { timeoutMs }));
      if (action !== 'power on') await forgetAgent(parts, work.uuid);
      const node = action === 'power on' ? await work.read() : undefined;
      if (node && losesBootDevice(parts, node)) await work.change(bootDeviceSpent);
      return state;
    };
    // A restart is off and on, two steps that each look first: one cut off between them is not done twice.
    const actions = restarts[asked] ?? [asked];
    let state = '';
    for (const action of actions) {
      if (!isPowerAction(action))
        throw new OperationFailed(`"${action}" is no power action.`, 'Ask for one of: power on, power off, rebooting.');
      state = await context.step(action, () => change(action), { reason: `${action} was asked for` });
    }
    return { power_state: state };
  };
}

async function tellBootDevice(parts: Parts, work: NodeWork): Promise<void> {
  const node = await work.read();
  const device = bootDeviceToTell(parts, node);
  if (device === undefined) return;
  await work.effect(`boot from ${device} once`, ({ management }) =>
    management.setBootDevice(device, false, bootModeFor(node)),
  );
}

const restarts: Readonly<Record<string, readonly string[]>> = {
  rebooting: ['power off', 'power on'],
  'soft rebooting': ['soft power off', 'power on'],
};
