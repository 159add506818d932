// Groups of users: /v3/groups.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { nameSchema, nullableText } from '../attributes.ts';
import { type Collection, optionalText, type Row, record } from '../collection/index.ts';
import { errors } from '../errors.ts';
import { defaultDomainId, projectById } from '../store.ts';

const attributes = {
  description: Type.Optional(nullableText),
  domain_id: Type.Optional(Type.String()),
};

export const groups: Collection = {
  path: '/v3/groups',
  member: 'group',
  members: 'groups',
  noun: 'group',
  table: 'identity_groups',
  columns: ['name', 'domain_id', 'description'],
  keepsExtra: true,
  filters: { name: 'text', domain_id: 'text' },
  sortedBy: 'name',
  rules: {
    list: 'identity:list_groups',
    get: 'identity:get_group',
    create: 'identity:create_group',
    update: 'identity:update_group',
    delete: 'identity:delete_group',
  },
  create: Type.Object({ ...attributes, name: nameSchema }),
  update: Type.Object({ ...attributes, name: Type.Optional(nameSchema) }),
  target: groupTarget,
  createTarget: (attributes, { domainId }) => groupTarget({ domain_id: domainId, ...attributes }),
  listTarget: ({ context }) => groupTarget({ domain_id: context.caller.domainId }),
  narrow: (caller) => (caller.domainId === undefined ? sql`true` : sql`domain_id = ${caller.domainId}`),
  present: (row, { context }) => presentGroup(row, context.baseUrl),
  prepare: async ({ tx, request, values, before }) => {
    if (before) {
      if ('domain_id' in values && values.domain_id !== before.domain_id)
        throw errors.Invalid('The domain_id of a group cannot be changed.');
      return 'description' in values ? { ...values, description: values.description ?? '' } : values;
    }
    const { caller } = request.context;
    const domainId = optionalText(values, 'domain_id') ?? caller.domainId ?? caller.projectDomainId ?? defaultDomainId;
    if (!(await projectById(tx, domainId))?.is_domain) throw errors.NotFound('domain', domainId);
    return { ...values, domain_id: domainId, description: values.description ?? '' };
  },
};

function groupTarget(row: Row) {
  return { 'target.group.domain_id': row.domain_id };
}

export function presentGroup(row: Row, baseUrl: string) {
  return {
    ...record(row, 'extra'),
    id: row.id,
    name: row.name,
    domain_id: row.domain_id,
    description: row.description,
    links: { self: `${baseUrl}/v3/groups/${String(row.id)}` },
  };
}
