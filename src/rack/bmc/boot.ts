// Turns a BMC's boot settings into the order its machine's firmware tries devices in.
import type { BootDevice, BootPlan } from '../machine/index.ts';
import type { BmcState } from './state.ts';

/** Boot options by the name Redfish's BootOrder gives them. */
export const bootOptions = {
  Boot0001: { device: 'disk', displayName: 'Hard disk', alias: 'Hdd' },
  Boot0002: { device: 'network', displayName: 'Network', alias: 'Pxe' },
  Boot0003: { device: 'cd', displayName: 'Virtual CD', alias: 'Cd' },
} as const satisfies Record<string, { device: BootDevice; displayName: string; alias: string }>;

export type BootOptionId = keyof typeof bootOptions;

/** Every boot option's name, typed. */
export const bootOptionIds: readonly BootOptionId[] = ['Boot0001', 'Boot0002', 'Boot0003'];

/** An override puts its device before the rest of the order; a CD drive without a disc is left out. */
export function bootPlan(state: BmcState): BootPlan {
  const { boot, media } = state;
  const usual = boot.order
    .map((id): BootDevice => bootOptions[id].device)
    .filter((device) => device !== 'cd' || media !== undefined);
  const first = boot.enabled === 'Disabled' ? undefined : overrideDevice(boot);
  const order = first === undefined ? usual : [first, ...usual.filter((device) => device !== first)];
  return { order, firmware: boot.mode === 'UEFI' ? 'uefi' : 'bios' };
}

function overrideDevice(boot: BmcState['boot']): BootDevice | undefined {
  switch (boot.target) {
    case 'None':
      return undefined;
    case 'Pxe':
      return 'network';
    case 'Cd':
      return 'cd';
    case 'Hdd':
      return 'disk';
    case 'UefiHttp':
      // With an address the BMC has fetched the image into the virtual drive; without one DHCP names it.
      return boot.httpBootUri === '' ? 'network' : 'cd';
    default:
      return boot.target satisfies never;
  }
}

/** The settings after a boot began: an override for one boot is spent, pending settings are in force. */
export function afterBoot(state: BmcState, now: Date): BmcState {
  const spent = state.boot.enabled === 'Once';
  return {
    ...state,
    boot: spent ? { ...state.boot, enabled: 'Disabled', target: 'None', httpBootUri: '' } : state.boot,
    bios: { ...state.bios, ...state.biosPending },
    biosPending: {},
    secureBoot: { ...state.secureBoot, current: state.secureBoot.wanted },
    lastResetAt: now.toISOString(),
  };
}
