// Address scopes: /v2.0/address-scopes.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { errors } from '../errors.ts';
import { flag, free, nameText, once, readOnly, required } from '../resource/attributes.ts';
import { each, type Resource } from '../resource/resource.ts';
import { all, insert, newId, type Row, text } from '../store.ts';

export const addressScopes: Resource = {
  path: '/v2.0/address-scopes',
  member: 'address_scope',
  members: 'address_scopes',
  notFound: errors.AddressScopeNotFound,
  attributes: {
    id: readOnly('text'),
    name: { ...required(nameText), update: true, filter: 'text' },
    project_id: once(Type.String(), 'text'),
    tenant_id: once(Type.String(), 'text'),
    shared: free(flag, 'boolean'),
    ip_version: { ...required(Type.Union([Type.Literal(4), Type.Literal(6)])), filter: 'integer' },
  },
  query: sql<Row>`select id, project_id, name, shared, ip_version from network_address_scopes`,
  visible: () => sql`r.shared`,
  create: each(async (tx, attributes) => {
    const id = newId();
    await insert(tx, 'network_address_scopes', { ...attributes, id });
    return id;
  }),
  update: async (tx, before, attributes) => {
    if (before.shared === true && attributes.shared === false)
      throw errors.InvalidInput('a shared address scope cannot be made private again');
    await sql`update network_address_scopes set name = ${attributes.name ?? before.name}, shared = ${attributes.shared ?? before.shared}
      where id = ${before.id}`.execute(tx);
  },
  remove: async (tx, row) => {
    const id = text(row, 'id');
    const used = await all(tx, sql<{ id: string }>`select id from network_subnetpools where address_scope_id = ${id}`);
    if (used[0]) throw errors.InUse('Address scope', id, `subnet pool ${used[0].id}`);
    await sql`delete from network_address_scopes where id = ${id}`.execute(tx);
  },
};
