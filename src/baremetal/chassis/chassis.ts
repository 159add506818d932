// Chassis: what nodes stand in together.
import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import type { CollectionSpec } from '../document/collection.ts';
import { links, time } from '../document/fields.ts';
import { Nullable, uuidOrNull } from '../document/names.ts';
import { errors } from '../errors.ts';
import { constraintOf } from '../node/duplicate.ts';
import { tables } from '../store.ts';

const editable = { description: Type.Optional(Nullable.text), extra: Type.Optional(Nullable.object) };
export const newChassisSchema = Type.Object(
  { ...editable, uuid: Type.Optional(Nullable.text) },
  { additionalProperties: false },
);
const edited = Type.Object(editable, { additionalProperties: true });

export const chassis: CollectionSpec<'baremetal_chassis', Static<typeof newChassisSchema>, Static<typeof edited>> = {
  table: 'baremetal_chassis',
  list: 'chassis',
  path: '/v1/chassis',
  named: false,
  fields: {
    uuid: { render: (row) => row.uuid },
    description: { render: (row) => row.description },
    extra: { render: (row) => row.extra },
    created_at: { render: (row) => time(row.created_at) },
    updated_at: { render: (row) => time(row.updated_at) },
    nodes: { render: (row, context) => links(context, `chassis/${row.uuid}/nodes`) },
    links: { render: (row, context) => links(context, `chassis/${row.uuid}`) },
  },
  listFields: ['uuid', 'description', 'links'],
  sortable: ['uuid', 'description', 'created_at', 'updated_at'],
  patch: { editable: Object.keys(editable), defaults: { extra: {} } },
  edited,
  notFound: (ident) => errors.ChassisNotFound(ident),
  filters: async () => [],
  mayList(request) {
    request.enforce('baremetal:chassis:get');
    return [];
  },
  enforceFirst: (request, action) => request.enforce(`baremetal:chassis:${action}`),
  async insert(_parts, tx, body, request) {
    request.enforce('baremetal:chassis:create');
    const uuid = uuidOrNull(body.uuid) ?? randomUUID();
    try {
      return await tables(tx)
        .insertInto('baremetal_chassis')
        .values({ uuid, description: body.description ?? null, extra: JSON.stringify(body.extra ?? {}) })
        .returningAll()
        .executeTakeFirstOrThrow();
    } catch (error) {
      if (constraintOf(error) === 'baremetal_chassis_uuid_key') throw errors.AlreadyExists('chassis', uuid);
      throw error;
    }
  },
  write: (_parts, tx, before, changed) =>
    tables(tx)
      .updateTable('baremetal_chassis')
      .set({
        description: changed.description ?? null,
        extra: JSON.stringify(changed.extra ?? {}),
        updated_at: new Date(),
      })
      .where('id', '=', before.id)
      .returningAll()
      .executeTakeFirstOrThrow(),
  async mayRemove(_parts, tx, row) {
    const node = await tables(tx)
      .selectFrom('baremetal_nodes')
      .select('uuid')
      .where('chassis_uuid', '=', row.uuid)
      .executeTakeFirst();
    if (node) throw errors.ChassisNotEmpty(row.uuid);
  },
};
