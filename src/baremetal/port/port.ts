// Ports: the NICs of nodes.
import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { type RawBuilder, sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { type ApiRequest, atLeast, describeFault, type Microversion, violation } from '../../openstack/index.ts';
import { enforceAdding, enforceBelowNode, ofOwnNodes } from '../access.ts';
import type { CollectionSpec } from '../document/collection.ts';
import { type FieldTable, links, time } from '../document/fields.ts';
import { isName, isUuid, macAddress, Nullable, uuidOrNull } from '../document/names.ts';
import { findRow } from '../document/rows.ts';
import { errors } from '../errors.ts';
import { flagOf } from '../node/create.ts';
import { constraintOf } from '../node/duplicate.ts';
import { findNode, seekNode } from '../node/find.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, type PortRow, tables } from '../store.ts';
import { maxVersion } from '../versions.ts';
import { refuseLink } from './link.ts';

const portFields: FieldTable<PortRow> = {
  uuid: { render: (row) => row.uuid },
  address: { render: (row) => row.address },
  name: { since: '1.88', render: (row) => row.name },
  extra: { render: (row) => row.extra },
  internal_info: { since: '1.18', render: (row) => row.internal_info },
  is_smartnic: { since: '1.53', render: (row) => row.is_smartnic },
  local_link_connection: { since: '1.19', render: (row) => row.local_link_connection },
  node_uuid: { render: (row) => row.node_uuid },
  physical_network: { since: '1.34', render: (row) => row.physical_network },
  portgroup_uuid: { since: '1.24', render: (row) => row.portgroup_uuid },
  pxe_enabled: { since: '1.19', render: (row) => row.pxe_enabled },
  created_at: { render: (row) => time(row.created_at) },
  updated_at: { render: (row) => time(row.updated_at) },
  links: { render: (row, context) => links(context, `ports/${row.uuid}`) },
};

const editableFields = [
  'address',
  'name',
  'extra',
  'is_smartnic',
  'local_link_connection',
  'node_uuid',
  'physical_network',
  'portgroup_uuid',
  'pxe_enabled',
];

const link = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);
const editable = {
  address: Type.Optional(Type.String()),
  name: Type.Optional(Nullable.text),
  extra: Type.Optional(Nullable.object),
  is_smartnic: Type.Optional(Nullable.flag),
  local_link_connection: Type.Optional(link),
  node_uuid: Type.Optional(Type.String()),
  physical_network: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Null()])),
  portgroup_uuid: Type.Optional(Nullable.text),
  pxe_enabled: Type.Optional(Nullable.flag),
};
export const newPortSchema = Type.Object(
  { ...editable, address: Type.String(), node_uuid: Type.String(), uuid: Type.Optional(Nullable.text) },
  { additionalProperties: false },
);
const editedPortSchema = Type.Object(editable, { additionalProperties: true });
type NewPort = Static<typeof newPortSchema>;
type EditedPort = Static<typeof editedPortSchema>;

export const ports: CollectionSpec<'baremetal_ports', NewPort, EditedPort> = {
  table: 'baremetal_ports',
  list: 'ports',
  path: '/v1/ports',
  named: '1.88',
  fields: portFields,
  listFields: ['uuid', 'address', 'name', 'links'],
  sortable: [
    'uuid',
    'address',
    'name',
    'created_at',
    'updated_at',
    'pxe_enabled',
    'is_smartnic',
    'physical_network',
    'node_uuid',
  ],
  patch: {
    editable: editableFields,
    mandatory: ['address', 'node_uuid'],
    defaults: { extra: {}, local_link_connection: {}, pxe_enabled: true, is_smartnic: false },
  },
  edited: editedPortSchema,
  notFound: (ident) => errors.PortNotFound(ident),
  asks: ['node', 'node_uuid', 'address', 'portgroup', 'shard'],
  filters: portFilters,
  mayList: (request) => ofOwnNodes(request, 'baremetal:port:list'),
  enforce: async (parts, request, action, row) =>
    enforceBelowNode(request, `baremetal:port:${action}`, await findNode(parts.database, row.node_uuid), () =>
      errors.PortNotFound(row.uuid),
    ),
  async insert(_parts, tx, body, request) {
    enforceAdding(request, 'baremetal:port:create', await seekNode(tx, body.node_uuid));
    const made = await insertPort(tx, body, request);
    await refuseForeignGroup(tx, made);
    await refuseMixedNetworks(tx, made);
    return made;
  },
  async write(_parts, tx, before, edited, request) {
    refuseBusy(await findNode(tx, before.node_uuid));
    const written = await writePort(tx, before, edited, request.context.microversion);
    await refuseForeignGroup(tx, written);
    await refuseMixedNetworks(tx, written);
    return written;
  },
  async mayRemove(_parts, tx, row) {
    const node = await findNode(tx, row.node_uuid);
    refuseBusy(node);
    const used =
      node.provision_state === 'active' &&
      node.instance_uuid !== null &&
      row.internal_info.tenant_vif_port_id !== undefined;
    if (used && !node.maintenance) {
      throw errors.InvalidState(
        `Cannot delete the port ${row.uuid} as node ${node.uuid} is active and has a virtual interface on it.`,
      );
    }
  },
};

/** A bond is made of one machine's NICs. */
async function refuseForeignGroup(tx: Transaction, port: PortRow): Promise<void> {
  if (port.portgroup_uuid === null) return;
  const group = await findRow(tx, 'baremetal_portgroups', port.portgroup_uuid);
  if (group && group.node_uuid !== port.node_uuid)
    throw errors.Invalid(`Port ${port.uuid} and port group ${group.uuid} belong to different nodes.`);
}

