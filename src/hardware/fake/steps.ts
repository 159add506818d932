// The steps of a fake machine: settings and firmware take effect at the next start, as they do on real ones.
import { type TObject, Type } from '@sinclair/typebox';
import type { DriverStep, IndicatorState, LogicalDisk, StepOutcome, StepRequest } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';

export interface Equipment {
  readonly factory: Readonly<Record<string, string>>;
  readonly settings: Map<string, string>;
  volumes: readonly LogicalDisk[];
  /** Component -> version. */
  readonly firmware: Map<string, string>;
  /** `component/indicator` -> state; off where it is absent. */
  readonly lights: Map<string, IndicatorState>;
}

const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
const strict = { additionalProperties: false } as const;
const nothing = Type.Object({}, strict);
const settings = Type.Object(
  {
    settings: Type.Array(Type.Object({ name: Type.String(), value: Type.Unknown() }), {
      description: 'The settings to change, each with name and value',
      minItems: 1,
    }),
  },
  strict,
);
const volumes = {
  create_root_volume: flag('Create the volume that is marked as root; default true'),
  create_nonroot_volumes: flag('Create the other volumes; default true'),
  delete_existing: flag('Delete the volumes that are there first; default true'),
};
const raidConfig = Type.Object(
  { raid_config: Type.Object({ logical_disks: Type.Array(Type.Unknown()) }, { description: 'The volumes to have' }) },
  { additionalProperties: true },
);
const images = Type.Object(
  {
    settings: Type.Array(
      Type.Object({ component: Type.String(), url: Type.String() }, { additionalProperties: true }),
      {
        description: 'The firmware to install: component and url',
        minItems: 1,
      },
    ),
  },
  strict,
);

const everywhere = ['clean', 'deploy', 'service'] as const;
const step = (of: DriverStep['interface'], name: string, args: TObject): DriverStep => ({
  interface: of,
  step: name,
  kinds: everywhere,
  priority: 0,
  abortable: true,
  requiresRamdisk: false,
  whenCutOff: 'repeat',
  args,
});

export const fakeSteps: readonly DriverStep[] = [
  step('bios', 'apply_configuration', settings),
  step('bios', 'factory_reset', nothing),
  step('raid', 'create_configuration', Type.Object(volumes, strict)),
  step('raid', 'apply_configuration', raidConfig),
  step('raid', 'delete_configuration', nothing),
  step('firmware', 'update', images),
];

const restart: StepOutcome = {
  state: 'waiting',
  reason: 'the machine takes it over at its next start',
  memory: { restarted: true },
  afterMs: 1,
  reboot: true,
};
const done: StepOutcome = { state: 'done' };

/** Runs a step, or says that the machine must be restarted first. Throws `unsupported` for one that is not offered. */
export function runStep(equipment: Equipment, request: StepRequest): StepOutcome {
  switch (`${request.interface}.${request.step}`) {
    case 'bios.apply_configuration':
      if (!request.memory) return restart;
      for (const { name, value } of entries(request.args.settings)) equipment.settings.set(String(name), String(value));
      return done;
    case 'bios.factory_reset':
      if (!request.memory) return restart;
      for (const [name, value] of Object.entries(equipment.factory)) equipment.settings.set(name, value);
      return done;
    case 'firmware.update':
      if (!request.memory) return restart;
      for (const { component, url } of entries(request.args.settings)) {
        equipment.firmware.set(String(component), /\d[\d.]*\d/.exec(String(url))?.[0] ?? String(url));
      }
      return done;
    case 'raid.create_configuration':
      return createVolumes(equipment, request.targetRaidConfig ?? {}, request.args);
    case 'raid.apply_configuration':
      return createVolumes(equipment, object(request.args.raid_config), request.args);
    case 'raid.delete_configuration':
      equipment.volumes = [];
      return done;
    default:
      throw new HardwareError('unsupported', `Fake hardware has no step ${request.interface}.${request.step}.`);
  }
}

function createVolumes(
  equipment: Equipment,
  target: Readonly<Record<string, unknown>>,
  args: Readonly<Record<string, unknown>>,
): StepOutcome {
  const wanted = entries(target.logical_disks);
  if (wanted.length === 0) {
    throw new HardwareError('misconfigured', 'The node has no target_raid_config to make volumes from.', {
      hint: "Set the node's target RAID configuration first.",
    });
  }
  const chosen = wanted.filter((disk) =>
    disk.is_root_volume === true ? args.create_root_volume !== false : args.create_nonroot_volumes !== false,
  );
  const kept = args.delete_existing === false ? equipment.volumes : [];
  const made = chosen.map((disk, index) => ({
    size_gb: Number(disk.size_gb) || 100,
    raid_level: String(disk.raid_level),
    controller: 'fake',
    physical_disks: ['disk 0', 'disk 1'],
    volume_name: String(disk.volume_name ?? `volume ${kept.length + index}`),
    id: String(kept.length + index),
  }));
  equipment.volumes = [...kept, ...made];
  return done;
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function entries(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(object) : [];
}
