// Regions: /v3/regions.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { type Route, route } from '../../openstack/index.ts';
import { nullableId, nullableText } from '../attributes.ts';
import { type Change, type Collection, create, optionalText, type Row, record } from '../collection/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { all, type Connection, first } from '../store.ts';

const attributes = {
  id: Type.Optional(Type.String({ maxLength: 255 })),
  description: Type.Optional(nullableText),
  parent_region_id: Type.Optional(nullableId),
};

export const regions: Collection = {
  path: '/v3/regions',
  member: 'region',
  members: 'regions',
  noun: 'region',
  table: 'identity_regions',
  columns: ['id', 'description', 'parent_region_id'],
  keepsExtra: true,
  filters: { parent_region_id: 'text' },
  rules: {
    list: 'identity:list_regions',
    get: 'identity:get_region',
    create: 'identity:create_region',
    update: 'identity:update_region',
    delete: 'identity:delete_region',
  },
  create: Type.Object(attributes),
  update: Type.Object(attributes),
  present: (row, { context }) => ({
    ...record(row, 'extra'),
    id: row.id,
    description: row.description,
    parent_region_id: row.parent_region_id,
    links: { self: `${context.baseUrl}/v3/regions/${String(row.id)}` },
  }),
  prepare,
  remove: async (row, { tx }) => {
    const children = await all(tx, sql`select 1 from identity_regions where parent_region_id = ${row.id} limit 1`);
    if (children.length > 0)
      throw errors.Denied(
        `Unable to delete region ${String(row.id)}: it or its child regions have associated endpoints.`,
      );
  },
};

/** PUT /v3/regions/{id}: a region whose id the client chooses in the path. */
export function regionRoutes(parts: Parts): Route[] {
  return [
    route({
      method: 'PUT',
      path: '/v3/regions/:id',
      policy: regions.rules.create,
      enforcement: 'handler',
      summary: 'Create a region with this id',
      body: Type.Object({ region: Type.Object(attributes) }),
      handler: (request) => {
        const { id } = request.params;
        const given = request.body.region;
        if (given.id !== undefined && given.id !== id)
          throw errors.Invalid(`The path names region ${id}, the body region ${given.id}.`);
        return create(regions, parts, request, { ...given, id });
      },
    }),
  ];
}

async function prepare({ tx, values, before }: Change): Promise<Row> {
  const parent = optionalText(values, 'parent_region_id');
  if (parent !== null) {
    const exists = await first(tx, sql`select 1 from identity_regions where id = ${parent}`);
    if (!exists) throw errors.NotFound('region', parent);
    if (before && (await isBelow(tx, parent, String(before.id))))
      throw errors.Invalid(`Region ${parent} is region ${String(before.id)} itself or below it.`);
  }
  const { id, ...rest } = values;
  const described = 'description' in rest ? { ...rest, description: rest.description ?? '' } : rest;
  return id === undefined || id === '' ? described : { id, ...described };
}

async function isBelow(db: Connection, id: string, above: string): Promise<boolean> {
  const found = await first(
    db,
    sql`with recursive up (id, parent_region_id) as (
        select id, parent_region_id from identity_regions where id = ${id}
        union select r.id, r.parent_region_id from identity_regions r join up on r.id = up.parent_region_id)
      select 1 from up where id = ${above}`,
  );
  return found !== undefined;
}
