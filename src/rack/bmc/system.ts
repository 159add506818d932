// The computer system: its power, its boot settings, its actions.
import { setTimeout as wait } from 'node:timers/promises';
import { type Static, Type } from '@sinclair/typebox';
import { type Bmc, type ResetType, resetTypes } from './bmc.ts';
import { checkParameters, checkProperties } from './body.ts';
import { bootOptionIds, bootOptions } from './boot.ts';
import { fault } from './messages.ts';
import { bmcPath, chassis, collection, healthy, link, links, resource, system } from './resources.ts';
import { type Answer, done, ok, type RedfishRequest } from './router.ts';
import {
  BootEnabled,
  BootMode,
  BootOptionId,
  BootTarget,
  bootEnabled,
  bootModes,
  bootTargets,
  Indicator,
} from './state.ts';
import { versionOf } from './update-service.ts';

const SystemPatch = Type.Object(
  {
    AssetTag: Type.Optional(Type.String({ maxLength: 128 })),
    IndicatorLED: Type.Optional(Indicator),
    Boot: Type.Optional(
      Type.Object(
        {
          BootSourceOverrideTarget: Type.Optional(BootTarget),
          BootSourceOverrideEnabled: Type.Optional(BootEnabled),
          BootSourceOverrideMode: Type.Optional(BootMode),
          HttpBootUri: Type.Optional(Type.String({ pattern: '^(https?://.+\\.iso)?$' })),
          BootOrder: Type.Optional(Type.Array(BootOptionId, { uniqueItems: true, minItems: 1 })),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

const ResetParameters = Type.Object(
  { ResetType: Type.Union(resetTypes.map((type) => Type.Literal<ResetType>(type))) },
  { additionalProperties: false },
);

export function systemBody(bmc: Bmc): Record<string, unknown> {
  const { state, spec, machine } = bmc;
  const power = machine.power();
  return {
    ...resource(system, 'ComputerSystem.v1_13_0.ComputerSystem', '1', spec.name),
    SystemType: 'Physical',
    Manufacturer: 'Undercloud',
    Model: machine.kind === 'qemu' ? 'Virtual machine' : 'Simulated machine',
    SerialNumber: spec.serial,
    UUID: spec.uuid,
    HostName: spec.name,
    AssetTag: state.assetTag,
    IndicatorLED: state.indicator,
    PowerState: power,
    BiosVersion: versionOf(bmc, 'BIOS'),
    LastResetTime: state.lastResetAt,
    Status: {
      State: power === 'Off' ? 'Disabled' : 'Enabled',
      Health: state.faults['disk-failing'] ? 'Critical' : 'OK',
      HealthRollup: state.faults['disk-failing'] ? 'Critical' : 'OK',
    },
    Boot: {
      BootSourceOverrideEnabled: state.boot.enabled,
      'BootSourceOverrideEnabled@Redfish.AllowableValues': bootEnabled,
      BootSourceOverrideTarget: state.boot.target,
      'BootSourceOverrideTarget@Redfish.AllowableValues': bootTargets,
      BootSourceOverrideMode: state.boot.mode,
      'BootSourceOverrideMode@Redfish.AllowableValues': bootModes,
      HttpBootUri: state.boot.httpBootUri,
      BootOrder: state.boot.order,
      BootOptions: link(`${system}/BootOptions`),
    },
    ProcessorSummary: { Count: 1, LogicalProcessorCount: 1, Model: 'QEMU Virtual CPU', Status: healthy },
    MemorySummary: { TotalSystemMemoryGiB: Math.round((spec.memoryMb / 1024) * 1000) / 1000, Status: healthy },
    SerialConsole: {
      MaxConcurrentSessions: 1,
      IPMI: { ServiceEnabled: bmc.ipmi, ...(bmc.ipmi ? { Port: spec.bmc.port } : {}) },
    },
    Bios: link(`${system}/Bios`),
    SecureBoot: link(`${system}/SecureBoot`),
    Processors: link(`${system}/Processors`),
    Memory: link(`${system}/Memory`),
    EthernetInterfaces: link(`${system}/EthernetInterfaces`),
    Storage: link(`${system}/Storage`),
    VirtualMedia: link(`${bmcPath}/VirtualMedia`),
    Links: { Chassis: links([chassis]), ManagedBy: links([bmcPath]) },
    Actions: {
      '#ComputerSystem.Reset': {
        target: `${system}/Actions/ComputerSystem.Reset`,
        'ResetType@Redfish.AllowableValues': resetTypes,
      },
    },
  };
}

export const getSystem = (bmc: Bmc): Answer => ok(systemBody(bmc));

/** DSP2046: a target without `Enabled` keeps it, `None` or `Disabled` ends the override, a target alone means once. */
function nextBoot(bmc: Bmc, wanted: NonNullable<Static<typeof SystemPatch>['Boot']>): Bmc['state']['boot'] {
  const before = bmc.state.boot;
  const target = wanted.BootSourceOverrideTarget ?? before.target;
  const stated =
    wanted.BootSourceOverrideEnabled ??
    (before.enabled === 'Disabled' && wanted.BootSourceOverrideTarget ? 'Once' : before.enabled);
  const enabled = target === 'None' ? 'Disabled' : stated;
  return {
    mode: wanted.BootSourceOverrideMode ?? before.mode,
    httpBootUri: wanted.HttpBootUri ?? before.httpBootUri,
    order: wanted.BootOrder ?? before.order,
    target: enabled === 'Disabled' ? 'None' : target,
    enabled,
  };
}

export async function patchSystem(bmc: Bmc, request: RedfishRequest): Promise<Answer> {
  const patch = checkProperties(SystemPatch, request.body, systemBody(bmc));
  const boot = patch.Boot ? nextBoot(bmc, patch.Boot) : undefined;
  if (boot?.target === 'UefiHttp' && boot.mode !== 'UEFI') {
    throw fault('ResourceCannotBeUsed', ['UefiHttp needs BootSourceOverrideMode UEFI']);
  }
  if (boot && boot.httpBootUri !== '' && boot.httpBootUri !== bmc.state.boot.httpBootUri)
    await insertImage(bmc, boot.httpBootUri);
  bmc.change({
    ...(patch.AssetTag === undefined ? {} : { assetTag: patch.AssetTag }),
    ...(patch.IndicatorLED === undefined ? {} : { indicator: patch.IndicatorLED }),
    ...(boot === undefined ? {} : { boot }),
  });
  return ok(systemBody(bmc));
}

/** Puts an image into the virtual drive; a download that fails is the client's error. */
export async function insertImage(bmc: Bmc, image: string, writeProtected = true): Promise<void> {
  try {
    await bmc.insertMedia(image, writeProtected);
  } catch (error) {
    throw fault('ResourceAtUriInUnknownFormat', [image, error instanceof Error ? error.message : String(error)]);
  }
}

/** A BMC answers before the machine has settled; a failure within this time is still told to the caller. */
const resetAnswerMs = 1000;

export async function resetSystem(bmc: Bmc, request: RedfishRequest): Promise<Answer> {
  const { ResetType } = checkParameters(ResetParameters, request.body, 'ComputerSystem.Reset');
  if (ResetType === 'Nmi' && bmc.machine.power() !== 'On') throw fault('ResourceCannotBeUsed', ['the system is off']);
  const action = bmc.reset(ResetType);
  const patience = new AbortController();
  await Promise.race([action, wait(resetAnswerMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  action.catch(bmc.report);
  return done;
}

export function listBootOptions(): Answer {
  return ok(
    collection(
      `${system}/BootOptions`,
      'BootOptionCollection',
      'Boot options',
      bootOptionIds.map((id) => `${system}/BootOptions/${id}`),
    ),
  );
}

export function getBootOption(_bmc: Bmc, request: RedfishRequest): Answer {
  const id = bootOptionIds.find((one) => one === request.path.id);
  if (id === undefined) throw fault('ResourceMissingAtURI', [request.uri]);
  const option = bootOptions[id];
  return ok({
    ...resource(`${system}/BootOptions/${id}`, 'BootOption.v1_0_4.BootOption', id, option.displayName),
    BootOptionReference: id,
    DisplayName: option.displayName,
    Alias: option.alias,
    BootOptionEnabled: true,
  });
}
