// OS::Nova::Server as a resource: a machine taken, imaged and told where its configuration comes from.
import type { Compute, RequestedNetwork, ServerOrder } from '../../../compute/index.ts';
import type { Database } from '../../../database/index.ts';
import type { Caller } from '../../../openstack/index.ts';
import {
  type Json,
  type OperationContext,
  OperationFailed,
  OperationParked,
  type Operations,
} from '../../../operations/index.ts';
import type { Channels } from '../../software-config/channel.ts';
import { findConfig } from '../../software-config/store.ts';
import type { DurableType, Existing, Properties, ResourcePlace, ResourceState } from './contract.ts';
import { ownerOf } from './owner.ts';
import { changeServer, replacesServer } from './server-update.ts';
import type { ServiceApi } from './service-api.ts';

export interface ServerTypeOptions {
  readonly database: Database;
  readonly operations: Operations;
  readonly compute: Compute;
  readonly computeApi: ServiceApi;
  readonly channels: Channels;
  /** Id of a flavor or image given by id or name. Throws OperationFailed when there is none. */
  readonly flavorId: (idOrName: string, caller: Caller) => Promise<string>;
  readonly imageId: (idOrName: string, caller: Caller) => Promise<string>;
  readonly networkId: (idOrName: string) => Promise<string>;
  readonly subnet: (idOrName: string) => Promise<{ readonly id: string; readonly networkId: string }>;
}

const fourHoursMs = 4 * 3_600_000;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const map = (value: unknown): Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

function metadataOf(properties: Properties): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(map(properties.metadata)).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

export function serverType(options: ServerTypeOptions): DurableType {
  const { compute } = options;
  return {
    kind: 'durable',
    deadlineMs: fourHoursMs,
    async create(operation, place, properties) {
      const build = await operation.step('order the server', () => order(options, operation, place, properties), {
        reason: `ordering server ${place.name}`,
      });
      await untilDone(operation, build, `server ${place.name} is being built`);
      return operation.step('read the server', () => stateOf(compute, place.id)) as Promise<ResourceState & Json>;
    },
    replaceFor: replacesServer,
    async update(operation, place, properties, before) {
      const rebuild = await changeServer(
        {
          compute: options.computeApi,
          metadataOf,
          wantedInterfaces: (wanted) =>
            Promise.all(
              requestedOf(wanted).map(async (one) => {
                const subnet = one.subnetId === undefined ? undefined : await options.subnet(one.subnetId);
                const networkId =
                  one.networkId === undefined ? subnet?.networkId : await options.networkId(one.networkId);
                return {
                  ...one,
                  ...(subnet ? { subnetId: subnet.id } : {}),
                  ...(networkId === undefined ? {} : { networkId }),
                };
              }),
            ),
          imageId: (idOrName) => options.imageId(idOrName, ownerOf(place)),
          operationOf: async (id) => (await compute.getServer(id))?.operationId ?? null,
        },
        operation,
        place,
        properties,
        before,
      );
      if (rebuild !== null) await untilDone(operation, rebuild, `server ${place.name} is being rebuilt`);
      return operation.step('read the server', () => stateOf(compute, before.physicalId)) as Promise<
        ResourceState & Json
      >;
    },
    check: (operation, place, before) =>
      operation.step('look at the server', async () => {
        const server = await compute.getServer(before.physicalId);
        if (server?.projectId !== place.projectId)
          throw new OperationFailed(`server ${before.physicalId} could not be found`, '');
        const expected = before.data?.suspended === true ? 'SHUTOFF' : 'ACTIVE';
        if (server.status !== expected)
          throw new OperationFailed(`'status': expected '${expected}', got '${server.status}'`, server.fault ?? '');
        return { ...(await stateOf(compute, before.physicalId)), data: {} };
      }) as Promise<ResourceState & Json>,
    // A machine has no memory that could be put aside: suspended is off.
    suspend: (operation, place, before) => power(options, operation, place, before, 'SHUTOFF'),
    resume: (operation, place, before) => power(options, operation, place, before, 'ACTIVE'),
    async delete(operation, place, before: Existing) {
      const id = before.physicalId === '' ? place.id : before.physicalId;
      const removal = await operation.step('give the server back', async () => {
        const started = await compute.deleteServer(id, ownerOf(place), {
          requestId: `req-${operation.operation.id}`,
          parentId: operation.operation.id,
        });
        return started ?? null;
      });
      if (removal !== null) await untilDone(operation, removal, `server ${place.name} is being removed`);
    },
  };
}

