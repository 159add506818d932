// Rules of security groups: /v2.0/security-group-rules.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { prefixText, toPrefix } from '../address.ts';
import { errors } from '../errors.ts';
import { idText, nullable, once, readOnly, required } from '../resource/attributes.ts';
import { each, type Resource } from '../resource/resource.ts';
import { first, insert, newId, optionalText, type Row, text } from '../store.ts';
import { presentRule } from './groups.ts';

const port = nullable(
  Type.Union([Type.Integer({ minimum: -1, maximum: 65_535 }), Type.String({ pattern: '^\\d{1,5}$' })]),
);

export const securityGroupRules: Resource = {
  path: '/v2.0/security-group-rules',
  member: 'security_group_rule',
  members: 'security_group_rules',
  notFound: errors.SecurityGroupRuleNotFound,
  attributes: {
    id: readOnly('text'),
    project_id: once(Type.String(), 'text'),
    tenant_id: once(Type.String(), 'text'),
    description: once(Type.String({ maxLength: 255 }), 'text'),
    security_group_id: required(idText, 'text'),
    direction: required(Type.Union([Type.Literal('ingress'), Type.Literal('egress')]), 'text'),
    ethertype: once(nullable(Type.String({ pattern: '^[Ii][Pp][Vv][46]$' })), 'text'),
    protocol: once(nullable(Type.Union([Type.String(), Type.Integer({ minimum: 0, maximum: 255 })])), 'text'),
    port_range_min: once(port, 'integer'),
    port_range_max: once(port, 'integer'),
    remote_ip_prefix: once(nullable(Type.String()), 'text'),
    remote_group_id: once(nullable(idText), 'text'),
    remote_address_group_id: once(Type.Null()),
    revision_number: readOnly('integer'),
    created_at: readOnly(),
    updated_at: readOnly(),
  },
  query: sql<Row>`select u.*, '{}'::text[] as tags from network_security_group_rules u`,
  present: (row) => presentRule(row),
  target: async (db, row) => {
    const group = await first(
      db,
      sql<{
        project_id: string;
      }>`select project_id from network_security_groups where id = ${row.security_group_id ?? null}`,
    );
    return group ? { 'security_group:tenant_id': group.project_id } : {};
  },
  create: each(async (tx, attributes) => {
    const row = checkedRule(attributes);
    for (const name of ['security_group_id', 'remote_group_id']) {
      const id = optionalText(row, name);
      if (
        id !== undefined &&
        !(await first(tx, sql`select 1 from network_security_groups where id = ${id} for key share`))
      )
        throw errors.SecurityGroupNotFound(id);
    }
    const id = newId();
    const same = await first(
      tx,
      sql<{
        id: string;
      }>`select id from network_security_group_rules where security_group_id = ${row.security_group_id} and direction = ${row.direction}
        and ethertype = ${row.ethertype} and protocol is not distinct from ${row.protocol} and port_range_min is not distinct from ${row.port_range_min}::integer
        and port_range_max is not distinct from ${row.port_range_max}::integer and remote_ip_prefix is not distinct from ${row.remote_ip_prefix}
        and remote_group_id is not distinct from ${row.remote_group_id}`,
    );
    if (same) throw errors.SecurityGroupRuleExists(same.id);
    await insert(tx, 'network_security_group_rules', { ...row, id });
    return id;
  }),
  remove: async (tx, row) => {
    await sql`delete from network_security_group_rules where id = ${text(row, 'id')}`.execute(tx);
  },
};

/** The rule as it is stored: names in one notation, numbers as numbers. Throws InvalidInput for ports without a protocol and their like. */
function checkedRule(attributes: Row): Row {
  const protocol =
    attributes.protocol === undefined || attributes.protocol === null
      ? null
      : String(attributes.protocol).toLowerCase();
  const number = (name: string) =>
    attributes[name] === undefined || attributes[name] === null ? null : Number(attributes[name]);
  const low = number('port_range_min');
  const high = number('port_range_max');
  const prefix = optionalText(attributes, 'remote_ip_prefix');
  const parsed = prefix === undefined ? undefined : toPrefix(prefix);
  const ethertype = optionalText(attributes, 'ethertype')?.toLowerCase() === 'ipv6' ? 'IPv6' : 'IPv4';
  if (prefix !== undefined && !parsed)
    throw errors.HTTPBadRequest(`Invalid input for remote_ip_prefix. Reason: '${prefix}' is not a valid IP subnet.`);
  if (parsed && `IPv${parsed.version}` !== ethertype)
    throw errors.HTTPBadRequest(`Conflicting value ethertype ${ethertype} for CIDR ${prefix}.`);
  if (prefix !== undefined && optionalText(attributes, 'remote_group_id') !== undefined)
    throw errors.HTTPBadRequest('Only remote_ip_prefix or remote_group_id may be provided.');
  if (protocol !== null && !/^(\d{1,3}|[a-z][a-z0-9-]*)$/.test(protocol))
    throw errors.HTTPBadRequest(`Security group rule protocol ${protocol} not supported.`);
  refuseBadPorts(protocol, low, high);
  const { remote_address_group_id: _group, ...rest } = attributes;
  return {
    ...rest,
    protocol,
    ethertype,
    port_range_min: low,
    port_range_max: high,
    remote_ip_prefix: parsed ? prefixText(parsed) : null,
    remote_group_id: optionalText(attributes, 'remote_group_id') ?? null,
  };
}

const portProtocols = ['tcp', 'udp', 'sctp', 'dccp', 'udplite', '6', '17', '132', '33', '136'];
const icmpProtocols = ['icmp', 'icmpv6', 'ipv6-icmp', '1', '58'];

function refuseBadPorts(protocol: string | null, low: number | null, high: number | null): void {
  if (low === null && high === null) return;
  if (protocol === null) throw errors.HTTPBadRequest('Must also specify protocol if port range is given.');
  if (icmpProtocols.includes(protocol)) {
    if (low === null || [low, high].some((value) => value !== null && (value < 0 || value > 255)))
      throw errors.HTTPBadRequest(`ICMP type and code are numbers from 0 to 255, not ${low} and ${high}.`);
    return;
  }
  if (!portProtocols.includes(protocol)) throw errors.HTTPBadRequest(`Protocol ${protocol} has no ports.`);
  if (low === null || high === null || low > high || low < 1)
    throw errors.HTTPBadRequest('For TCP/UDP protocols, port_range_min must be <= port_range_max.');
}
