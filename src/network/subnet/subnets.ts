// Subnets: /v2.0/subnets.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { hostRange, type Prefix, prefixText, toNumber, toPrefix, toText } from '../address.ts';
import { errors } from '../errors.ts';
import { flag, free, idText, nullable, once, required, standard } from '../resource/attributes.ts';
import { each, type Resource } from '../resource/resource.ts';
import { all, first, insert, newId, optionalText, type Row, text, texts, update } from '../store.ts';
import { prefixFromPool } from '../subnetpool/allocate.ts';
import { choosePools, writePools } from './pools.ts';

const address = Type.Union([Type.String({ format: 'ipv4' }), Type.String({ format: 'ipv6' })]);
const mode = Type.Union([
  Type.Literal('slaac'),
  Type.Literal('dhcpv6-stateful'),
  Type.Literal('dhcpv6-stateless'),
  Type.Null(),
]);

export const subnets: Resource = {
  path: '/v2.0/subnets',
  member: 'subnet',
  members: 'subnets',
  notFound: errors.SubnetNotFound,
  attributes: {
    ...standard,
    network_id: required(idText, 'text'),
    ip_version: {
      ...required(Type.Union([Type.Literal(4), Type.Literal(6), Type.Literal('4'), Type.Literal('6')])),
      filter: 'integer',
    },
    cidr: once(nullable(Type.String()), 'text'),
    gateway_ip: free(nullable(address), 'text'),
    allocation_pools: free(
      Type.Array(Type.Object({ start: Type.String(), end: Type.String() }, { additionalProperties: false })),
    ),
    enable_dhcp: free(flag, 'boolean'),
    dns_nameservers: free(
      Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { uniqueItems: true, maxItems: 20 }),
    ),
    host_routes: free(
      Type.Array(Type.Object({ destination: Type.String(), nexthop: address }, { additionalProperties: false }), {
        maxItems: 40,
        uniqueItems: true,
      }),
    ),
    ipv6_ra_mode: once(mode, 'text'),
    ipv6_address_mode: once(mode, 'text'),
    subnetpool_id: once(nullable(idText), 'text'),
    use_default_subnetpool: once(flag),
    prefixlen: once(Type.Union([Type.Integer({ minimum: 0, maximum: 128 }), Type.String({ pattern: '^\\d{1,3}$' })])),
    segment_id: free(nullable(idText), 'text'),
    service_types: free(Type.Array(Type.String({ maxLength: 255 }))),
    dns_publish_fixed_ip: free(flag, 'boolean'),
  },
  query: sql<Row>`select s.id, s.network_id, s.project_id, s.name, s.description, s.ip_version, s.cidr::text as cidr,
      host(s.gateway_ip) as gateway_ip, s.enable_dhcp, s.dns_nameservers, s.host_routes, s.ipv6_ra_mode, s.ipv6_address_mode,
      s.subnetpool_id, s.segment_id, s.service_types, s.dns_publish_fixed_ip, s.tags, s.revision_number, s.created_at, s.updated_at,
      coalesce((select jsonb_agg(jsonb_build_object('start', host(p.first), 'end', host(p.last)) order by p.first)
        from network_allocation_pools p where p.subnet_id = s.id), '[]') as allocation_pools
    from network_subnets s`,
  visible: () =>
    sql`exists (select 1 from network_networks n where n.id = r.network_id and (n.shared or n."router:external"))`,
  target: networkTarget,
  create: each(createSubnet),
  update: updateSubnet,
  remove: async (tx, row) => {
    const id = text(row, 'id');
    await sql`select 1 from network_subnets where id = ${id} for update`.execute(tx);
    const holders = await all(
      tx,
      sql<{
        id: string;
        device_owner: string;
      }>`select distinct p.id, p.device_owner from network_addresses a join network_ports p on p.id = a.port_id
        where a.subnet_id = ${id} order by p.id`,
    );
    // Where machines make up their own addresses, the subnet goes and takes them out of the ports.
    const selfMade = row.ipv6_address_mode === 'slaac' || row.ipv6_address_mode === 'dhcpv6-stateless';
    const others = selfMade ? [] : holders.filter((port) => port.device_owner !== 'network:dhcp');
    if (others.length > 0)
      throw errors.SubnetInUse(
        id,
        others
          .slice(0, 10)
          .map((port) => port.id)
          .join(', '),
      );
    await sql`update network_ports set revision_number = revision_number + 1, updated_at = now()
      where id in (select port_id from network_addresses where subnet_id = ${id})`.execute(tx);
    await sql`delete from network_addresses where subnet_id = ${id}`.execute(tx);
    await sql`delete from network_subnets where id = ${id}`.execute(tx);
  },
};

