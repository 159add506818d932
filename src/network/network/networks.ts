// Networks: /v2.0/networks.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import { flag, free, nameText, nullable, once, readOnly, standard } from '../resource/attributes.ts';
import { each, type Resource } from '../resource/resource.ts';
import { all, insert, list, newId, type Row, text, update } from '../store.ts';
import { insertSegment, segmentsFrom } from './segments-of.ts';

const provider = {
  'provider:network_type': once(nullable(Type.String({ maxLength: 32 })), 'text'),
  'provider:physical_network': once(nullable(Type.String({ maxLength: 64 })), 'text'),
  'provider:segmentation_id': once(
    nullable(Type.Union([Type.Integer(), Type.String({ pattern: '^\\d+$' })])),
    'integer',
  ),
} as const;

export const networks: Resource = {
  path: '/v2.0/networks',
  member: 'network',
  members: 'networks',
  notFound: errors.NetworkNotFound,
  attributes: {
    ...standard,
    ...provider,
    segments: once(Type.Array(Type.Object({}, { additionalProperties: true }), { minItems: 1 })),
    admin_state_up: free(flag, 'boolean'),
    status: readOnly('text'),
    shared: free(flag, 'boolean'),
    mtu: free(Type.Integer({ minimum: 68, maximum: 65_535 }), 'integer'),
    'router:external': free(flag, 'boolean'),
    is_default: free(flag, 'boolean'),
    port_security_enabled: free(flag, 'boolean'),
    dns_domain: free(nameText, 'text'),
    availability_zone_hints: once(Type.Array(Type.String({ maxLength: 255 }))),
    availability_zones: readOnly(),
    subnets: readOnly(),
    ipv4_address_scope: readOnly('text'),
    ipv6_address_scope: readOnly('text'),
    l2_adjacency: readOnly('boolean'),
  },
  query: sql<Row>`select n.id, n.project_id, n.name, n.description, n.admin_state_up, 'ACTIVE' as status, n.shared, n.mtu,
      n."router:external", n.is_default, n.port_security_enabled, n.dns_domain, n.availability_zone_hints, '{}'::text[] as availability_zones,
      n.tags, n.revision_number, n.created_at, n.updated_at,
      array(select s.id from network_subnets s where s.network_id = n.id order by s.id) as subnets,
      g.network_type as "provider:network_type", g.physical_network as "provider:physical_network", g.segmentation_id as "provider:segmentation_id",
      g.count as segment_count, g.segments,
      (select p.address_scope_id from network_subnets s join network_subnetpools p on p.id = s.subnetpool_id
        where s.network_id = n.id and s.ip_version = 4 and p.address_scope_id is not null limit 1) as ipv4_address_scope,
      (select p.address_scope_id from network_subnets s join network_subnetpools p on p.id = s.subnetpool_id
        where s.network_id = n.id and s.ip_version = 6 and p.address_scope_id is not null limit 1) as ipv6_address_scope,
      not exists (select 1 from network_subnets s where s.network_id = n.id and s.segment_id is not null) as l2_adjacency
    from network_networks n, lateral (select count(*) as count, min(network_type) as network_type, min(physical_network) as physical_network,
      min(segmentation_id) as segmentation_id, jsonb_agg(jsonb_build_object('provider:network_type', network_type,
        'provider:physical_network', physical_network, 'provider:segmentation_id', segmentation_id)) as segments
      from network_segments s where s.network_id = n.id) g`,
  visible: (caller) => sql`(r.shared or r."router:external" or exists (select 1 from network_rbac_policies b
    where b.object_type = 'network' and b.object_id = r.id and b.action in ('access_as_shared', 'access_as_external')
      and b.target_tenant in ('*', ${caller.projectId ?? ''})))`,
  present: ({ segment_count: count, segments, ...row }) => {
    if (Number(count) <= 1) return row;
    const {
      'provider:network_type': _type,
      'provider:physical_network': _physical,
      'provider:segmentation_id': _id,
      ...rest
    } = row;
    return { ...rest, segments };
  },
  target: async (db, row) => {
    const shared =
      typeof row.id === 'string' &&
      (
        await all(
          db,
          sql`select 1 from network_rbac_policies where object_type = 'network' and object_id = ${row.id} and target_tenant = '*'`,
        )
      ).length > 0;
    return shared ? { shared: true } : {};
  },
  create: each(createNetwork),
  update: async (tx, before, attributes) => update(tx, 'network_networks', text(before, 'id'), attributes),
  remove: async (tx, row) => {
    const id = text(row, 'id');
    const ports = await all(
      tx,
      sql<{
        id: string;
      }>`select id from network_ports where network_id = ${id} and device_owner <> 'network:dhcp' order by id limit 10`,
    );
    if (ports.length > 0) throw errors.NetworkInUse(id, ports.map((port) => port.id).join(', '));
    await sql`delete from network_ports where network_id = ${id}`.execute(tx);
    await sql`delete from network_rbac_policies where object_type = 'network' and object_id = ${id}`.execute(tx);
    await sql`delete from network_subnets where network_id = ${id}`.execute(tx);
    await sql`delete from network_networks where id = ${id}`.execute(tx);
  },
};

/** Writes a network with its segments; attribute names are the API's. Returns its id. */
export async function createNetwork(tx: Transaction, attributes: Row): Promise<string> {
  const id = newId();
  const columns = Object.fromEntries(
    Object.entries(attributes).filter(([name]) => name !== 'segments' && !name.startsWith('provider:')),
  );
  await insert(tx, 'network_networks', { ...columns, id });
  for (const segment of segmentsFrom({ ...attributes, segments: list(attributes, 'segments') }))
    await insertSegment(tx, id, segment);
  return id;
}
