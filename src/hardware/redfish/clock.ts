// The clock of a Redfish machine's BMC: DateTime and DateTimeLocalOffset of its manager (DSP8010, Manager).
import { HardwareError } from '../contract.ts';
import { textOf } from './resource.ts';
import type { SystemAccess } from './system.ts';

export interface RedfishClock {
  clock(): Promise<Date>;
  /** `offset`, such as `+02:00`, becomes that of the BMC's local time; undefined: it keeps its own. */
  setClock(at: Date, offset?: string): Promise<void>;
}

/** A clock that is off by no more than this is right: BMCs tell whole seconds. */
const toleranceMs = 1_000;

export function redfishClock({ client, manager }: SystemAccess): RedfishClock {
  async function look() {
    const path = await manager();
    const body = await client.get(path);
    const shown = Date.parse(textOf(body, 'DateTime') ?? '');
    if (Number.isNaN(shown)) throw new HardwareError('unsupported', 'This BMC does not tell the time.');
    return { path, shown: new Date(shown), offset: textOf(body, 'DateTimeLocalOffset') ?? '+00:00' };
  }

  return {
    clock: async () => (await look()).shown,
    async setClock(at, wanted) {
      const began = performance.now();
      const now = () => at.getTime() + (performance.now() - began);
      const { path, shown, offset } = await look();
      const keepsOffset = wanted === undefined || wanted === offset;
      if (keepsOffset && isClose(shown, now())) return;
      await client.patch(path, {
        DateTime: inZone(now(), wanted ?? offset),
        // Some refuse to be told an offset that they have, or any.
        ...(keepsOffset ? {} : { DateTimeLocalOffset: wanted }),
      });
      const { shown: after } = await look();
      if (isClose(after, now())) return;
      throw new HardwareError(
        'refused',
        `The BMC's clock shows ${after.toISOString()} after it was set to ${new Date(now()).toISOString()}.`,
        { hint: 'See whether the BMC takes its time from NTP servers or from the machine, and correct it there.' },
      );
    },
  };
}

/** A reading stands for the whole second that it names. */
function isClose(shown: Date, nowMs: number): boolean {
  const aheadMs = shown.getTime() - nowMs;
  return aheadMs <= toleranceMs && aheadMs + 1_000 >= -toleranceMs;
}

/** To the nearest second, in the local time of the offset: BMCs refuse fractions, and offsets that are not theirs. */
function inZone(ms: number, offset: string): string {
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? [];
  const shiftMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const local = new Date(Math.round(ms / 1000) * 1000 + shiftMs).toISOString();
  return `${local.slice(0, 19)}${sign}${hours.padStart(2, '0')}:${minutes.padStart(2, '0')}`;
}