/** What rules about a subnet or port ask of its network: the owner, and whether it is shared. */
export async function networkTarget(db: Parameters<NonNullable<Resource['target']>>[0], row: Row): Promise<Row> {
  const network = await first(
    db,
    sql<{
      project_id: string;
      shared: boolean;
    }>`select project_id, shared from network_networks where id = ${row.network_id ?? null}`,
  );
  return network
    ? { 'network:tenant_id': network.project_id, 'network:project_id': network.project_id, shared: network.shared }
    : {};
}

/** Writes a subnet; attribute names are the API's. Returns its id. */
export async function createSubnet(tx: Transaction, attributes: Row): Promise<string> {
  const networkId = text(attributes, 'network_id');
  // Subnets of one network are made one after another, so that two that overlap cannot both pass the check.
  const network = await first(tx, sql`select 1 from network_networks where id = ${networkId} for no key update`);
  if (!network) throw errors.NetworkNotFound(networkId);
  const { prefix, subnetpoolId } = await prefixFor(tx, attributes);
  await refuseOverlap(tx, networkId, prefix);
  const gateway = gatewayOf(attributes, prefix);
  refuseBadModes(attributes, prefix);
  await refuseBadSegment(tx, networkId, attributes);
  const pools = choosePools(attributes, prefix, gateway);
  const id = newId();
  const {
    allocation_pools: _pools,
    use_default_subnetpool: _default,
    prefixlen: _length,
    cidr: _cidr,
    ...columns
  } = attributes;
  await insert(tx, 'network_subnets', {
    ...columns,
    id,
    ip_version: prefix.version,
    cidr: prefixText(prefix),
    gateway_ip: gateway === undefined ? null : toText(gateway, prefix.version),
    host_routes: JSON.stringify(attributes.host_routes ?? []),
    subnetpool_id: subnetpoolId,
  });
  await writePools(tx, id, prefix, pools);
  return id;
}

async function prefixFor(
  tx: Transaction,
  attributes: Row,
): Promise<{ readonly prefix: Prefix; readonly subnetpoolId: string | null }> {
  const version = Number(attributes.ip_version) === 6 ? 6 : 4;
  const cidr = optionalText(attributes, 'cidr');
  const pool = await prefixFromPool(tx, attributes, version);
  if (pool) return { prefix: pool.prefix, subnetpoolId: pool.id };
  if (cidr === undefined)
    throw errors.HTTPBadRequest('Bad subnets request: a subnetpool must be specified in the absence of a cidr.');
  const prefix = toPrefix(cidr);
  if (!prefix) throw errors.HTTPBadRequest(`Invalid input for cidr. Reason: '${cidr}' is not a valid IP subnet.`);
  if (prefix.version !== version)
    throw errors.InvalidInput(`the cidr ${cidr} does not match the ip_version '${version}'`);
  return { prefix, subnetpoolId: null };
}

async function refuseOverlap(tx: Transaction, networkId: string, prefix: Prefix): Promise<void> {
  const other = await first(
    tx,
    sql<{
      id: string;
    }>`select id from network_subnets where network_id = ${networkId} and cidr && ${prefixText(prefix)}::inet limit 1`,
  );
  if (other)
    throw errors.InvalidInput(
      `requested subnet with cidr: ${prefixText(prefix)} for network: ${networkId} overlaps with another subnet (${other.id})`,
    );
}

