// Port groups: NICs of a node that are bonded.
import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { atLeast } from '../../openstack/index.ts';
import { enforceAdding, enforceBelowNode, ofOwnNodes } from '../access.ts';
import type { CollectionSpec } from '../document/collection.ts';
import { links, time } from '../document/fields.ts';
import { isName, isUuid, macAddress, Nullable, uuidOrNull } from '../document/names.ts';
import { errors } from '../errors.ts';
import { flagOf } from '../node/create.ts';
import { constraintOf } from '../node/duplicate.ts';
import { findNode, seekNode } from '../node/find.ts';
import { tables } from '../store.ts';

const editable = {
  name: Type.Optional(Nullable.text),
  address: Type.Optional(Nullable.text),
  node_uuid: Type.Optional(Type.String()),
  mode: Type.Optional(Nullable.text),
  properties: Type.Optional(Nullable.object),
  extra: Type.Optional(Nullable.object),
  standalone_ports_supported: Type.Optional(Nullable.flag),
};
export const newPortgroupSchema = Type.Object(
  { ...editable, node_uuid: Type.String(), uuid: Type.Optional(Nullable.text) },
  { additionalProperties: false },
);
const edited = Type.Object(editable, { additionalProperties: true });
type New = Static<typeof newPortgroupSchema>;
type Edited = Static<typeof edited>;

export const portgroups: CollectionSpec<'baremetal_portgroups', New, Edited> = {
  table: 'baremetal_portgroups',
  list: 'portgroups',
  path: '/v1/portgroups',
  named: true,
  fields: {
    uuid: { render: (row) => row.uuid },
    name: { render: (row) => row.name },
    address: { render: (row) => row.address },
    extra: { render: (row) => row.extra },
    internal_info: { render: (row) => row.internal_info },
    mode: { since: '1.26', render: (row) => row.mode },
    node_uuid: { render: (row) => row.node_uuid },
    // New with 1.26 by the reference, yet tempest's plugin writes and reads them before.
    properties: { render: (row) => row.properties },
    standalone_ports_supported: { render: (row) => row.standalone_ports_supported },
    created_at: { render: (row) => time(row.created_at) },
    updated_at: { render: (row) => time(row.updated_at) },
    ports: { since: '1.24', render: (row, context) => links(context, `portgroups/${row.uuid}/ports`) },
    links: { render: (row, context) => links(context, `portgroups/${row.uuid}`) },
  },
  listFields: ['uuid', 'name', 'address', 'links'],
  sortable: ['uuid', 'name', 'address', 'mode', 'standalone_ports_supported', 'created_at', 'updated_at', 'node_uuid'],
  patch: {
    editable: Object.keys(editable),
    mandatory: ['node_uuid'],
    defaults: { extra: {}, properties: {}, mode: 'active-backup', standalone_ports_supported: true },
  },
  edited,
  notFound: (ident) => errors.PortgroupNotFound(ident),
  asks: ['node', 'address'],
  async filters(parts, { search }) {
    const address = search.get('address');
    const node = search.get('node');
    return [
      ...(address === null ? [] : [sql<boolean>`address = ${macAddress(address)}`]),
      ...(node === null ? [] : [sql<boolean>`node_uuid = ${(await findNode(parts.database, node)).uuid}`]),
    ];
  },
  mayList: (request) => ofOwnNodes(request, 'baremetal:portgroup:list'),
  enforce: async (parts, request, action, row) =>
    enforceBelowNode(request, `baremetal:portgroup:${action}`, await findNode(parts.database, row.node_uuid), () =>
      errors.PortgroupNotFound(row.uuid),
    ),
  async insert(_parts, tx, body, request) {
    const node = await seekNode(tx, body.node_uuid);
    enforceAdding(request, 'baremetal:portgroup:create', node);
    if (!isUuid(body.node_uuid)) throw errors.InvalidUuid(body.node_uuid);
    if (!node) throw errors.Invalid(`Node ${body.node_uuid} could not be found.`);
    if (body.name && !atLeast(request.context.microversion, '1.23')) throw errors.NotFound();
    const uuid = uuidOrNull(body.uuid) ?? randomUUID();
    return taken(uuid, body, () =>
      tables(tx)
        .insertInto('baremetal_portgroups')
        .values({ uuid, node_uuid: node.uuid, ...columns(body) })
        .returningAll()
        .executeTakeFirstOrThrow(),
    );
  },
  async write(_parts, tx, before, changed) {
    const node = await findNode(tx, changed.node_uuid ?? before.node_uuid);
    if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
    return taken(before.uuid, changed, () =>
      tables(tx)
        .updateTable('baremetal_portgroups')
        .set({ ...columns(changed), node_uuid: node.uuid, updated_at: new Date() })
        .where('id', '=', before.id)
        .returningAll()
        .executeTakeFirstOrThrow(),
    );
  },
  async mayRemove(_parts, tx, row) {
    const port = await tables(tx)
      .selectFrom('baremetal_ports')
      .select('uuid')
      .where('portgroup_uuid', '=', row.uuid)
      .executeTakeFirst();
    if (port) throw errors.PortgroupNotEmpty(row.uuid);
  },
};

function columns(from: Edited) {
  const name = from.name === '' ? null : (from.name ?? null);
  if (name !== null && !isName(name)) throw errors.InvalidName(name);
  return {
    name,
    address: from.address === undefined || from.address === null ? null : macAddress(from.address),
    mode: from.mode ?? 'active-backup',
    properties: JSON.stringify(from.properties ?? {}),
    extra: JSON.stringify(from.extra ?? {}),
    standalone_ports_supported: flagOf('standalone_ports_supported', from.standalone_ports_supported) ?? true,
  };
}

async function taken<Result>(uuid: string, from: Edited, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const constraint = constraintOf(error);
    if (constraint === 'baremetal_portgroups_name_key') throw errors.DuplicateName('portgroup', from.name ?? '');
    if (constraint === 'baremetal_portgroups_address_key')
      throw errors.MacAlreadyExists('portgroup', from.address ?? '');
    if (constraint === 'baremetal_portgroups_uuid_key') throw errors.AlreadyExists('portgroup', uuid);
    throw error;
  }
}
