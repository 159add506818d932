// Redfish's update service: fetches a firmware image and takes its version on.
import { Type } from '@sinclair/typebox';
import type { Bmc } from './bmc.ts';
import { checkParameters } from './body.ts';
import { fault } from './messages.ts';
import { collection, healthy, link, resource, root } from './resources.ts';
import { type Answer, ok, type RedfishRequest } from './router.ts';
import { accepted } from './tasks.ts';

const service = `${root}/UpdateService`;
const inventory = `${service}/FirmwareInventory`;

/** What can be updated, and the version it left the factory with. */
export const factoryVersions = { BIOS: '1.16.2', BMC: '1.0.0' } as const;
type Component = keyof typeof factoryVersions;
const components: readonly Component[] = ['BIOS', 'BMC'];

export const versionOf = (bmc: Bmc, component: Component): string =>
  bmc.state.versions?.[component] ?? factoryVersions[component];

export const getUpdateService = (): Answer =>
  ok({
    ...resource(service, 'UpdateService.v1_8_0.UpdateService', 'UpdateService', 'Firmware'),
    ServiceEnabled: true,
    Status: healthy,
    FirmwareInventory: link(inventory),
    Actions: {
      '#UpdateService.SimpleUpdate': {
        target: `${service}/Actions/UpdateService.SimpleUpdate`,
        'TransferProtocol@Redfish.AllowableValues': ['HTTP', 'HTTPS'],
      },
    },
  });

export const listFirmware = (): Answer =>
  ok(
    collection(
      inventory,
      'SoftwareInventoryCollection',
      'Firmware',
      components.map((one) => `${inventory}/${one}`),
    ),
  );

export function getFirmware(bmc: Bmc, request: RedfishRequest): Answer {
  const component = components.find((one) => one === request.path.id);
  if (!component) throw fault('ResourceMissingAtURI', [request.uri]);
  return ok({
    ...resource(`${inventory}/${component}`, 'SoftwareInventory.v1_3_0.SoftwareInventory', component, component),
    Version: versionOf(bmc, component),
    Updateable: true,
    Status: healthy,
  });
}

const SimpleUpdate = Type.Object(
  {
    ImageURI: Type.String({ pattern: '^https?://' }),
    TransferProtocol: Type.Optional(Type.Union([Type.Literal('HTTP'), Type.Literal('HTTPS')])),
    Targets: Type.Optional(Type.Array(Type.String())),
  },
  { additionalProperties: false },
);

/** `COMPONENT-VERSION.EXTENSION`, as in bios-1.17.0.bin: an image of the rack is nothing but its name. */
const imageName = /\/(bios|bmc)-(\d[\w.]*?)\.\w+$/i;

/** An image that cannot be fetched, or that names no component and version, fails the task as a wrong file does. */
export function simpleUpdate(bmc: Bmc, request: RedfishRequest): Answer {
  const { ImageURI } = checkParameters(SimpleUpdate, request.body, 'UpdateService.SimpleUpdate');
  return accepted(
    bmc.tasks.begin('Update firmware', async () => {
      const answer = await fetch(ImageURI, { signal: AbortSignal.timeout(30_000) });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`${ImageURI}: HTTP ${answer.status}`);
      const [, name = '', version = ''] = imageName.exec(new URL(ImageURI).pathname) ?? [];
      const component = components.find((one) => one.toLowerCase() === name.toLowerCase());
      if (!component) throw new Error(`${ImageURI} is no firmware of this machine`);
      bmc.change({ versions: { ...factoryVersions, ...bmc.state.versions, [component]: version } });
      if (component === 'BMC') bmc.sessions.closeAll();
    }),
  );
}
