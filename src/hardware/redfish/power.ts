// Power of a Redfish system: ComputerSystem.Reset, and waiting until it shows.
import { HardwareError, type Power, type PowerAction, type PowerState } from '../contract.ts';
import { type Resource, textOf } from './resource.ts';
import { action, type SystemAccess } from './system.ts';

/** ResetTypes that bring the action about, the best first (DSP0268, Resource.ResetType). */
const resetTypes: Readonly<Record<PowerAction, readonly string[]>> = {
  'power on': ['On', 'ForceOn', 'PushPowerButton'],
  'power off': ['ForceOff', 'PushPowerButton'],
  'soft power off': ['GracefulShutdown', 'PushPowerButton'],
  rebooting: ['ForceRestart', 'PowerCycle'],
  'soft rebooting': ['GracefulRestart', 'GracefulShutdown'],
};

export interface PowerOptions {
  readonly pollMs?: number;
  readonly wait?: (ms: number) => Promise<void>;
  readonly now?: () => number;
}

export function redfishPower(system: SystemAccess, options: PowerOptions = {}): Power {
  const { pollMs = 500, wait = (ms) => new Promise((wake) => setTimeout(wake, ms)), now = Date.now } = options;

  async function reset(of: Resource, wanted: PowerAction): Promise<void> {
    const { target, values } = action(of, 'ComputerSystem.Reset', 'ResetType', await system.path());
    const usable = resetTypes[wanted];
    const type = values.length === 0 ? usable[0] : usable.find((one) => values.includes(one));
    if (type === undefined) {
      throw new HardwareError(
        'unsupported',
        `The BMC offers none of ${usable.join(', ')} for "${wanted}", only ${values.join(', ')}.`,
      );
    }
    await system.client.post(target, { ResetType: type });
  }

  async function reach(wanted: PowerState, deadline: number, asked: PowerAction): Promise<PowerState> {
    for (;;) {
      const state = powerState(await system.read());
      if (state === wanted) return state;
      if (now() >= deadline) {
        throw new HardwareError('timeout', `The machine is still "${state}" after "${asked}" was accepted.`);
      }
      await wait(pollMs);
    }
  }

  return {
    state: async () => powerState(await system.read()),
    async change(wanted, { timeoutMs }) {
      const deadline = now() + timeoutMs;
      const before = await system.read();
      const isOn = powerState(before) === 'power on';
      switch (wanted) {
        case 'power on':
          if (!isOn) await reset(before, wanted);
          return reach('power on', deadline, wanted);
        case 'power off':
        case 'soft power off':
          if (isOn) await reset(before, wanted);
          return reach('power off', deadline, wanted);
        case 'rebooting':
        case 'soft rebooting':
          await reset(before, isOn ? wanted : 'power on');
          return reach('power on', deadline, wanted);
      }
    },
  };
}

/** Off only when it is off: a machine that is powering up or down still draws power and may write to its disks. */
function powerState(system: Resource): PowerState {
  return textOf(system, 'PowerState') === 'Off' ? 'power off' : 'power on';
}
