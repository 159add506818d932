// Ports: /v2.0/ports.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { toNumber, toText } from '../address.ts';
import { errors } from '../errors.ts';
import { flag, free, idText, macText, nullable, readOnly, required, standard } from '../resource/attributes.ts';
import type { Resource } from '../resource/resource.ts';
import { list, type Row, text } from '../store.ts';
import { networkTarget } from '../subnet/subnets.ts';
import { surroundingsOf } from './surroundings.ts';
import { changePort, insertPort, removePort } from './write.ts';

const fixedIp = Type.Object(
  { subnet_id: Type.Optional(idText), ip_address: Type.Optional(Type.String()) },
  { additionalProperties: false },
);
const pair = Type.Object(
  { ip_address: Type.String(), mac_address: Type.Optional(macText) },
  { additionalProperties: false },
);
const dhcpOption = Type.Object(
  {
    opt_name: Type.String({ minLength: 1, maxLength: 64 }),
    opt_value: nullable(Type.String({ maxLength: 255 })),
    ip_version: Type.Optional(Type.Union([Type.Literal(4), Type.Literal(6), Type.Literal('4'), Type.Literal('6')])),
  },
  { additionalProperties: false },
);
const vnicType = Type.Union(
  [
    'normal',
    'direct',
    'direct-physical',
    'macvtap',
    'baremetal',
    'virtio-forwarder',
    'vdpa',
    'smart-nic',
    'remote-managed',
    'accelerator-direct',
    'accelerator-direct-physical',
  ].map((name) => Type.Literal(name)),
);

export const ports: Resource = {
  path: '/v2.0/ports',
  member: 'port',
  members: 'ports',
  notFound: errors.PortNotFound,
  attributes: {
    ...standard,
    network_id: required(idText, 'text'),
    admin_state_up: free(flag, 'boolean'),
    status: readOnly('text'),
    mac_address: free(macText, 'mac'),
    fixed_ips: free(Type.Array(fixedIp, { maxItems: 64 })),
    device_id: free(Type.String({ maxLength: 255 }), 'text'),
    device_owner: free(Type.String({ maxLength: 255 }), 'text'),
    security_groups: free(nullable(Type.Array(idText))),
    'binding:host_id': free(nullable(Type.String({ maxLength: 255 })), 'text'),
    'binding:profile': free(nullable(Type.Object({}, { additionalProperties: true }))),
    'binding:vnic_type': free(vnicType, 'text'),
    'binding:vif_type': readOnly('text'),
    'binding:vif_details': readOnly(),
    port_security_enabled: free(flag, 'boolean'),
    allowed_address_pairs: free(nullable(Type.Array(pair, { maxItems: 64 }))),
    extra_dhcp_opts: free(nullable(Type.Array(dhcpOption))),
    dns_name: free(
      Type.String({ maxLength: 253, pattern: '^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.?)*$' }),
      'text',
    ),
    dns_domain: free(Type.String({ maxLength: 255 }), 'text'),
    dns_assignment: readOnly(),
    propagate_uplink_status: free(flag, 'boolean'),
    tags: { schema: Type.Array(Type.String({ minLength: 1, maxLength: 255 })), create: 'optional' },
    trunk_details: readOnly(),
    ip_allocation: readOnly('text'),
  },
  query: sql<Row>`select p.id, p.network_id, p.project_id, p.name, p.description, p.admin_state_up, p.status, p.mac_address, p.device_id,
      p.device_owner, p."binding:host_id", p."binding:profile", p."binding:vnic_type", p."binding:vif_type", p."binding:vif_details",
      p.port_security_enabled, p.allowed_address_pairs, p.extra_dhcp_opts, p.dns_name, p.dns_domain, p.propagate_uplink_status,
      p.tags, p.revision_number, p.created_at, p.updated_at,
      coalesce((select jsonb_agg(jsonb_build_object('subnet_id', a.subnet_id, 'ip_address', host(a.address)) order by a.position, a.address)
        from network_addresses a where a.port_id = p.id), '[]') as fixed_ips,
      array(select g.security_group_id from network_port_security_groups g where g.port_id = p.id order by 1) as security_groups,
      (select n.dns_domain from network_networks n where n.id = p.network_id) as network_dns_domain,
      (select jsonb_build_object('trunk_id', t.id, 'sub_ports', coalesce((select jsonb_agg(jsonb_build_object('port_id', s.port_id,
          'segmentation_type', s.segmentation_type, 'segmentation_id', s.segmentation_id, 'mac_address', sp.mac_address) order by s.segmentation_id)
        from network_subports s join network_ports sp on sp.id = s.port_id where s.trunk_id = t.id), '[]'))
        from network_trunks t where t.port_id = p.id) as trunk_details
    from network_ports p`,
  // A network's owner sees all ports on it.
  visible: (caller) =>
    sql`r.network_id in (select id from network_networks where project_id = ${caller.projectId ?? ''})`,
  filters: {
    fixed_ips: fixedIpFilter,
    security_groups: (values) =>
      sql`exists (select 1 from network_port_security_groups g where g.port_id = r.id and g.security_group_id = any(${[...values]}::text[]))`,
  },
  present,
  target: networkTarget,
  parent: 'network_id',
  create: async (tx, wanted) => {
    const surroundings = surroundingsOf(tx);
    const ids: string[] = [];
    for (const attributes of wanted) {
      refusePairsWithoutSecurity(attributes);
      ids.push(await insertPort(tx, filled(attributes), surroundings));
    }
    return ids;
  },
  update: async (tx, before, attributes) => {
    refusePairsWithoutSecurity({ ...before, ...attributes });
    await changePort(tx, before, filled(attributes));
  },
  remove: async (tx, row) => removePort(tx, text(row, 'id')),
};

