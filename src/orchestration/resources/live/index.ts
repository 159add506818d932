// The resource types that other services serve, wired to those services.
import type { Compute } from '../../../compute/index.ts';
import type { Database } from '../../../database/index.ts';
import type { Images } from '../../../image/index.ts';
import type { Network } from '../../../network/index.ts';
import type { Api, Enforcer } from '../../../openstack/index.ts';
import { OperationFailed, type Operations } from '../../../operations/index.ts';
import type { PlanServiceOptions } from '../../plan/plans.ts';
import type { Channels } from '../../software-config/channel.ts';
import type { ConstraintQuestions } from '../../stack/constraints.ts';
import type { Secrets } from '../../stack/secrets.ts';
import type { LiveType } from './contract.ts';
import { flavorType } from './flavor-type.ts';
import { keypairType } from './keypair-type.ts';
import { networkTypes } from './network-types.ts';
import { serverType } from './server-type.ts';
import { serviceApi } from './service-api.ts';

export interface LiveTypeOptions {
  readonly network: Pick<Network, 'api' | 'findNetwork' | 'findSubnet'>;
  readonly database: Database;
  readonly operations: Operations;
  readonly compute: Compute;
  readonly images: Pick<Images, 'find'>;
  readonly channels: Channels;
  readonly secrets: Secrets;
  /** The policy that the service itself answers under. */
  readonly enforcerOf: (api: Api) => Enforcer;
}

export function liveTypes({
  database,
  operations,
  compute,
  network,
  images,
  channels,
  secrets,
  enforcerOf,
}: LiveTypeOptions): ReadonlyMap<string, LiveType> {
  const computeApi = serviceApi(compute.api, '/v2.1', enforcerOf(compute.api));
  const server = serverType({
    database,
    operations,
    compute,
    computeApi,
    channels,
    async flavorId(idOrName, caller) {
      const id = await compute.findFlavor(idOrName, caller);
      if (id === undefined)
        throw new OperationFailed(`flavor ${idOrName} could not be found`, 'List them: openstack flavor list');
      return id;
    },
    async networkId(idOrName) {
      const found = await network.findNetwork(idOrName);
      if (!found)
        throw new OperationFailed(`network ${idOrName} could not be found`, 'List them: openstack network list');
      return found.id;
    },
    async subnet(idOrName) {
      const found = await network.findSubnet(idOrName);
      if (!found)
        throw new OperationFailed(`subnet ${idOrName} could not be found`, 'List them: openstack subnet list');
      return found;
    },
    async imageId(idOrName, caller) {
      const image = await images.find(idOrName, caller);
      if (!image) throw new OperationFailed(`image ${idOrName} could not be found`, 'List them: openstack image list');
      return image.id;
    },
  });
  return new Map<string, LiveType>([
    ['OS::Nova::Server', server],
    ['OS::Nova::KeyPair', keypairType(computeApi, secrets)],
    ['OS::Nova::Flavor', flavorType(computeApi)],
    ...networkTypes(serviceApi(network.api, '/v2.0', enforcerOf(network.api))),
  ]);
}

/** What templates ask the other services before anything is made, with Heat's wording of the fault. */
export function templateQuestions({
  images,
  compute,
  network,
}: {
  images: Pick<Images, 'find'>;
  compute: Compute;
  network: Network;
}): ConstraintQuestions {
  const fault = (entity: string, value: string, found: boolean) =>
    found ? null : `The ${entity} (${value}) could not be found.`;
  return {
    'glance.image': async (value, caller) => fault('Image', value, (await images.find(value, caller)) !== undefined),
    'nova.flavor': async (value, caller) =>
      fault('Flavor', value, (await compute.findFlavor(value, caller)) !== undefined),
    'nova.keypair': async (value, caller) => fault('Key', value, await compute.hasKeypair(value, caller)),
    'neutron.network': async (value) => fault('Network', value, (await network.findNetwork(value)) !== undefined),
    'neutron.subnet': async (value) => fault('Subnet', value, (await network.findSubnet(value)) !== undefined),
    'neutron.port': async (value) => fault('Port', value, (await network.getPort(value)) !== undefined),
  };
}

/** Machines for a server as its properties name flavor and image; none when one of the two does not exist. */
export function machinesFitting({
  images,
  compute,
}: {
  images: Pick<Images, 'find'>;
  compute: Compute;
}): PlanServiceOptions['fitting'] {
  return async (flavor, image, caller) => {
    const flavorId = await compute.findFlavor(flavor, caller);
    const found = await images.find(image, caller);
    return flavorId && found ? compute.fittingMachines(flavorId, found.id, caller) : { machines: [], passedOver: [] };
  };
}