/** Starts the build; one that failed or was parked before is taken up again where it stands. Answers its operation. */
async function order(
  options: ServerTypeOptions,
  operation: OperationContext,
  place: ResourcePlace,
  properties: Properties,
): Promise<string> {
  const { compute, operations } = options;
  const existing = await compute.getServer(place.id);
  if (existing?.operationId) {
    const build = await operations.get(existing.operationId);
    if (build?.state === 'parked' || build?.state === 'failed') await operations.resume(existing.operationId);
    return existing.operationId;
  }
  const caller = ownerOf(place);
  const key = text(properties.key_name);
  const zone = text(properties.availability_zone);
  const userData = await userDataOf(options.database, properties);
  const wanted: ServerOrder = {
    id: place.id,
    name: text(properties.name) ?? `${place.stackName}-${place.path.replaceAll('/', '-')}`,
    flavorId: await options.flavorId(String(properties.flavor), caller),
    imageId: await options.imageId(String(properties.image), caller),
    networks: networksOf(properties),
    metadata: metadataOf(properties),
    configDrive: true,
    vendorData: {
      'os-collect-config': {
        collectors: ['request', 'local'],
        request: { metadata_url: options.channels.url('metadata', place.id) },
      },
    },
    ...(key === undefined ? {} : { keyName: key }),
    ...(zone === undefined ? {} : { availabilityZone: zone }),
    ...(userData === undefined ? {} : { userData: Buffer.from(userData).toString('base64') }),
  };
  const { operationId } = await compute.createServer(wanted, caller, {
    requestId: `req-${operation.operation.id}`,
    parentId: operation.operation.id,
  });
  return operationId;
}

/** Switches the machine off or on and waits for it; one that is so already is left alone. */
async function power(
  { compute, computeApi }: ServerTypeOptions,
  operation: OperationContext,
  place: ResourcePlace,
  before: Existing,
  to: 'SHUTOFF' | 'ACTIVE',
): Promise<ResourceState> {
  const id = before.physicalId;
  const started = await operation.step(`bring the server to ${to}`, async () => {
    const server = await compute.getServer(id);
    if (!server) throw new OperationFailed(`server ${id} is gone`, '');
    if (server.status === to) return null;
    const action = to === 'ACTIVE' ? 'os-start' : 'os-stop';
    await computeApi.call(ownerOf(place), 'POST', `/servers/${id}/action`, { [action]: null });
    return (await compute.getServer(id))?.operationId ?? null;
  });
  if (started !== null)
    await untilDone(operation, started, `server ${place.name} is switched ${to === 'ACTIVE' ? 'on' : 'off'}`);
  return { ...before, data: { suspended: to === 'SHUTOFF' } };
}

/** Text as given, or the text of the software config whose id is given. */
async function userDataOf(database: Database, properties: Properties): Promise<string | undefined> {
  const given = text(properties.user_data);
  if (given === undefined || !uuid.test(given)) return given;
  const config = await findConfig(database, given);
  return typeof config?.config === 'string' ? config.config : given;
}

function networksOf(properties: Properties): ServerOrder['networks'] {
  const [first] = listOf(properties);
  if (first?.allocate_network === 'none') return 'none';
  const requested = requestedOf(properties);
  return requested.length === 0 ? 'auto' : requested;
}

const listOf = ({ networks }: Properties): Properties[] => (Array.isArray(networks) ? networks.map(map) : []);

function requestedOf(properties: Properties): RequestedNetwork[] {
  return listOf(properties).flatMap((one) => {
    if (text(one.allocate_network) !== undefined) return [];
    const networkId = text(one.network) ?? text(one.uuid);
    const subnetId = text(one.subnet);
    const portId = text(one.port);
    const fixedIp = text(one.fixed_ip);
    return {
      ...(networkId === undefined ? {} : { networkId }),
      ...(subnetId === undefined ? {} : { subnetId }),
      ...(portId === undefined ? {} : { portId }),
      ...(fixedIp === undefined ? {} : { fixedIp }),
    };
  });
}

/** Waits for the operation on the server; its failure becomes ours, its parking too. */
async function untilDone(operation: OperationContext, id: string, reason: string): Promise<void> {
  const end = await operation.outcomeOf(id, reason);
  if (end.state === 'done') return;
  const { cause, hint } = end.failure;
  throw end.state === 'parked' ? new OperationParked(cause, hint) : new OperationFailed(cause, hint);
}

/** Attributes as the Compute API and Heat name them. */
async function stateOf(compute: Compute, id: string) {
  const server = await compute.getServer(id);
  if (!server) throw new OperationFailed('the server was deleted while it was built', '');
  const networks: Record<string, string[]> = {};
  const addresses: Record<string, Json[]> = {};
  for (const port of server.ports) {
    const ips = port.addresses.map((address) => address.ip);
    for (const name of [port.networkName, port.networkId]) {
      networks[name] = [...(networks[name] ?? []), ...ips];
      addresses[name] = [
        ...(addresses[name] ?? []),
        ...port.addresses.map((address) => ({
          addr: address.ip,
          version: address.version,
          port: port.portId,
          'OS-EXT-IPS-MAC:mac_addr': port.macAddress,
          'OS-EXT-IPS:type': 'fixed',
        })),
      ];
    }
  }
  const attributes = {
    name: server.name,
    instance_name: server.name,
    networks,
    addresses,
    first_address: server.ports[0]?.addresses[0]?.ip ?? '',
    accessIPv4: '',
    accessIPv6: '',
    show: {
      id: server.id,
      name: server.name,
      status: server.status,
      hostname: server.hostname,
      metadata: { ...server.metadata },
      node: server.nodeUuid,
    },
  };
  return { physicalId: server.id, attributes };
}
