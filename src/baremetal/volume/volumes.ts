// Volume connectors and targets: how a node reaches block storage, and what it finds there.
import { randomUUID } from 'node:crypto';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import type { ApiRequest } from '../../openstack/index.ts';
import { enforceAdding, enforceBelowNode, ofOwnNodes } from '../access.ts';
import type { CollectionSpec } from '../document/collection.ts';
import { links, time } from '../document/fields.ts';
import { isUuid, Nullable, uuidOrNull } from '../document/names.ts';
import { errors } from '../errors.ts';
import { constraintOf } from '../node/duplicate.ts';
import { findNode, seekNode } from '../node/find.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';

const text = Type.String({ minLength: 1, maxLength: 255 });

function schemas<Own extends Record<string, TSchema>>(own: Own) {
  const rest = { extra: Type.Optional(Nullable.object), uuid: Type.Optional(Nullable.text) };
  return {
    created: Type.Object({ ...own, ...rest, node_uuid: Type.String() }, { additionalProperties: false }),
    edited: Type.Object({ ...own, extra: rest.extra, node_uuid: Type.String() }, { additionalProperties: true }),
  };
}

const connector = schemas({ type: text, connector_id: text });
const target = schemas({
  volume_type: text,
  volume_id: text,
  boot_index: Type.Integer({ minimum: 0 }),
  properties: Type.Optional(Nullable.object),
});
export const newConnectorSchema = connector.created;
export const newTargetSchema = target.created;
type Connector = Static<typeof connector.edited>;
type Target = Static<typeof target.edited>;

/** The node of a new or moved volume. Throws 400 when it is not there. */
async function nodeOf(tx: Transaction, ident: string): Promise<NodeRow> {
  if (!isUuid(ident)) throw errors.InvalidUuid(ident);
  const node = await seekNode(tx, ident);
  if (!node) throw errors.Invalid(`Node ${ident} could not be found.`);
  return node;
}

/** A running machine would lose its disk. */
function refusePowered(node: NodeRow, what: string): void {
  if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
  if (node.power_state !== 'power off' || node.target_power_state === 'power on') {
    throw errors.InvalidStateRequested(what, node.uuid, node.power_state ?? 'unknown power', []);
  }
}

async function taken<Result>(
  duplicates: Readonly<Record<string, string>>,
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const message = duplicates[constraintOf(error) ?? ''];
    if (message !== undefined) throw errors.InvalidState(message);
    throw error;
  }
}

function shared(rule: string, notFound: (uuid: string) => Error) {
  return {
    named: false,
    detailSince: '1.32',
    mayList: (request: ApiRequest) => ofOwnNodes(request, 'baremetal:volume:list'),
    asks: ['node'],
    async filters(parts: Parts, { search }: ApiRequest) {
      const node = search.get('node');
      return node === null ? [] : [sql<boolean>`node_uuid = ${(await findNode(parts.database, node)).uuid}`];
    },
    enforce: async (parts: Parts, request: ApiRequest, action: string, row: { uuid: string; node_uuid: string }) =>
      enforceBelowNode(request, `baremetal:volume:${action}`, await findNode(parts.database, row.node_uuid), () =>
        notFound(row.uuid),
      ),
    mayRemove: async (_parts: Parts, tx: Transaction, row: { node_uuid: string }) =>
      refusePowered(await findNode(tx, row.node_uuid), `${rule} deletion`),
  };
}

export const volumeConnectors: CollectionSpec<
  'baremetal_volume_connectors',
  Static<typeof newConnectorSchema>,
  Connector
> = {
  ...shared('volume connector', errors.VolumeConnectorNotFound),
  table: 'baremetal_volume_connectors',
  list: 'connectors',
  path: '/v1/volume/connectors',
  fields: {
    uuid: { render: (row) => row.uuid },
    type: { render: (row) => row.type },
    connector_id: { render: (row) => row.connector_id },
    node_uuid: { render: (row) => row.node_uuid },
    extra: { render: (row) => row.extra },
    created_at: { render: (row) => time(row.created_at) },
    updated_at: { render: (row) => time(row.updated_at) },
    links: { render: (row, context) => links(context, `volume/connectors/${row.uuid}`) },
  },
  listFields: ['uuid', 'node_uuid', 'type', 'connector_id', 'links'],
  sortable: ['uuid', 'type', 'connector_id', 'node_uuid', 'created_at', 'updated_at'],
  patch: {
    editable: ['type', 'connector_id', 'node_uuid', 'extra'],
    mandatory: ['type', 'connector_id', 'node_uuid'],
    defaults: { extra: {} },
  },
  edited: connector.edited,
  notFound: (ident) => errors.VolumeConnectorNotFound(ident),
  async insert(_parts, tx, body, request) {
    enforceAdding(request, 'baremetal:volume:create', await seekNode(tx, body.node_uuid));
    const node = await nodeOf(tx, body.node_uuid);
    const uuid = uuidOrNull(body.uuid) ?? randomUUID();
    const values = {
      uuid,
      node_uuid: node.uuid,
      type: body.type,
      connector_id: body.connector_id,
      extra: JSON.stringify(body.extra ?? {}),
    };
    return taken(connectorDuplicates(uuid, body), () =>
      tables(tx).insertInto('baremetal_volume_connectors').values(values).returningAll().executeTakeFirstOrThrow(),
    );
  },
  async write(_parts, tx, before, changed) {
    refusePowered(await findNode(tx, before.node_uuid), 'volume connector update');
    const node = await nodeOf(tx, changed.node_uuid);
    const values = {
      node_uuid: node.uuid,
      type: changed.type,
      connector_id: changed.connector_id,
      extra: JSON.stringify(changed.extra ?? {}),
    };
    return taken(connectorDuplicates(before.uuid, changed), () =>
      tables(tx)
        .updateTable('baremetal_volume_connectors')
        .set({ ...values, updated_at: new Date() })
        .where('id', '=', before.id)
        .returningAll()
        .executeTakeFirstOrThrow(),
    );
  },
};

