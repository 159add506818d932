// What a fake machine is equipped with: BIOS settings, disks for volumes, firmware, indicators, sensors.
import type { BiosSetting, Capabilities, Indicator, LogicalDisk } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import { lacking } from '../lacking.ts';
import { type Equipment, runStep } from './steps.ts';

const factorySettings: Readonly<Record<string, string>> = {
  BootMode: 'Uefi',
  ProcHyperthreading: 'Enabled',
  ProcVirtualization: 'Enabled',
  SecureBoot: 'Disabled',
};

/** A machine as it leaves the factory. */
export function newEquipment(): Equipment {
  return {
    factory: factorySettings,
    settings: new Map(Object.entries(factorySettings)),
    volumes: [],
    firmware: new Map([
      ['bios', '1.0.0'],
      ['bmc', '2.0.0'],
    ]),
    lights: new Map(),
  };
}

const indicatorsOf: readonly Indicator[] = [
  { component: 'system', id: 'led-0', states: ['ON', 'OFF', 'BLINKING'] },
  { component: 'chassis', id: 'led-1', states: ['ON', 'OFF', 'BLINKING'] },
];

/** The capabilities of one machine; `on` tells whether it is switched on. */
export function capabilitiesOf(
  equipment: Equipment,
  machine: { readonly on: () => boolean; readonly pause: () => Promise<void> },
): Capabilities {
  const known = (component: string, id: string) => {
    if (indicatorsOf.some((one) => one.component === component && one.id === id)) return `${component}/${id}`;
    throw new HardwareError('misconfigured', `There is no indicator ${id} on ${component}.`, {
      hint: 'List the indicators of the node.',
    });
  };
  return {
    ...lacking('fake-hardware'),
    steps: {
      async run(request) {
        await machine.pause();
        return runStep(equipment, request);
      },
    },
    sensors: async () => [
      { kind: 'Temperature', name: 'Inlet', value: 21, unit: 'Cel', health: 'ok' },
      { kind: 'Fan', name: 'Fan 1', value: machine.on() ? 4200 : null, unit: 'RPM', health: 'ok' },
      { kind: 'Power', name: 'Input', value: machine.on() ? 140 : 8, unit: 'W', health: 'ok' },
    ],
    indicators: {
      list: async () => indicatorsOf,
      state: async (component, id) => equipment.lights.get(known(component, id)) ?? 'OFF',
      async set(component, id, state) {
        equipment.lights.set(known(component, id), state);
      },
    },
    bios: { settings: async () => [...equipment.settings].map(settingOf) },
    raid: { logicalDisks: async (): Promise<readonly LogicalDisk[]> => [...equipment.volumes] },
    firmware: {
      components: async () => [...equipment.firmware].map(([component, version]) => ({ component, version })),
    },
  };
}

function settingOf([name, value]: readonly [string, string]): BiosSetting {
  const choices = name === 'BootMode' ? ['Uefi', 'Bios'] : ['Enabled', 'Disabled'];
  return {
    name,
    value,
    attribute_type: 'Enumeration',
    allowable_values: choices,
    lower_bound: null,
    upper_bound: null,
    min_length: null,
    max_length: null,
    read_only: false,
    reset_required: true,
    unique: null,
  };
}
