// Care of a Redfish machine's board: its secure boot keys, and the restart of its BMC.
import type { StepOutcome } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import { member, references, textOf } from './resource.ts';
import { action, type SystemAccess } from './system.ts';
import { done, type StepCall, waiting } from './tasks.ts';

/** ResetKeysType of the SecureBoot schema (DSP8010). */
export type ResetKeys = 'ResetAllKeysToDefault' | 'DeleteAllKeys';

export interface RedfishMaintenance {
  resetKeys(how: ResetKeys): Promise<StepOutcome>;
  /** Asks the BMC to restart. */
  reset(warm: boolean): Promise<void>;
  /** The same as a step: until it answers again. */
  restart(warm: boolean, call: StepCall): Promise<StepOutcome>;
}

/** A BMC that restarts is away for minutes: this many looks of ten seconds. */
const absence = { looks: 60, afterMs: 10_000 };

export function redfishMaintenance({ client, read }: SystemAccess): RedfishMaintenance {
  async function manager(): Promise<string> {
    const [path] = references(member(await read(), 'Links').ManagedBy);
    if (path === undefined) throw new HardwareError('unsupported', 'This service shows no manager of the system.');
    return path;
  }
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
    async restart(warm, { memory }) {
      if (memory === undefined) {
        await reset(warm);
        return waiting('the BMC restarts', { looks: 0 }, absence);
      }
      const looks = Number(memory.looks ?? 0) + 1;
      try {
        await client.get(await manager());
        return done;
      } catch (error) {
        const away = error instanceof HardwareError && (error.kind === 'unreachable' || error.kind === 'timeout');
        if (!away || looks > absence.looks) throw error;
        return waiting('the BMC restarts', { looks }, absence);
      }
    },
  };
}
