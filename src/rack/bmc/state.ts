// What a BMC remembers: its settings, kept in one file so that they outlive the rack process.
import { type Static, Type } from '@sinclair/typebox';
import { Faults } from '../faults/index.ts';
import { biosDefaults } from './bios-attributes.ts';

export const bootTargets = ['None', 'Pxe', 'Cd', 'Hdd', 'UefiHttp'] as const;
export const bootEnabled = ['Disabled', 'Once', 'Continuous'] as const;
export const bootModes = ['Legacy', 'UEFI'] as const;
export const indicators = ['Lit', 'Blinking', 'Off'] as const;

const oneOf = <const T extends readonly string[]>(values: T) =>
  Type.Union(values.map((value) => Type.Literal<T[number]>(value)));

export const BootTarget = oneOf(bootTargets);
export const BootEnabled = oneOf(bootEnabled);
export const BootMode = oneOf(bootModes);
export const Indicator = oneOf(indicators);
export const BootOptionId = oneOf(['Boot0001', 'Boot0002', 'Boot0003'] as const);

export const Attributes = Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer(), Type.Boolean()]));
export type Attributes = Static<typeof Attributes>;

export const Subscription = Type.Object({
  id: Type.String(),
  destination: Type.String(),
  context: Type.String(),
});
export type Subscription = Static<typeof Subscription>;

const RaidVolume = Type.Object({
  id: Type.String(),
  name: Type.String(),
  raidType: Type.String(),
  sizeBytes: Type.Integer(),
  /** Places of its drives among the machine's disks. */
  drives: Type.Array(Type.Integer()),
});
export type RaidVolume = Static<typeof RaidVolume>;

export const BmcState = Type.Object({
  /** The firmware the machine was made with: when a later rack is made with the other one, its boot mode follows. */
  firmware: Type.Union([Type.Literal('bios'), Type.Literal('uefi')]),
  boot: Type.Object({
    target: BootTarget,
    enabled: BootEnabled,
    mode: BootMode,
    httpBootUri: Type.String(),
    order: Type.Array(BootOptionId),
  }),
  bios: Attributes,
  /** Attributes that take effect at the next boot. */
  biosPending: Attributes,
  secureBoot: Type.Object({
    wanted: Type.Boolean(),
    current: Type.Boolean(),
    keys: Type.Optional(Type.Union([Type.Literal('default'), Type.Literal('none')])),
  }),
  media: Type.Optional(Type.Object({ image: Type.String(), file: Type.String(), writeProtected: Type.Boolean() })),
  indicator: Indicator,
  assetTag: Type.String(),
  volumes: Type.Optional(Type.Array(RaidVolume)),
  /** Firmware that was updated. */
  versions: Type.Optional(Type.Object({ BIOS: Type.String(), BMC: Type.String() })),
  subscriptions: Type.Array(Subscription),
  lastResetAt: Type.String(),
  /** How the BMC's clock was set: ahead of the host's, milliseconds, and the offset of its local time. */
  clock: Type.Optional(Type.Object({ aheadMs: Type.Integer(), localOffset: Type.String() })),
  faults: Faults,
});
export type BmcState = Static<typeof BmcState>;

const bootModeOf = (firmware: BmcState['firmware']): 'UEFI' | 'Legacy' => (firmware === 'uefi' ? 'UEFI' : 'Legacy');

/** What was kept, in line with the firmware the machine is now made with. */
export function keptState(kept: BmcState, firmware: BmcState['firmware']): BmcState {
  return kept.firmware === firmware ? kept : { ...kept, firmware, boot: { ...kept.boot, mode: bootModeOf(firmware) } };
}

/** A BMC as it leaves the factory. */
export function freshState(firmware: 'bios' | 'uefi', now: Date): BmcState {
  return {
    firmware,
    boot: {
      target: 'None',
      enabled: 'Disabled',
      mode: bootModeOf(firmware),
      httpBootUri: '',
      order: ['Boot0001', 'Boot0002', 'Boot0003'],
    },
    bios: biosDefaults(),
    biosPending: {},
    secureBoot: { wanted: false, current: false },
    indicator: 'Off',
    assetTag: '',
    subscriptions: [],
    lastResetAt: now.toISOString(),
    faults: {},
  };
}
