// What changes on a server without a new machine: its name, its metadata, its networks, its image by a rebuild that keeps the state partition.
import type { OperationContext } from '../../../operations/index.ts';
import type { Existing, Properties, ResourcePlace } from './contract.ts';
import { ownerOf } from './owner.ts';
import { changeInterfaces, type WantedInterface } from './server-networks.ts';
import type { ServiceApi } from './service-api.ts';

/** Properties that nothing on the machine follows from. */
const inert = new Set([
  'image_update_policy',
  'flavor_update_policy',
  'user_data_update_policy',
  'software_config_transport',
  'admin_pass',
  'tags',
  'deployment_swift_data',
]);

/** Why a change takes another server; undefined when this one can follow. */
export function replacesServer(
  changed: readonly string[],
  properties: Properties,
  before: Properties,
): string | undefined {
  const policy = String(properties.image_update_policy ?? 'REBUILD');
  if (changed.includes('image') && policy === 'REPLACE') return 'image_update_policy is REPLACE';
  if (changed.includes('user_data') && properties.user_data_update_policy === 'IGNORE')
    return replacesServer(
      changed.filter((name) => name !== 'user_data'),
      properties,
      before,
    );
  const movable = ['name', 'metadata', 'image', 'networks'];
  const fixed = changed.filter((name) => !inert.has(name) && !movable.includes(name));
  // Without a list the network is chosen when the server is made.
  if (changed.includes('networks') && !(listed(properties) && listed(before))) fixed.push('networks');
  return fixed.length === 0 ? undefined : `${fixed.join(', ')} of a machine cannot change in place`;
}

const listed = ({ networks }: Properties) => Array.isArray(networks) && networks.length > 0;

export interface ServerChange {
  readonly wantedInterfaces: (properties: Properties) => Promise<readonly WantedInterface[]>;
  readonly compute: ServiceApi;
  readonly imageId: (idOrName: string) => Promise<string>;
  /** The operation that works on the server now; null when there is none. */
  readonly operationOf: (id: string) => Promise<string | null>;
  readonly metadataOf: (properties: Properties) => Readonly<Record<string, string>>;
}

/** Makes the changes; answers the operation of a rebuild to wait for, or null. Each step repeats without harm. */
export async function changeServer(
  { compute, imageId, operationOf, metadataOf, wantedInterfaces }: ServerChange,
  operation: OperationContext,
  place: ResourcePlace,
  properties: Properties,
  before: Existing,
): Promise<string | null> {
  const id = before.physicalId;
  const caller = ownerOf(place);
  const path = `/servers/${id}`;
  if (properties.name !== before.properties.name && typeof properties.name === 'string')
    await operation.step('rename the server', async () => {
      await compute.call(caller, 'PUT', path, { server: { name: properties.name } });
    });
  await operation.step('write its metadata', async () => {
    await compute.call(caller, 'PUT', `${path}/metadata`, { metadata: metadataOf(properties) });
  });
  if (listed(properties))
    await operation.step('put it on its networks', async () =>
      changeInterfaces(compute, caller, id, await wantedInterfaces(properties)),
    );
  if (properties.image === before.properties.image) return null;
  return operation.step('rebuild the server', async () => {
    const wanted = await imageId(String(properties.image));
    const server = (await compute.call(caller, 'GET', path))?.server;
    const shown: Properties = typeof server === 'object' && server !== null ? { ...server } : {};
    const image: Properties = typeof shown.image === 'object' && shown.image !== null ? { ...shown.image } : {};
    // A repeat after a crash finds the server on its way to that image.
    if (image.id !== wanted || shown.status === 'ERROR')
      await compute.call(caller, 'POST', `${path}/action`, { rebuild: { imageRef: wanted } });
    return operationOf(id);
  });
}
