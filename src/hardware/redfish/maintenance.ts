// Care of a Redfish machine's board: its secure boot keys, and the restart of its BMC.
import type { StepOutcome } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import { restartBmc } from '../restart-bmc.ts';
import { member, textOf } from './resource.ts';
import { action, type SystemAccess } from './system.ts';
import { done, type StepCall } from './tasks.ts';

/** ResetKeysType of the SecureBoot schema (DSP8010). */
export type ResetKeys = 'ResetAllKeysToDefault' | 'DeleteAllKeys';

export interface RedfishMaintenance {
  resetKeys(how: ResetKeys): Promise<StepOutcome>;
  /** Asks the BMC to restart. */
  reset(warm: boolean): Promise<void>;
  /** The same as a step: until it answers again. */
  restart(warm: boolean, call: StepCall): Promise<StepOutcome>;
}

export function redfishMaintenance({ client, read, manager }: SystemAccess): RedfishMaintenance {
  async function reset(warm: boolean): Promise<void> {
    const path = await manager();
    const wanted = warm ? 'GracefulRestart' : 'ForceRestart';
    const { target, values } = action(await client.get(path), 'Manager.Reset', 'ResetType', path);
    const offered =
      values.length === 0 || values.includes(wanted) ? wanted : values.find((one) => /Restart$/.test(one));
    await client.post(target, { ResetType: offered ?? wanted });
  }
  return {
    reset,
    async resetKeys(how) {
      const path = textOf(member(await read(), 'SecureBoot'), '@odata.id');
      if (path === null) throw new HardwareError('unsupported', 'This BMC does not show secure boot.');
      const { target, values } = action(await client.get(path), 'SecureBoot.ResetKeys', 'ResetKeysType', path);
      if (values.length > 0 && !values.includes(how))
        throw new HardwareError('unsupported', `This BMC resets secure boot keys only by ${values.join(', ')}.`);
      await client.post(target, { ResetKeysType: how });
      return done;
    },
    restart: (warm, { memory }) =>
      restartBmc({ reset: () => reset(warm), look: async () => client.get(await manager()) }, memory),
  };
}
