// Trunks: /v2.0/trunks, a port that carries the VLANs of others.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { type Database, type Transaction, transact } from '../../database/index.ts';
import { json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { flag, free, idText, once, readOnly, required, standard } from '../resource/attributes.ts';
import { findById } from '../resource/list.ts';
import { each, type Resource } from '../resource/resource.ts';
import { mustSee, shown, targetOf } from '../resource/routes.ts';
import { all, first, insert, list, newId, type Row, text, update } from '../store.ts';

const subPort = Type.Object(
  {
    port_id: idText,
    segmentation_type: Type.Optional(Type.Union([Type.Literal('vlan'), Type.Literal('inherit')])),
    segmentation_id: Type.Optional(Type.Integer({ minimum: 1, maximum: 4094 })),
  },
  { additionalProperties: false },
);

export const trunks: Resource = {
  path: '/v2.0/trunks',
  member: 'trunk',
  members: 'trunks',
  notFound: errors.TrunkNotFound,
  attributes: {
    ...standard,
    admin_state_up: free(flag, 'boolean'),
    status: readOnly('text'),
    port_id: required(idText, 'text'),
    sub_ports: once(Type.Array(subPort)),
  },
  query: sql<Row>`select t.id, t.project_id, t.name, t.description, t.admin_state_up, t.port_id, t.tags, t.revision_number, t.created_at, t.updated_at,
      case when p.status = 'ACTIVE' then 'ACTIVE' else 'DOWN' end as status,
      coalesce((select jsonb_agg(jsonb_build_object('port_id', s.port_id, 'segmentation_type', s.segmentation_type,
        'segmentation_id', s.segmentation_id) order by s.segmentation_id) from network_subports s where s.trunk_id = t.id), '[]') as sub_ports
    from network_trunks t join network_ports p on p.id = t.port_id`,
  create: each(async (tx, attributes) => {
    const portId = text(attributes, 'port_id');
    await refuseAsParent(tx, portId);
    const id = newId();
    const { sub_ports: subPorts, ...columns } = attributes;
    await insert(tx, 'network_trunks', { ...columns, id });
    for (const one of Array.isArray(subPorts) ? subPorts : []) await addSubport(tx, id, { ...Object(one) });
    return id;
  }),
  update: async (tx, before, attributes) => update(tx, 'network_trunks', text(before, 'id'), attributes),
  remove: async (tx, row) => {
    const id = text(row, 'id');
    const port = await first(
      tx,
      sql<{ host: string }>`select "binding:host_id" as host from network_ports where id = ${text(row, 'port_id')}`,
    );
    if (port && port.host !== '') throw errors.TrunkInUse(id, text(row, 'port_id'));
    await sql`delete from network_trunks where id = ${id}`.execute(tx);
  },
};

export function subportRoutes(database: Database): Route[] {
  const change = (
    verb: 'add_subports' | 'remove_subports',
    act: (tx: Transaction, trunkId: string, one: Row) => Promise<void>,
  ) =>
    route({
      method: 'PUT',
      path: `/v2.0/trunks/:id/${verb}`,
      policy: verb,
      enforcement: 'handler',
      summary: verb === 'add_subports' ? 'Add subports to a trunk' : 'Remove subports from a trunk',
      body: Type.Object({ sub_ports: Type.Array(subPort, { minItems: 1 }) }, { additionalProperties: false }),
      handler: async (request) => {
        const row = await mustSee(trunks, database, request);
        request.enforce(verb, await targetOf(trunks, database, row));
        const id = text(row, 'id');
        await transact(database, async (tx) => {
          await sql`select 1 from network_trunks where id = ${id} for update`.execute(tx);
          for (const one of request.body.sub_ports) await act(tx, id, one);
          await update(tx, 'network_trunks', id, {});
        });
        return json(shown(trunks, request, (await findById(database, trunks, id)) ?? row));
      },
    });
  return [
    route({
      method: 'GET',
      path: '/v2.0/trunks/:id/get_subports',
      policy: 'get_subports',
      enforcement: 'handler',
      summary: 'List the subports of a trunk',
      handler: async (request) => {
        const row = await mustSee(trunks, database, request);
        return json({ sub_ports: list(row, 'sub_ports') });
      },
    }),
    change('add_subports', addSubport),
    change('remove_subports', async (tx, trunkId, one) => {
      const gone = await all(
        tx,
        sql`delete from network_subports where trunk_id = ${trunkId} and port_id = ${one.port_id} returning 1`,
      );
      if (gone.length === 0) throw errors.SubPortNotFound(trunkId, String(one.port_id));
      await sql`update network_ports set device_owner = '', device_id = '' where id = ${one.port_id} and device_owner = 'trunk:subport'`.execute(
        tx,
      );
    }),
  ];
}

async function lockPort(tx: Transaction, id: string): Promise<Row> {
  const port = await first(tx, sql<Row>`select * from network_ports where id = ${id} for no key update`);
  if (!port) throw errors.PortNotFound(id);
  return port;
}

async function refuseAsParent(tx: Transaction, portId: string): Promise<void> {
  const port = await lockPort(tx, portId);
  await refuseInTrunk(tx, portId);
  if (port['binding:host_id'] !== '') throw errors.ParentPortInUse(portId, text(port, 'device_id'));
}

async function refuseInTrunk(tx: Transaction, portId: string): Promise<void> {
  const parent = await first(tx, sql<{ id: string }>`select id from network_trunks where port_id = ${portId}`);
  if (parent) throw errors.PortInUseAsTrunkParent(portId, parent.id);
  const child = await first(
    tx,
    sql<{ trunk_id: string }>`select trunk_id from network_subports where port_id = ${portId}`,
  );
  if (child) throw errors.PortInUseAsSubPort(portId, child.trunk_id);
}

async function addSubport(tx: Transaction, trunkId: string, wanted: Row): Promise<void> {
  const portId = text(wanted, 'port_id');
  const port = await lockPort(tx, portId);
  await refuseInTrunk(tx, portId);
  if (port['binding:host_id'] !== '') throw errors.ParentPortInUse(portId, text(port, 'device_id'));
  const { type, id } = await segmentation(tx, wanted, text(port, 'network_id'));
  const added = await all(
    tx,
    sql`insert into network_subports (trunk_id, port_id, segmentation_type, segmentation_id) values (${trunkId}, ${portId}, ${type}, ${id})
      on conflict (trunk_id, segmentation_type, segmentation_id) do nothing returning 1`,
  );
  if (added.length === 0) throw errors.DuplicateSubPort(type, id, trunkId);
  await sql`update network_ports set device_owner = 'trunk:subport', device_id = ${trunkId} where id = ${portId}`.execute(
    tx,
  );
}

/** `inherit` takes type and id from the port's network. */
async function segmentation(tx: Transaction, wanted: Row, networkId: string): Promise<{ type: string; id: number }> {
  if (wanted.segmentation_type === 'inherit') {
    const segment = await first(
      tx,
      sql<{
        network_type: string;
        segmentation_id: number | null;
      }>`select network_type, segmentation_id from network_segments where network_id = ${networkId} limit 1`,
    );
    if (segment?.network_type !== 'vlan' || segment.segmentation_id === null)
      throw errors.InvalidInput(`network ${networkId} has no VLAN that the subport could inherit`);
    return { type: 'vlan', id: segment.segmentation_id };
  }
  if (typeof wanted.segmentation_type !== 'string' || typeof wanted.segmentation_id !== 'number')
    throw errors.InvalidInput('a subport needs segmentation_type and segmentation_id');
  return { type: wanted.segmentation_type, id: wanted.segmentation_id };
}
