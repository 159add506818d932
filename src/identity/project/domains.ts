// Domains: /v3/domains.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { nullableText, optionsSchema, projectName } from '../attributes.ts';
import { type Collection, findRow } from '../collection/index.ts';
import { errors } from '../errors.ts';
import { mergedOptions, refuseImmutable, refuseImmutableChange } from '../immutable.ts';
import { presentDomain } from './present.ts';
import { tagList } from './tag-list.ts';

const attributes = {
  description: Type.Optional(nullableText),
  enabled: Type.Optional(Type.Boolean()),
  options: Type.Optional(optionsSchema),
  tags: Type.Optional(tagList),
};

export const domains: Collection = {
  path: '/v3/domains',
  member: 'domain',
  members: 'domains',
  noun: 'domain',
  table: 'identity_projects',
  columns: ['name', 'description', 'enabled', 'options', 'tags'],
  keepsExtra: true,
  filters: { name: 'text', enabled: 'boolean' },
  sortedBy: 'name',
  rules: {
    list: 'identity:list_domains',
    get: 'identity:get_domain',
    create: 'identity:create_domain',
    update: 'identity:update_domain',
    delete: 'identity:delete_domain',
  },
  create: Type.Object({ ...attributes, name: projectName }),
  update: Type.Object({ ...attributes, name: Type.Optional(projectName) }),
  target: (row) => ({ 'target.domain.id': row.id }),
  listTarget: ({ context }) => ({ 'target.domain.id': context.caller.domainId }),
  narrow: ({ domainId }) => (domainId === undefined ? sql`is_domain` : sql`is_domain and id = ${domainId}`),
  find: async (db, id) => {
    const row = await findRow(db, domains, id);
    return row?.is_domain === true ? row : undefined;
  },
  present: (row, { context }) => presentDomain(row, context.baseUrl),
  prepare: (change) => {
    refuseImmutableChange('domain', change);
    const { values, before } = change;
    return {
      ...values,
      ...(before ? {} : { is_domain: true }),
      ...('description' in values ? { description: values.description ?? '' } : {}),
      ...('options' in values ? { options: mergedOptions(before, values.options) } : {}),
    };
  },
  remove: async (row) => {
    refuseImmutable('domain', row);
    if (row.enabled === true) throw errors.Denied('Cannot delete a domain that is enabled, please disable it first.');
  },
};
