// The steps of a Redfish machine: BIOS settings, RAID and firmware, by Ironic's names.
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { DriverStep, StepKind, StepOutcome, StepRequest, Steps } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import type { RedfishBios } from './bios.ts';
import type { RedfishFirmware } from './firmware.ts';
import type { RedfishMaintenance } from './maintenance.ts';
import type { RedfishRaid } from './raid.ts';

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
const FirmwareArgs = Type.Object(
  {
    settings: Type.Array(
      Type.Object(
        { component: Type.String(), url: Type.String({ pattern: '^https?://' }) },
        { additionalProperties: true },
      ),
      { description: 'Firmware to write: a list of component (bios, bmc, ...) and url.', minItems: 1 },
    ),
  },
  closed,
);
const RestartArgs = Type.Object({ warm: flag('Whether it restarts without a cold start. Default true.') }, closed);
const NoArgs = Type.Object({}, closed);

interface Parts {
  readonly bios: RedfishBios;
  readonly raid: RedfishRaid;
  readonly firmware: RedfishFirmware;
  readonly maintenance: RedfishMaintenance;
}

interface Entry<Args extends TSchema> {
  readonly description: DriverStep;
  run(parts: Parts, request: StepRequest): Promise<StepOutcome>;
  readonly args: Args;
}

function step<Args extends ReturnType<typeof Type.Object>>(
  of: DriverStep['interface'],
  name: string,
  kinds: readonly StepKind[],
  args: Args,
  run: (parts: Parts, args: Static<Args>, request: StepRequest) => Promise<StepOutcome>,
): Entry<Args> {
  return {
    // What is half done to a controller or a flash chip is not left so: such steps are not abortable.
    description: {
      interface: of,
      step: name,
      kinds,
      priority: 0,
      abortable: of === 'bios',
      requiresRamdisk: false,
      whenCutOff: of === 'management' || name === 'factory_reset' ? 'repeat' : 'look',
      args,
    },
    args,
    run(parts, request) {
      const given: unknown = request.args;
      if (!Value.Check(args, given)) {
        const [first] = [...Value.Errors(args, given)];
        throw new HardwareError(
          'misconfigured',
          `Step ${of}.${name} cannot run: ${first ? `${first.path.slice(1) || 'its arguments'}: ${first.message}` : 'its arguments are wrong'}.`,
          { hint: 'Correct the arguments of the step.' },
        );
      }
      return run(parts, given, request);
    },
  };
}

const createOptions = (args: Static<typeof CreateArgs>) => ({
  root: args.create_root_volume ?? true,
  others: args.create_nonroot_volumes ?? true,
  deleteExisting: args.delete_existing ?? false,
});

const everywhere: readonly StepKind[] = ['clean', 'deploy', 'service'];

const table = [
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
  step('management', 'reset_secure_boot_keys_to_default', everywhere, NoArgs, ({ maintenance }) =>
    maintenance.resetKeys('ResetAllKeysToDefault'),
  ),
  step('management', 'clear_secure_boot_keys', everywhere, NoArgs, ({ maintenance }) =>
    maintenance.resetKeys('DeleteAllKeys'),
  ),
  step('management', 'reset_bmc', everywhere, RestartArgs, ({ maintenance }, { warm = true }, call) =>
    maintenance.restart(warm, call),
  ),
];

/** What the driver offers, for its description. */
export const redfishSteps: readonly DriverStep[] = table.map(({ description }) => description);

export function runsSteps(parts: Parts): Steps {
  return {
    async run(request) {
      const found = table.find(
        ({ description }) => description.interface === request.interface && description.step === request.step,
      );
      if (!found) {
        throw new HardwareError(
          'unsupported',
          `The redfish driver offers no step ${request.interface}.${request.step}, only ${table.map(({ description }) => `${description.interface}.${description.step}`).join(', ')}.`,
        );
      }
      return found.run(parts, request);
    },
  };
}
