// Services of the catalogue: /v3/services.
import { Type } from '@sinclair/typebox';
import { nullableText } from '../attributes.ts';
import { type Collection, record } from '../collection/index.ts';

const attributes = {
  name: Type.Optional(nullableText),
  description: Type.Optional(nullableText),
  enabled: Type.Optional(Type.Boolean()),
};
const type = Type.String({ minLength: 1, maxLength: 255 });

export const services: Collection = {
  path: '/v3/services',
  member: 'service',
  members: 'services',
  noun: 'service',
  table: 'identity_services',
  columns: ['type', 'name', 'description', 'enabled'],
  keepsExtra: true,
  filters: { type: 'text', name: 'text' },
  sortedBy: 'type',
  rules: {
    list: 'identity:list_services',
    get: 'identity:get_service',
    create: 'identity:create_service',
    update: 'identity:update_service',
    delete: 'identity:delete_service',
  },
  create: Type.Object({ ...attributes, type }),
  update: Type.Object({ ...attributes, type: Type.Optional(type) }),
  present: (row, { context }) => ({
    ...record(row, 'extra'),
    id: row.id,
    type: row.type,
    enabled: row.enabled,
    name: row.name ?? '',
    ...(row.description === null ? {} : { description: row.description }),
    links: { self: `${context.baseUrl}/v3/services/${String(row.id)}` },
  }),
};
