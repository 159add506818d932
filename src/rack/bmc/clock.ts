// A BMC's own clock: the host's, unless somebody has set it (DSP8010, Manager: DateTime).
import type { BmcState } from './state.ts';

const unset = { aheadMs: 0, localOffset: '+00:00' };

/** What it shows: whole seconds of its local time. */
export function clockOf(state: BmcState, now: Date): { DateTime: string; DateTimeLocalOffset: string } {
  const { aheadMs, localOffset } = state.clock ?? unset;
  const local = new Date(now.getTime() + aheadMs + offsetMs(localOffset)).toISOString();
  return { DateTime: `${local.slice(0, 19)}${localOffset}`, DateTimeLocalOffset: localOffset };
}

export function clockSetTo(
  state: BmcState,
  wanted: { readonly DateTime?: string; readonly DateTimeLocalOffset?: string },
  now: Date,
): NonNullable<BmcState['clock']> {
  const { aheadMs, localOffset } = state.clock ?? unset;
  return {
    aheadMs: wanted.DateTime === undefined ? aheadMs : Date.parse(wanted.DateTime) - now.getTime(),
    localOffset: wanted.DateTimeLocalOffset ?? localOffset,
  };
}

function offsetMs(offset: string): number {
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  return (hours * 60 + minutes) * 60_000 * (offset.startsWith('-') ? -1 : 1);
}
