// Brings a machine into a power state and waits until it shows, whatever the protocol.
import { HardwareError, type Power, type PowerAction, type PowerState } from './contract.ts';

export interface PowerOptions {
  /** Between the first looks at a machine that changes its power; each pause is half as long again, up to ten times this. */
  readonly pollMs?: number;
  readonly wait?: (ms: number) => Promise<void>;
  readonly now?: () => number;
}

export interface PowerSwitch<Reading> {
  read(): Promise<Reading>;
  stateOf(reading: Reading): PowerState;
  lastResetOf?(reading: Reading): string | null;
  /** Asks for the action; `reading` is what was read just before. */
  ask(action: PowerAction, reading: Reading): Promise<void>;
}

const systemDecides = 'Its system decides whether it listens: ask without "soft", or look at its console.';

/** Asks only for what is not so yet; a restart of a machine that is off switches it on. */
export function reachPower<Reading>(via: PowerSwitch<Reading>, options: PowerOptions = {}): Power {
  const { pollMs = 250, wait = (ms) => new Promise((wake) => setTimeout(wake, ms)), now = Date.now } = options;

  async function reach(wanted: PowerState, deadline: number, asked: PowerAction): Promise<PowerState> {
    for (let pauseMs = pollMs; ; pauseMs = Math.min(pauseMs * 1.5, pollMs * 10)) {
      const state = via.stateOf(await via.read());
      if (state === wanted) return state;
      if (now() >= deadline) {
        const hint = asked.startsWith('soft ') ? { hint: systemDecides } : {};
        throw new HardwareError('timeout', `The machine is still "${state}" after "${asked}" was accepted.`, hint);
      }
      await wait(pauseMs);
    }
  }

  return {
    state: async () => via.stateOf(await via.read()),
    lastReset: async () => via.lastResetOf?.(await via.read()) ?? null,
    async change(wanted, { timeoutMs }) {
      const deadline = now() + timeoutMs;
      const before = await via.read();
      const isOn = via.stateOf(before) === 'power on';
      switch (wanted) {
        case 'power on':
          if (isOn) return 'power on';
          await via.ask(wanted, before);
          return reach('power on', deadline, wanted);
        case 'power off':
        case 'soft power off':
          if (!isOn) return 'power off';
          await via.ask(wanted, before);
          return reach('power off', deadline, wanted);
        case 'rebooting':
        case 'soft rebooting':
          await via.ask(isOn ? wanted : 'power on', before);
          return reach('power on', deadline, wanted);
      }
    },
  };
}