/** A null host is no host. */
function filled(attributes: Row): Row {
  return 'binding:host_id' in attributes
    ? { ...attributes, 'binding:host_id': attributes['binding:host_id'] ?? '' }
    : attributes;
}

function refusePairsWithoutSecurity(attributes: Row): void {
  for (const one of list(attributes, 'allowed_address_pairs')) {
    const address = String(Object(one).ip_address);
    if (!toNumber(address.split('/')[0] ?? ''))
      throw errors.HTTPBadRequest(
        `Invalid input for allowed_address_pairs. Reason: '${address}' is not a valid IP address.`,
      );
  }
  if (attributes.port_security_enabled !== false) return;
  if (list(attributes, 'allowed_address_pairs').length > 0)
    throw errors.InvalidInput('allowed_address_pairs need port_security_enabled');
  if (list(attributes, 'security_groups').length > 0)
    throw errors.InvalidInput('security_groups need port_security_enabled');
}

function present({ network_dns_domain: networkDomain, trunk_details: trunk, ...row }: Row): Row {
  const addresses = list(row, 'fixed_ips').map((one) => String(Object(one).ip_address));
  return {
    ...row,
    // A pair without a MAC address is for the port's own.
    allowed_address_pairs: list(row, 'allowed_address_pairs').map((one) => ({
      mac_address: row.mac_address,
      ...Object(one),
    })),
    dns_assignment: addresses.map((address) => assignment(row, String(networkDomain ?? ''), address)),
    ip_allocation: addresses.length > 0 ? 'immediate' : 'none',
    ...(trunk === null ? {} : { trunk_details: trunk }),
  };
}

/** The names of an address: the port's own, or one made of the address (extension dns-integration). */
function assignment(row: Row, networkDomain: string, address: string) {
  const name = row.dns_name === '' ? `host-${address.replace(/[.:]+/g, '-')}` : text(row, 'dns_name');
  const domain = row.dns_domain === '' ? networkDomain : text(row, 'dns_domain');
  const suffix = domain === '' ? 'openstacklocal.' : domain.endsWith('.') ? domain : `${domain}.`;
  return { hostname: name, ip_address: address, fqdn: name.endsWith('.') ? name : `${name}.${suffix}` };
}

/** `fixed_ips=ip_address=A`, `fixed_ips=subnet_id=S`, `fixed_ips=ip_address_substr=T`: one of each name must match. */
function fixedIpFilter(values: readonly string[]) {
  const byName = new Map<string, string[]>();
  for (const value of values) {
    const [, name = '', rest = ''] = /^(\w+)=(.*)$/.exec(value) ?? [];
    byName.set(name, [...(byName.get(name) ?? []), rest]);
  }
  const conditions = [...byName].map(([name, wanted]) => {
    switch (name) {
      case 'ip_address':
        return sql`a.address = any(${wanted.map(inetText)}::inet[])`;
      case 'subnet_id':
        return sql`a.subnet_id = any(${wanted}::text[])`;
      case 'ip_address_substr':
        return sql`(${sql.join(
          wanted.map((part) => sql`position(${part} in host(a.address)) > 0`),
          sql` or `,
        )})`;
      default:
        throw errors.HTTPBadRequest(
          `Invalid input for fixed_ips. Reason: '${name}' is none of ip_address, subnet_id, ip_address_substr.`,
        );
    }
  });
  return sql`exists (select 1 from network_addresses a where a.port_id = r.id and ${sql.join(conditions, sql` and `)})`;
}

function inetText(value: string): string {
  const parsed = toNumber(value);
  if (!parsed)
    throw errors.HTTPBadRequest(`Invalid input for fixed_ips. Reason: '${value}' is not a valid IP address.`);
  return toText(parsed.value, parsed.version);
}