/** The gateway that the attributes name; the first host address when they name none; undefined for an explicit null. */
function gatewayOf(attributes: Row, prefix: Prefix): bigint | undefined {
  const given = attributes.gateway_ip;
  if (given === null) return undefined;
  if (given === undefined) return hostRange(prefix).first;
  const parsed = toNumber(String(given));
  if (!parsed || parsed.version !== prefix.version)
    throw errors.InvalidInput(`gateway_ip '${String(given)}' does not match the ip_version '${prefix.version}'`);
  const hosts = hostRange(prefix);
  const edge = prefix.version === 4 && (parsed.value === prefix.first || parsed.value === prefix.last);
  if (edge && hosts.first > prefix.first)
    throw errors.InvalidInput(`gateway_ip ${String(given)} is no host address of ${prefixText(prefix)}`);
  return parsed.value;
}

function refuseBadModes(attributes: Row, prefix: Prefix): void {
  const ra = optionalText(attributes, 'ipv6_ra_mode');
  const mode_ = optionalText(attributes, 'ipv6_address_mode');
  if (ra === undefined && mode_ === undefined) return;
  if (prefix.version === 4) throw errors.InvalidInput('ipv6_ra_mode and ipv6_address_mode are for IPv6 subnets');
  if (ra !== undefined && mode_ !== undefined && ra !== mode_)
    throw errors.InvalidInput(`ipv6_ra_mode '${ra}' differs from ipv6_address_mode '${mode_}'`);
  if (attributes.enable_dhcp === false) throw errors.InvalidInput('the IPv6 modes need enable_dhcp');
  if ((ra ?? mode_) !== 'dhcpv6-stateful' && prefix.length !== 64)
    throw errors.InvalidInput(`${prefixText(prefix)} cannot be used with SLAAC: the prefix must be 64 bits long`);
}

async function refuseBadSegment(tx: Transaction, networkId: string, attributes: Row): Promise<void> {
  const segmentId = optionalText(attributes, 'segment_id');
  if (segmentId === undefined) return;
  const segment = await first(
    tx,
    sql<{ network_id: string }>`select network_id from network_segments where id = ${segmentId}`,
  );
  if (!segment) throw errors.SegmentNotFound(segmentId);
  if (segment.network_id !== networkId)
    throw errors.InvalidInput(`segment ${segmentId} belongs to network ${segment.network_id}`);
}

async function updateSubnet(tx: Transaction, before: Row, attributes: Row): Promise<void> {
  const id = text(before, 'id');
  const prefix = toPrefix(text(before, 'cidr'));
  if (!prefix) throw new Error(`subnet ${id} has a broken cidr`);
  await refuseBadSegment(tx, text(before, 'network_id'), attributes);
  const { allocation_pools, ...columns } = attributes;
  const gatewayText = 'gateway_ip' in attributes ? attributes.gateway_ip : before.gateway_ip;
  const gateway = gatewayOf({ gateway_ip: gatewayText }, prefix);
  const shownPools = allocation_pools ?? before.allocation_pools;
  const pools = choosePools({ allocation_pools: shownPools }, prefix, gateway);
  await update(tx, 'network_subnets', id, {
    ...columns,
    ...('host_routes' in columns ? { host_routes: JSON.stringify(columns.host_routes) } : {}),
  });
  if (allocation_pools !== undefined) await writePools(tx, id, prefix, pools);
}

/** A subnet as ports see it. */
export interface PortSubnet {
  readonly id: string;
  readonly prefix: Prefix;
  readonly serviceTypes: readonly string[];
  readonly slaac: boolean;
}

/** The subnets of a network, by id: the order in which they are locked. */
export async function subnetsForPorts(tx: Transaction, networkId: string): Promise<PortSubnet[]> {
  const rows = await all(
    tx,
    sql<Row>`select id, cidr::text as cidr, service_types, ipv6_address_mode from network_subnets where network_id = ${networkId} order by id`,
  );
  return rows.flatMap((row) => {
    const prefix = toPrefix(text(row, 'cidr'));
    const slaac = row.ipv6_address_mode === 'slaac' || row.ipv6_address_mode === 'dhcpv6-stateless';
    return prefix ? [{ id: text(row, 'id'), prefix, serviceTypes: texts(row, 'service_types'), slaac }] : [];
  });
}
