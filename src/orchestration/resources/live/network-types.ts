// OS::Neutron::Net, Subnet and Port: rows of the network service, made through its API.
import { OperationFailed } from '../../../operations/index.ts';
import type { DurableType, Properties, ResourcePlace, ResourceState } from './contract.ts';
import { ownerOf } from './owner.ts';
import type { ServiceApi } from './service-api.ts';

interface Kind {
  readonly member: string;
  /** Attributes of the API that come straight from properties of the same name. */
  readonly plain: readonly string[];
  /** Of these, what an update may change. */
  readonly changeable: readonly string[];
  /** What takes an attribute back whose property is not given any more. */
  readonly cleared?: Properties;
  /** Attributes made from properties of another name or form. */
  shape?(properties: Properties): Properties;
  /** Attributes that are to be null, where to leave them out would give them a default. */
  nulls?(properties: Properties): Properties;
}

const map = (value: unknown): Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const given = (attributes: Properties): Properties =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null));

const kinds = {
  'OS::Neutron::Net': {
    member: 'network',
    plain: ['name', 'admin_state_up', 'shared', 'port_security_enabled', 'dns_domain', 'availability_zone_hints'],
    changeable: ['name', 'admin_state_up', 'shared', 'port_security_enabled', 'dns_domain'],
  },
  'OS::Neutron::Subnet': {
    member: 'subnet',
    plain: [
      'name',
      'cidr',
      'prefixlen',
      'ip_version',
      'dns_nameservers',
      'enable_dhcp',
      'allocation_pools',
      'host_routes',
      'ipv6_ra_mode',
      'ipv6_address_mode',
    ],
    changeable: ['name', 'dns_nameservers', 'enable_dhcp', 'allocation_pools', 'host_routes', 'gateway_ip'],
    cleared: { gateway_ip: null, allocation_pools: [], dns_nameservers: [], host_routes: [] },
    shape: ({ network, network_id, subnetpool, gateway_ip, segment }) => ({
      network_id: network ?? network_id,
      subnetpool_id: subnetpool,
      segment_id: segment,
      gateway_ip: gateway_ip === '' ? undefined : gateway_ip,
    }),
    // Heat's way of saying: no gateway.
    nulls: ({ gateway_ip }) => (gateway_ip === '' ? { gateway_ip: null } : {}),
  },
  'OS::Neutron::Port': {
    member: 'port',
    plain: [
      'name',
      'device_id',
      'device_owner',
      'security_groups',
      'dns_name',
      'admin_state_up',
      'mac_address',
      'allowed_address_pairs',
      'port_security_enabled',
    ],
    changeable: [
      'name',
      'device_id',
      'device_owner',
      'security_groups',
      'dns_name',
      'admin_state_up',
      'allowed_address_pairs',
      'port_security_enabled',
      'fixed_ips',
    ],
    shape: ({ network, network_id, fixed_ips, no_fixed_ips, ...rest }) => ({
      network_id: network ?? network_id,
      'binding:vnic_type': rest['binding:vnic_type'] === 'normal' ? undefined : rest['binding:vnic_type'],
      fixed_ips:
        no_fixed_ips === true
          ? []
          : fixed_ips === null || fixed_ips === undefined
            ? undefined
            : list(fixed_ips).map((one) => {
                const { subnet, subnet_id, ip_address } = map(one);
                return given({ subnet_id: subnet ?? subnet_id, ip_address });
              }),
    }),
  },
} satisfies Readonly<Record<string, Kind>>;

export function networkTypes(api: ServiceApi): ReadonlyMap<string, DurableType> {
  return new Map(Object.entries(kinds).map(([type, kind]) => [type, networkType(api, kind)]));
}

function networkType(api: ServiceApi, kind: Kind): DurableType {
  const { member } = kind;
  const path = `/${member}s`;
  const attributesOf = (place: ResourcePlace, properties: Properties): Properties => {
    const plain = Object.fromEntries(kind.plain.map((name) => [name, properties[name]]));
    const name = properties.name ?? `${place.stackName}-${place.name}`;
    const attributes = given({ ...plain, name, ...kind.shape?.(properties), ...map(properties.value_specs) });
    return { ...attributes, ...kind.nulls?.(properties) };
  };
  const one = async (place: ResourcePlace, id: string): Promise<Properties | undefined> => {
    const answer = await api.call(ownerOf(place), 'GET', `${path}/${encodeURIComponent(id)}`);
    return answer && map(answer[member]);
  };
  const tagged = async (place: ResourcePlace, id: string, properties: Properties): Promise<void> => {
    if (Array.isArray(properties.tags))
      await api.call(ownerOf(place), 'PUT', `${path}/${id}/tags`, { tags: properties.tags });
  };
  const state = (shown: Properties): ResourceState => ({
    physicalId: String(shown.id),
    attributes: { ...shown, show: shown },
  });
  return {
    kind: 'durable',
    deadlineMs: 600_000,
    async create(operation, place, properties) {
      const id = await operation.step(`create the ${member}`, async () => {
        const caller = ownerOf(place);
        // The service chooses ids: a repeat after a crash knows what it made by this line.
        const description = `${place.stackName}: ${place.path} (${place.id})`;
        const query = `description=${encodeURIComponent(description)}`;
        const before = list((await api.call(caller, 'GET', `${path}?${query}`))?.[`${member}s`]);
        if (before.length > 0) return String(map(before[0]).id);
        const body = { [member]: { description, ...attributesOf(place, properties) } };
        const made = await api.call(caller, 'POST', path, body);
        if (!made) throw new OperationFailed(`what ${member} ${place.name} belongs to could not be found`, '');
        return String(map(made[member]).id);
      });
      await operation.step('set its tags', () => tagged(place, id, properties));
      return read(operation, place, id);
    },
    async update(operation, place, properties, before) {
      const id = before.physicalId;
      await operation.step(`update the ${member}`, async () => {
        const wanted = attributesOf(place, properties);
        const gone = Object.entries(kind.cleared ?? {}).filter(
          ([name]) => wanted[name] === undefined && (before.properties[name] ?? null) !== null,
        );
        const kept = Object.entries(wanted).filter(([name]) => kind.changeable.includes(name));
        const changes = Object.fromEntries([...kept, ...gone]);
        if (!(await api.call(ownerOf(place), 'PUT', `${path}/${id}`, { [member]: changes })))
          throw new OperationFailed(`${member} ${id} was deleted behind the stack`, 'Mark it unhealthy, then update.');
        await tagged(place, id, properties);
      });
      return read(operation, place, id);
    },
    check: (operation, place, before) => read(operation, place, before.physicalId),
    async delete(operation, place, before) {
      await operation.step(`delete the ${member}`, async () => {
        const caller = ownerOf(place);
        const query = `description=${encodeURIComponent(`${place.stackName}: ${place.path} (${place.id})`)}`;
        const found =
          before.physicalId === ''
            ? list((await api.call(caller, 'GET', `${path}?${query}`))?.[`${member}s`]).map((row) =>
                String(map(row).id),
              )
            : [before.physicalId];
        for (const id of found) await api.call(caller, 'DELETE', `${path}/${id}`);
      });
    },
  };

  async function read(
    operation: Parameters<DurableType['create']>[0],
    place: ResourcePlace,
    id: string,
  ): Promise<ResourceState> {
    const shown = await operation.step(`read the ${member}`, async () => {
      const row = await one(place, id);
      if (!row) throw new OperationFailed(`${member} ${id} is gone`, '');
      return JSON.stringify(row);
    });
    return state(map(JSON.parse(shown)));
  }
}
