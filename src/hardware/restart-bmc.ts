// The restart of a BMC as a step, whatever the protocol: asked for, then waited for until it answers again.
import type { StepMemory, StepOutcome } from './capabilities.ts';
import { HardwareError } from './contract.ts';

/** A BMC that restarts is away for minutes: this many looks of ten seconds. */
const absence = { looks: 60, afterMs: 10_000 };

export async function restartBmc(
  bmc: { reset(): Promise<unknown>; look(): Promise<unknown> },
  memory: StepMemory | undefined,
): Promise<StepOutcome> {
  const looks = Number(memory?.looks ?? 0);
  if (memory === undefined) await bmc.reset();
  else {
    try {
      await bmc.look();
      return { state: 'done' };
    } catch (error) {
      const away = error instanceof HardwareError && (error.kind === 'unreachable' || error.kind === 'timeout');
      if (!away || looks > absence.looks) throw error;
    }
  }
  return {
    state: 'waiting',
    reason: 'the BMC restarts',
    memory: { looks: looks + 1 },
    afterMs: absence.afterMs,
    reboot: false,
  };
}
