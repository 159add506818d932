// The BMC as a resource of its own, and its virtual CD drive.
import { Type } from '@sinclair/typebox';
import type { Bmc } from './bmc.ts';
import { checkParameters, checkProperties } from './body.ts';
import { clockOf, clockSetTo } from './clock.ts';
import { fault } from './messages.ts';
import { bmcPath, chassis, collection, healthy, link, links, resource, system } from './resources.ts';
import { type Answer, done, ok, type RedfishRequest } from './router.ts';
import { insertImage } from './system.ts';
import { versionOf } from './update-service.ts';

export function getManager(bmc: Bmc): Answer {
  return ok({
    ...resource(bmcPath, 'Manager.v1_9_0.Manager', 'BMC', `${bmc.spec.name} BMC`),
    ManagerType: 'BMC',
    Model: 'Virtual rack BMC',
    FirmwareVersion: versionOf(bmc, 'BMC'),
    UUID: bmc.spec.uuid,
    ServiceEntryPointUUID: bmc.spec.uuid,
    ...clockOf(bmc.state, bmc.now()),
    PowerState: 'On',
    Status: healthy,
    VirtualMedia: link(`${bmcPath}/VirtualMedia`),
    Links: { ManagerForServers: links([system]), ManagerForChassis: links([chassis]) },
    Actions: {
      '#Manager.Reset': {
        target: `${bmcPath}/Actions/Manager.Reset`,
        'ResetType@Redfish.AllowableValues': ['GracefulRestart', 'ForceRestart'],
      },
    },
  });
}

const ManagerPatch = Type.Object(
  {
    DateTime: Type.Optional(
      Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)$' }),
    ),
    DateTimeLocalOffset: Type.Optional(Type.String({ pattern: '^[+-][01]\\d:[0-5]\\d$' })),
  },
  { additionalProperties: false },
);

export function patchManager(bmc: Bmc, request: RedfishRequest): Answer {
  const patch = checkProperties(ManagerPatch, request.body, getManager(bmc).body);
  if (patch.DateTime !== undefined && Number.isNaN(Date.parse(patch.DateTime)))
    throw fault('PropertyValueFormatError', [patch.DateTime, 'DateTime']);
  bmc.change({ clock: clockSetTo(bmc.state, patch, bmc.now()) });
  return getManager(bmc);
}

const ManagerReset = Type.Object(
  { ResetType: Type.Union([Type.Literal('GracefulRestart'), Type.Literal('ForceRestart')]) },
  { additionalProperties: false },
);

/** A BMC that restarts forgets its sessions; its settings stay. */
export function resetManager(bmc: Bmc, request: RedfishRequest): Answer {
  checkParameters(ManagerReset, request.body, 'Manager.Reset');
  bmc.sessions.closeAll();
  return done;
}

const drive = `${bmcPath}/VirtualMedia/Cd`;

export const listMedia = (): Answer =>
  ok(collection(`${bmcPath}/VirtualMedia`, 'VirtualMediaCollection', 'Virtual media', [drive]));

export function getMedia(bmc: Bmc, request: RedfishRequest): Answer {
  if (request.path.id !== 'Cd') throw fault('ResourceMissingAtURI', [request.uri]);
  const { media } = bmc.state;
  return ok({
    ...resource(drive, 'VirtualMedia.v1_4_0.VirtualMedia', 'Cd', 'Virtual CD'),
    MediaTypes: ['CD', 'DVD'],
    Image: media?.image ?? null,
    ImageName: media ? (media.image.split('/').pop() ?? '') : null,
    Inserted: media !== undefined,
    WriteProtected: media?.writeProtected ?? true,
    ConnectedVia: media ? 'URI' : 'NotConnected',
    TransferProtocolType: media?.image.startsWith('https:') ? 'HTTPS' : 'HTTP',
    TransferMethod: 'Upload',
    Actions: {
      '#VirtualMedia.InsertMedia': { target: `${drive}/Actions/VirtualMedia.InsertMedia` },
      '#VirtualMedia.EjectMedia': { target: `${drive}/Actions/VirtualMedia.EjectMedia` },
    },
  });
}

const InsertParameters = Type.Object(
  {
    Image: Type.String({ pattern: '^https?://' }),
    Inserted: Type.Optional(Type.Boolean()),
    WriteProtected: Type.Optional(Type.Boolean()),
    MediaType: Type.Optional(Type.Union([Type.Literal('CD'), Type.Literal('DVD')])),
    TransferMethod: Type.Optional(Type.Union([Type.Literal('Stream'), Type.Literal('Upload')])),
    TransferProtocolType: Type.Optional(Type.Union([Type.Literal('HTTP'), Type.Literal('HTTPS')])),
    UserName: Type.Optional(Type.String()),
    Password: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

function requireDrive(request: RedfishRequest): void {
  if (request.path.id !== 'Cd') throw fault('ResourceMissingAtURI', [request.uri]);
}

export async function insertMedia(bmc: Bmc, request: RedfishRequest): Promise<Answer> {
  requireDrive(request);
  const { Image, WriteProtected } = checkParameters(InsertParameters, request.body, 'VirtualMedia.InsertMedia');
  if (bmc.state.media) throw fault('ResourceCannotBeUsed', [`${bmc.state.media.image} is inserted`]);
  await insertImage(bmc, Image, WriteProtected ?? true);
  return done;
}

/** Ejecting an empty drive changes nothing and is no error. */
export async function ejectMedia(bmc: Bmc, request: RedfishRequest): Promise<Answer> {
  requireDrive(request);
  if (bmc.state.media) await bmc.ejectMedia();
  return done;
}