function connectorDuplicates(uuid: string, { type, connector_id: id }: { type: string; connector_id: string }) {
  return {
    baremetal_volume_connectors_uuid_key: `A volume connector with UUID ${uuid} already exists.`,
    baremetal_volume_connectors_type_connector_id_key: `A volume connector with type ${type} and connector ID ${id} already exists.`,
  };
}

export const volumeTargets: CollectionSpec<'baremetal_volume_targets', Static<typeof newTargetSchema>, Target> = {
  ...shared('volume target', errors.VolumeTargetNotFound),
  table: 'baremetal_volume_targets',
  list: 'targets',
  path: '/v1/volume/targets',
  fields: {
    uuid: { render: (row) => row.uuid },
    volume_type: { render: (row) => row.volume_type },
    volume_id: { render: (row) => row.volume_id },
    boot_index: { render: (row) => row.boot_index },
    node_uuid: { render: (row) => row.node_uuid },
    properties: { render: (row) => row.properties },
    extra: { render: (row) => row.extra },
    created_at: { render: (row) => time(row.created_at) },
    updated_at: { render: (row) => time(row.updated_at) },
    links: { render: (row, context) => links(context, `volume/targets/${row.uuid}`) },
  },
  listFields: ['uuid', 'node_uuid', 'volume_type', 'volume_id', 'boot_index', 'links'],
  sortable: ['uuid', 'volume_type', 'volume_id', 'boot_index', 'node_uuid', 'created_at', 'updated_at'],
  patch: {
    editable: ['volume_type', 'volume_id', 'boot_index', 'node_uuid', 'properties', 'extra'],
    mandatory: ['volume_type', 'volume_id', 'boot_index', 'node_uuid'],
    defaults: { properties: {}, extra: {} },
  },
  edited: target.edited,
  redact(request, document) {
    const rule = 'baremetal:volume:view_target_properties';
    if ('properties' in document && !request.may(rule)) {
      document.properties = {
        redacted_contents: `** Value redacted: Requires permission ${rule} access. Permission denied. **`,
      };
    }
  },
  notFound: (ident) => errors.VolumeTargetNotFound(ident),
  async insert(_parts, tx, body, request) {
    enforceAdding(request, 'baremetal:volume:create', await seekNode(tx, body.node_uuid));
    const node = await nodeOf(tx, body.node_uuid);
    const uuid = uuidOrNull(body.uuid) ?? randomUUID();
    const values = { uuid, node_uuid: node.uuid, ...targetColumns(body) };
    return taken(targetDuplicates(uuid, node.uuid, body), () =>
      tables(tx).insertInto('baremetal_volume_targets').values(values).returningAll().executeTakeFirstOrThrow(),
    );
  },
  async write(_parts, tx, before, changed) {
    refusePowered(await findNode(tx, before.node_uuid), 'volume target update');
    const node = await nodeOf(tx, changed.node_uuid);
    const values = { node_uuid: node.uuid, ...targetColumns(changed), updated_at: new Date() };
    return taken(targetDuplicates(before.uuid, node.uuid, changed), () =>
      tables(tx)
        .updateTable('baremetal_volume_targets')
        .set(values)
        .where('id', '=', before.id)
        .returningAll()
        .executeTakeFirstOrThrow(),
    );
  },
};

function targetColumns(from: Target) {
  return {
    volume_type: from.volume_type,
    volume_id: from.volume_id,
    boot_index: from.boot_index,
    properties: JSON.stringify(from.properties ?? {}),
    extra: JSON.stringify(from.extra ?? {}),
  };
}

function targetDuplicates(uuid: string, node: string, { boot_index: index }: Pick<Target, 'boot_index'>) {
  return {
    baremetal_volume_targets_uuid_key: `A volume target with UUID ${uuid} already exists.`,
    baremetal_volume_targets_node_uuid_boot_index_key: `A volume target with boot index '${index}' for node ${node} already exists.`,
  };
}
