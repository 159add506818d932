// The steps of a Redfish machine: BIOS settings, RAID and firmware, by Ironic's names.
import { type Static, type TObject, Type } from '@sinclair/typebox';
import type { DriverStep, StepKind, StepOutcome, StepRequest } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import { type TableStep, tableStep } from '../step-table.ts';
import type { RedfishBios } from './bios.ts';
import type { RedfishClock } from './clock.ts';
import type { RedfishFirmware } from './firmware.ts';
import type { RedfishJobQueue } from './job-queue.ts';
import type { RedfishMaintenance } from './maintenance.ts';
import type { RedfishRaid } from './raid.ts';
import { done } from './tasks.ts';

const closed = { additionalProperties: false };
const flag = (description: string) => Type.Optional(Type.Boolean({ description }));

const BiosArgs = Type.Object(
  {
    settings: Type.Array(Type.Object({ name: Type.String(), value: Type.Unknown() }), {
      description: 'Settings to apply: a list of name and value.',
      minItems: 1,
    }),
  },
  closed,
);
const CreateArgs = Type.Object(
  {
    create_root_volume: flag('Whether to create the root volume. Default true.'),
    create_nonroot_volumes: flag('Whether to create the other volumes. Default true.'),
    delete_existing: flag('Whether to delete all volumes first. Default false.'),
  },
  closed,
);
const ApplyArgs = Type.Object(
  {
    raid_config: Type.Object({}, { additionalProperties: true, description: 'The RAID configuration to apply.' }),
    ...CreateArgs.properties,
  },
  closed,
);
const imageUrl = Type.String({ pattern: '^https?://' });
const wait = Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 }));
const FirmwareArgs = Type.Object(
  {
    settings: Type.Array(
      Type.Object({ component: Type.String(), url: imageUrl, wait }, { additionalProperties: true }),
      {
        description:
          'Firmware to write: a list of component (bios, bmc, ...), url and wait (seconds to pause after it).',
        minItems: 1,
      },
    ),
  },
  closed,
);
const ImagesArgs = Type.Object(
  {
    firmware_images: Type.Array(
      Type.Object(
        {
          url: imageUrl,
          checksum: Type.String({ pattern: '^([0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})$' }),
          // Ironic's other sources, where it keeps a copy for the BMC, are not ours: the BMC fetches from the URL.
          source: Type.Optional(Type.Literal('http')),
          wait,
        },
        closed,
      ),
      {
        description:
          'Images to write one after another: a list of url, checksum (SHA-1, SHA-256 or SHA-512), source (http) and wait (seconds to pause after it).',
        minItems: 1,
      },
    ),
  },
  closed,
);
const RestartArgs = Type.Object({ warm: flag('Whether it restarts without a cold start. Default true.') }, closed);
const ClockArgs = Type.Object(
  {
    target_datetime: Type.Optional(
      Type.String({
        description: "What the clock is to show, such as 2026-05-01T12:00:00Z. Default: the server's time.",
        pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$',
      }),
    ),
    datetime_local_offset: Type.Optional(
      Type.String({
        description: "Offset of the BMC's local time, such as +02:00. Default: it keeps its own.",
        pattern: '^[+-]\\d\\d:\\d\\d$',
      }),
    ),
  },
  closed,
);
const NoArgs = Type.Object({}, closed);

/** What done twice is the same as once. */
const repeatable: readonly string[] = [
  'management.reset_secure_boot_keys_to_default',
  'management.clear_secure_boot_keys',
  'management.reset_bmc',
  'management.reset_idrac',
  'management.set_bmc_clock',
  'management.clear_job_queue',
];

export interface Parts {
  readonly bios: RedfishBios;
  readonly raid: RedfishRaid;
  readonly firmware: RedfishFirmware;
  readonly maintenance: RedfishMaintenance;
  readonly clock: RedfishClock;
  readonly jobQueue: RedfishJobQueue;
}

function step<Args extends TObject>(
  of: DriverStep['interface'],
  name: string,
  kinds: readonly StepKind[],
  args: Args,
  run: (parts: Parts, args: Static<Args>, request: StepRequest) => Promise<StepOutcome>,
): TableStep<Parts> {
  // What is half done to a controller or a flash chip is not left so: such steps are not abortable.
  const about = { priority: 0, abortable: of === 'bios', requiresRamdisk: false } as const;
  const whenCutOff = repeatable.includes(`${of}.${name}`) ? 'repeat' : 'look';
  return tableStep({ ...about, interface: of, step: name, kinds, whenCutOff }, args, run);
}

const createOptions = (args: Static<typeof CreateArgs>) => ({
  root: args.create_root_volume ?? true,
  others: args.create_nonroot_volumes ?? true,
  deleteExisting: args.delete_existing ?? false,
});

const everywhere: readonly StepKind[] = ['clean', 'deploy', 'service'];

export const redfishTable: readonly TableStep<Parts>[] = [
  step('bios', 'apply_configuration', everywhere, BiosArgs, ({ bios }, args, call) =>
    bios.apply(
      args.settings.map(({ name, value }) => ({ name, value })),
      call,
    ),
  ),
  step('bios', 'factory_reset', everywhere, NoArgs, ({ bios }, _args, call) => bios.factoryReset(call)),
  step('raid', 'create_configuration', ['clean'], CreateArgs, ({ raid }, args, { targetRaidConfig, ...call }) =>
    raid.create(targetRaidConfig, createOptions(args), call),
  ),
  step('raid', 'apply_configuration', ['deploy'], ApplyArgs, ({ raid }, args, call) =>
    raid.create(args.raid_config, { ...createOptions(args), deleteExisting: args.delete_existing ?? true }, call),
  ),
  step('raid', 'delete_configuration', ['clean', 'deploy'], NoArgs, ({ raid }, _args, call) => raid.deleteAll(call)),
  step('firmware', 'update', everywhere, FirmwareArgs, ({ firmware }, args, call) =>
    firmware.update(args.settings, call),
  ),
  step('management', 'update_firmware', everywhere, ImagesArgs, ({ firmware }, args, call) =>
    firmware.update(args.firmware_images, call),
  ),
  step('management', 'reset_secure_boot_keys_to_default', everywhere, NoArgs, ({ maintenance }) =>
    maintenance.resetKeys('ResetAllKeysToDefault'),
  ),
  step('management', 'clear_secure_boot_keys', everywhere, NoArgs, ({ maintenance }) =>
    maintenance.resetKeys('DeleteAllKeys'),
  ),
  step('management', 'reset_bmc', everywhere, RestartArgs, ({ maintenance }, { warm = true }, call) =>
    maintenance.restart(warm, call),
  ),
  // Ironic's name of it on Dell's machines.
  step('management', 'reset_idrac', everywhere, NoArgs, ({ maintenance }, _args, call) =>
    maintenance.restart(true, call),
  ),
  step('management', 'clear_job_queue', everywhere, NoArgs, ({ jobQueue }, _args, call) => jobQueue.clear(call)),
  step('management', 'set_bmc_clock', everywhere, ClockArgs, async ({ clock }, args) => {
    const { target_datetime: target, datetime_local_offset: offset } = args;
    const at = target === undefined ? new Date() : new Date(target);
    if (Number.isNaN(at.getTime())) throw new HardwareError('misconfigured', `There is no time ${target}.`);
    await clock.setClock(at, offset);
    return done;
  }),
];

/** What the driver offers, for its description. */
export const redfishSteps: readonly DriverStep[] = redfishTable.map(({ description }) => description);