/** Bonded NICs must lead to one network. */
async function refuseMixedNetworks(tx: Transaction, port: PortRow): Promise<void> {
  if (port.portgroup_uuid === null) return;
  const members = await tables(tx)
    .selectFrom('baremetal_ports')
    .select('physical_network')
    .distinct()
    .where('portgroup_uuid', '=', port.portgroup_uuid)
    .execute();
  const networks = members.map(({ physical_network: name }) => name ?? 'none').sort();
  if (networks.length > 1) throw errors.PhysicalNetworkMismatch(port.portgroup_uuid, networks);
}

function refuseBusy(node: NodeRow): void {
  if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
}

async function portFilters(parts: Parts, { search, context }: ApiRequest): Promise<RawBuilder<boolean>[]> {
  const filters: RawBuilder<boolean>[] = [];
  const address = search.get('address');
  if (address !== null) filters.push(sql<boolean>`address = ${macAddress(address)}`);
  const uuid = search.get('node_uuid');
  if (uuid !== null && !isUuid(uuid)) throw errors.InvalidUuid(uuid);
  const ident = search.get('node') ?? uuid;
  if (ident !== null) filters.push(sql<boolean>`node_uuid = ${(await findNode(parts.database, ident)).uuid}`);
  const group = search.get('portgroup');
  if (group !== null) {
    if (!atLeast(context.microversion, '1.24'))
      throw errors.NotAcceptable('Filtering by portgroup needs microversion 1.24 or newer.');
    const row = await findRow(parts.database, 'baremetal_portgroups', group, { named: true });
    if (!row) throw errors.PortgroupNotFound(group);
    filters.push(sql<boolean>`portgroup_uuid = ${row.uuid}`);
  }
  const shards = search.getAll('shard').flatMap((text) => text.split(','));
  if (shards.length > 0) {
    if (!atLeast(context.microversion, '1.82'))
      throw errors.NotAcceptable('Filtering by shard needs microversion 1.82 or newer.');
    filters.push(sql<boolean>`node_uuid in (select uuid from baremetal_nodes where shard = any(${shards}))`);
  }
  return filters;
}

/** Inserts a port. Throws MacAlreadyExists, AlreadyExists, 400 for a node that is not there. */
async function insertPort(tx: Transaction, body: NewPort, request: ApiRequest): Promise<PortRow> {
  const uuid = uuidOrNull(body.uuid) ?? randomUUID();
  const address = macAddress(body.address);
  const node = await nodeOfPort(tx, body.node_uuid, atLeast(request.context.microversion, '1.94'));
  return taken(uuid, { address, name: body.name }, () =>
    tables(tx)
      .insertInto('baremetal_ports')
      .values({ uuid, node_uuid: node, ...columns(body, request.context.microversion), address })
      .returningAll()
      .executeTakeFirstOrThrow(),
  );
}

/** What inspection rules make of a port. Throws 400 for fields that a port does not take. */
export async function writeRuledPort(tx: Transaction, before: PortRow, ruled: Record<string, unknown>): Promise<void> {
  const edited = Object.fromEntries(Object.entries(ruled).filter(([name]) => editableFields.includes(name)));
  const fault = violation(editedPortSchema, edited, 'body');
  if (fault) throw errors.Invalid(`port ${before.address}: ${describeFault(fault)}`);
  await refuseMixedNetworks(tx, await writePort(tx, before, edited, maxVersion));
}

/** Writes a patched port. */
async function writePort(
  tx: Transaction,
  before: PortRow,
  edited: EditedPort,
  version: Microversion,
): Promise<PortRow> {
  const address = macAddress(edited.address ?? before.address);
  const node =
    edited.node_uuid === undefined || edited.node_uuid === before.node_uuid
      ? before.node_uuid
      : await nodeOfPort(tx, edited.node_uuid);
  return taken(before.uuid, { address, name: edited.name }, () =>
    tables(tx)
      .updateTable('baremetal_ports')
      .set({ ...columns(edited, version), address, node_uuid: node, updated_at: new Date() })
      .where('id', '=', before.id)
      .returningAll()
      .executeTakeFirstOrThrow(),
  );
}

async function nodeOfPort(tx: Transaction, ident: string, named = false): Promise<string> {
  if (!isUuid(ident) && !named) throw errors.InvalidUuid(ident);
  const node = await seekNode(tx, ident);
  if (!node) throw errors.Invalid(`Node ${ident} could not be found.`);
  return node.uuid;
}

function columns(from: EditedPort, version: Microversion) {
  const name = from.name === '' ? null : (from.name ?? null);
  if (name !== null && !isName(name)) throw errors.InvalidName(name);
  const link = from.local_link_connection ?? {};
  refuseLink(link, version);
  return {
    name,
    extra: JSON.stringify(from.extra ?? {}),
    is_smartnic: flagOf('is_smartnic', from.is_smartnic) ?? false,
    local_link_connection: JSON.stringify(link),
    physical_network: from.physical_network ?? null,
    portgroup_uuid: uuidOrNull(from.portgroup_uuid),
    pxe_enabled: flagOf('pxe_enabled', from.pxe_enabled) ?? true,
  };
}

async function taken<Result>(
  uuid: string,
  { address, name }: { address: string; name: string | null | undefined },
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const constraint = constraintOf(error);
    if (constraint === 'baremetal_ports_address_key') throw errors.MacAlreadyExists('port', address);
    if (constraint === 'baremetal_ports_name_key') throw errors.DuplicateName('port', name ?? '');
    if (constraint === 'baremetal_ports_uuid_key') throw errors.AlreadyExists('port', uuid);
    if (constraint === 'baremetal_ports_portgroup_uuid_fkey')
      throw errors.Invalid('The port group could not be found.');
    throw error;
  }
}
