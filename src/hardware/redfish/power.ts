// Power of a Redfish system: ComputerSystem.Reset.
import { HardwareError, type Power, type PowerAction, type PowerState } from '../contract.ts';
import { type PowerOptions, reachPower } from '../reach-power.ts';
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

export function redfishPower(system: SystemAccess, options: PowerOptions = {}): Power {
  return reachPower(
    {
      read: () => system.read(),
      stateOf: powerState,
      lastResetOf: (of) => textOf(of, 'LastResetTime'),
      async ask(wanted, of) {
        // Asked before: a button that is pressed a second time would do something else.
        if (wanted.endsWith('power off') && textOf(of, 'PowerState') === 'PoweringOff') return;
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
      },
    },
    options,
  );
}

/** Off only when it is off: a machine that is powering up or down still draws power and may write to its disks. */
function powerState(system: Resource): PowerState {
  return textOf(system, 'PowerState') === 'Off' ? 'power off' : 'power on';
}
