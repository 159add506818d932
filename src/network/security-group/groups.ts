// Security groups: /v2.0/security-groups. They are kept for clients; bare metal has no place to enforce them.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { errors } from '../errors.ts';
import { flag, free, nameText, readOnly, standard } from '../resource/attributes.ts';
import { each, neutronTime, type Resource } from '../resource/resource.ts';
import { all, insert, list, newId, type Row, text, update } from '../store.ts';
import { ensureDefaultGroup, openOutwards } from './default-group.ts';

export const securityGroups: Resource = {
  path: '/v2.0/security-groups',
  member: 'security_group',
  members: 'security_groups',
  notFound: errors.SecurityGroupNotFound,
  attributes: {
    ...standard,
    name: free(nameText, 'text'),
    description: free(Type.String({ maxLength: 255 }), 'text'),
    stateful: free(flag, 'boolean'),
    shared: readOnly('boolean'),
    security_group_rules: readOnly(),
  },
  query: sql<Row>`select g.id, g.project_id, g.name, g.description, g.stateful, g.shared, g.tags, g.revision_number, g.created_at, g.updated_at,
      coalesce((select jsonb_agg(to_jsonb(u) || jsonb_build_object('tenant_id', u.project_id) order by u.created_at, u.id)
        from network_security_group_rules u where u.security_group_id = g.id), '[]') as security_group_rules
    from network_security_groups g`,
  present: (row) => ({
    ...row,
    security_group_rules: list(row, 'security_group_rules').map((rule) => presentRule({ ...Object(rule) })),
  }),
  beforeList: async (db, request) => {
    const { projectId } = request.context.caller;
    if (
      projectId !== undefined &&
      request.may('create_security_group', { project_id: projectId, tenant_id: projectId })
    )
      await ensureDefaultGroup(db, projectId);
  },
  create: each(async (tx, attributes) => {
    const projectId = text(attributes, 'project_id');
    if (attributes.name === 'default') throw errors.SecurityGroupDefaultAlreadyExists();
    await ensureDefaultGroup(tx, projectId);
    const id = newId();
    await insert(tx, 'network_security_groups', { ...attributes, id });
    await openOutwards(tx, id, projectId);
    return id;
  }),
  update: async (tx, before, attributes) => {
    if (before.name === 'default' && attributes.name !== undefined && attributes.name !== 'default')
      throw errors.SecurityGroupCannotUpdateDefault();
    if (before.name !== 'default' && attributes.name === 'default') throw errors.SecurityGroupDefaultAlreadyExists();
    await update(tx, 'network_security_groups', text(before, 'id'), attributes);
  },
  remove: async (tx, row, request) => {
    const id = text(row, 'id');
    if (row.name === 'default' && !request.may('admin_only', {})) throw errors.SecurityGroupCannotRemoveDefault();
    const used = await all(
      tx,
      sql<{
        port_id: string;
      }>`select port_id from network_port_security_groups where security_group_id = ${id} order by 1 limit 10`,
    );
    if (used.length > 0) throw errors.SecurityGroupInUse(id, used.map((one) => one.port_id).join(', '));
    await sql`delete from network_security_groups where id = ${id}`.execute(tx);
  },
};

/** A rule inside its group: jsonb writes times its own way. */
export function presentRule(rule: Row): Row {
  const time = (value: unknown) => neutronTime(typeof value === 'string' ? new Date(value) : value);
  return {
    ...rule,
    created_at: time(rule.created_at),
    updated_at: time(rule.updated_at),
    remote_address_group_id: null,
    normalized_cidr: rule.remote_ip_prefix ?? null,
    tags: [],
  };
}
