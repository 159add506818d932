// Roles: /v3/roles.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { ApiRequest } from '../../openstack/index.ts';
import { nameSchema, nullableId, nullableText, optionsSchema } from '../attributes.ts';
import { type Collection, optionalText, type Row, record } from '../collection/index.ts';
import { errors } from '../errors.ts';
import { mergedOptions, refuseImmutable, refuseImmutableChange } from '../immutable.ts';
import { projectById } from '../store.ts';

const attributes = {
  description: Type.Optional(nullableText),
  domain_id: Type.Optional(nullableId),
  options: Type.Optional(optionsSchema),
};

export const roles: Collection = {
  path: '/v3/roles',
  member: 'role',
  members: 'roles',
  noun: 'role',
  table: 'identity_roles',
  columns: ['name', 'domain_id', 'description', 'options'],
  keepsExtra: true,
  filters: { name: 'text', domain_id: 'text' },
  sortedBy: 'name',
  rules: {
    list: 'identity:list_roles',
    get: 'identity:get_role',
    create: 'identity:create_role',
    update: 'identity:update_role',
    delete: 'identity:delete_role',
  },
  // A role of a domain has rules of its own.
  ruleFor: (verb, row) =>
    optionalText(row, 'domain_id') === null ? roles.rules[verb] : roles.rules[verb].replace(/_(roles?)$/, '_domain_$1'),
  create: Type.Object({ ...attributes, name: nameSchema }),
  update: Type.Object({ ...attributes, name: Type.Optional(nameSchema) }),
  target: (row) => ({ 'target.role.domain_id': row.domain_id, 'target.role.name': row.name }),
  // Without domain_id a list holds the global roles only (Identity API v3.6).
  narrow: (_caller, search) => (search.has('domain_id') ? sql`true` : sql`domain_id is null`),
  present: (row, { context }) => presentRole(row, context.baseUrl),
  prepare: async (change) => {
    refuseImmutableChange('role', change);
    const { tx, values, before } = change;
    const domainId = optionalText(values, 'domain_id');
    if (before && 'domain_id' in values && values.domain_id !== before.domain_id)
      throw errors.Invalid('The domain_id of a role cannot be changed.');
    if (!before && domainId !== null && !(await projectById(tx, domainId))?.is_domain)
      throw errors.NotFound('domain', domainId);
    return 'options' in values ? { ...values, options: mergedOptions(before, values.options) } : values;
  },
  remove: async (row) => refuseImmutable('role', row),
};

export function presentRole(row: Row, baseUrl: string) {
  return {
    ...record(row, 'extra'),
    id: row.id,
    name: row.name,
    domain_id: row.domain_id,
    description: row.description,
    options: row.options,
    links: { self: `${baseUrl}/v3/roles/${String(row.id)}` },
  };
}

/** A role as lists within other answers show it. */
export function roleRef(row: Row, { context }: ApiRequest) {
  return { id: row.id, name: row.name, links: { self: `${context.baseUrl}/v3/roles/${String(row.id)}` } };
}
