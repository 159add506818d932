// Endpoint groups: /v3/OS-EP-FILTER/endpoint_groups.
import { Type } from '@sinclair/typebox';
import { nameSchema, nullableText } from '../attributes.ts';
import type { Collection, Row } from '../collection/index.ts';

const filters = Type.Object(
  {
    service_id: Type.Optional(Type.String()),
    region_id: Type.Optional(Type.String()),
    interface: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('internal'), Type.Literal('admin')])),
  },
  { additionalProperties: false },
);

export const endpointGroups: Collection = {
  path: '/v3/OS-EP-FILTER/endpoint_groups',
  member: 'endpoint_group',
  members: 'endpoint_groups',
  noun: 'endpoint group',
  table: 'identity_endpoint_groups',
  columns: ['name', 'description', 'filters'],
  keepsExtra: false,
  filters: { name: 'text' },
  sortedBy: 'name',
  rules: {
    list: 'identity:list_endpoint_groups',
    get: 'identity:get_endpoint_group',
    create: 'identity:create_endpoint_group',
    update: 'identity:update_endpoint_group',
    delete: 'identity:delete_endpoint_group',
  },
  create: Type.Object({ name: nameSchema, description: Type.Optional(nullableText), filters }),
  update: Type.Object({
    name: Type.Optional(nameSchema),
    description: Type.Optional(nullableText),
    filters: Type.Optional(filters),
  }),
  present: (row, { context }) => presentEndpointGroup(row, context.baseUrl),
};

export function presentEndpointGroup(row: Row, baseUrl: string) {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    filters: row.filters,
    links: { self: `${baseUrl}/v3/OS-EP-FILTER/endpoint_groups/${String(row.id)}` },
  };
}
