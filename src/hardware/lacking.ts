// The capabilities of a driver that has none: each throws `unsupported` with its name.
import type { Capabilities } from './capabilities.ts';
import { HardwareError } from './contract.ts';

/** A call that the driver refuses, by what it would have been. */
export const refusing = (driver: string) => (what: string) => async (): Promise<never> => {
  throw new HardwareError('unsupported', `The ${driver} driver offers no ${what}.`);
};

/** A driver overrides what it has. */
export function lacking(driver: string): Capabilities {
  const no = refusing(driver);
  const noIndicators = no('indicators');
  const noEvents = no('event subscriptions');
  return {
    steps: { run: (request) => no(`step ${request.interface}.${request.step}`)() },
    sensors: no('sensors'),
    indicators: { list: noIndicators, state: noIndicators, set: noIndicators },
    bios: { settings: no('BIOS settings') },
    raid: { logicalDisks: no('RAID') },
    firmware: { components: no('firmware versions') },
    controller: {
      reset: no('restart of the BMC'),
      raw: no('raw commands'),
      clock: no('clock of the BMC'),
      setClock: no('clock of the BMC'),
    },
    events: { list: noEvents, subscribe: noEvents, unsubscribe: noEvents },
    console: { command: no('console') },
  };
}
