// What the routes of ports do.
import { type RawBuilder, sql } from 'kysely';
import { type Answer, type ApiRequest, atLeast, describeFault, empty, json, violation } from '../../openstack/index.ts';
import { enforceOnNode, listLimit } from '../access.ts';
import { askedFields, refuseHidden, renderer, visibleFields } from '../document/fields.ts';
import { isUuid, macAddress } from '../document/names.ts';
import { flag, listQuery, pageOf } from '../document/paging.ts';
import { applyPatch, type PatchOperation, touched } from '../document/patch.ts';
import { findRow, listRows, removeRow } from '../document/rows.ts';
import { errors } from '../errors.ts';
import { findNode } from '../node/find.ts';
import { renderContext } from '../node/handlers.ts';
import type { Parts } from '../parts.ts';
import type { PortRow } from '../store.ts';
import {
  type EditedPort,
  editedPortSchema,
  insertPort,
  type NewPort,
  portEditable,
  portFields,
  portListFields,
  portSortable,
  writePort,
} from './port.ts';

export function portHandlers(parts: Parts) {
  const { database } = parts;

  function shown(request: ApiRequest, row: PortRow, names?: readonly string[]): unknown {
    const context = renderContext(request);
    return renderer(portFields, names ?? visibleFields(portFields, context.version), context)(row);
  }

  async function list(
    request: ApiRequest,
    detail: boolean,
    more: RawBuilder<boolean>[] = [],
    path = '/v1/ports',
  ): Promise<Answer> {
    const { search, context } = request;
    const project = listLimit(request, 'baremetal:port:list');
    const names = askedFields(portFields, search, context.microversion);
    const all = detail || (flag(search, 'detail') ?? false);
    if (search.has('detail') && !atLeast(context.microversion, '1.43'))
      throw errors.NotAcceptable('The detail query needs microversion 1.43 or newer.');
    if (all && names) throw errors.Invalid("Can't fetch a subset of fields with 'detail' set");
    const filters = [...more, ...(await portFilters(parts, search))];
    if (project !== undefined) {
      filters.push(
        sql<boolean>`node_uuid in (select uuid from baremetal_nodes where owner = ${project} or lessee = ${project})`,
      );
    }
    const query = listQuery(search, portSortable);
    const rows = await listRows(database, 'baremetal_ports', filters, query);
    const fields = all ? visibleFields(portFields, context.microversion) : (names ?? portListFields);
    const render = renderer(portFields, fields, renderContext(request));
    return json(
      pageOf('ports', rows, query, render, {
        baseUrl: context.baseUrl,
        path: detail ? `${path}/detail` : path,
        search,
      }),
    );
  }

  /** The port that the path names, if the caller may do this to its node. */
  async function portOf(request: ApiRequest, rule: string): Promise<PortRow> {
    const ident = request.params.port ?? '';
    const row = await findRow(database, 'baremetal_ports', ident);
    if (!row) throw errors.PortNotFound(ident);
    enforceOnNode(request, rule, await findNode(database, row.node_uuid));
    return row;
  }

  return {
    list: (request: ApiRequest) => list(request, false),
    detail: (request: ApiRequest) => list(request, true),
    listIn: list,

    async create(request: ApiRequest<unknown, NewPort>): Promise<Answer> {
      refuseHidden(portFields, Object.keys(request.body), request.context.microversion);
      const row = await database.transaction().execute(async (tx) => {
        const made = await insertPort(tx, request.body);
        enforceOnNode(request, 'baremetal:port:create', await findNode(tx, made.node_uuid));
        return made;
      });
      return json(shown(request, row), 201, { location: `${request.context.baseUrl}/v1/ports/${row.uuid}` });
    },

    async show(request: ApiRequest): Promise<Answer> {
      const names = askedFields(portFields, request.search, request.context.microversion);
      return json(shown(request, await portOf(request, 'baremetal:port:get'), names));
    },

    async update(request: ApiRequest<unknown, PatchOperation[]>): Promise<Answer> {
      const names = touched(request.body);
      refuseHidden(portFields, names, request.context.microversion);
      const before = await portOf(request, 'baremetal:port:update');
      const row = await database.transaction().execute(async (tx) => {
        const locked = await findRow(tx, 'baremetal_ports', before.uuid, { lock: true });
        if (!locked) throw errors.PortNotFound(before.uuid);
        const node = await findNode(tx, locked.node_uuid);
        if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
        const edited = applyPatch({ ...locked }, request.body, {
          editable: portEditable,
          mandatory: ['address', 'node_uuid'],
          defaults: { extra: {}, local_link_connection: {}, pxe_enabled: true, is_smartnic: false },
        });
        const fault = violation(editedPortSchema, edited, 'body');
        if (fault) throw errors.Invalid(describeFault(fault));
        const checked: EditedPort = edited;
        return writePort(tx, locked, checked);
      });
      return json(shown(request, row));
    },

    async remove(request: ApiRequest): Promise<Answer> {
      const row = await portOf(request, 'baremetal:port:delete');
      await database.transaction().execute(async (tx) => {
        const node = await findNode(tx, row.node_uuid);
        if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
        if (
          node.provision_state === 'active' &&
          node.instance_uuid !== null &&
          row.internal_info.tenant_vif_port_id !== undefined &&
          !node.maintenance
        ) {
          throw errors.InvalidState(
            `Cannot delete the port ${row.uuid} as node ${node.uuid} is active and has a virtual interface on it.`,
          );
        }
        await removeRow(tx, 'baremetal_ports', row.uuid);
      });
      return empty(204);
    },
  };
}

async function portFilters(parts: Parts, search: URLSearchParams): Promise<RawBuilder<boolean>[]> {
  const filters: RawBuilder<boolean>[] = [];
  const address = search.get('address');
  if (address !== null) filters.push(sql<boolean>`address = ${macAddress(address)}`);
  const ident = search.get('node') ?? search.get('node_uuid');
  if (ident !== null) filters.push(sql<boolean>`node_uuid = ${(await findNode(parts.database, ident)).uuid}`);
  const group = search.get('portgroup');
  if (group !== null) {
    const row = await findRow(parts.database, 'baremetal_portgroups', group, { named: true });
    if (!row) throw errors.PortgroupNotFound(group);
    filters.push(sql<boolean>`portgroup_uuid = ${row.uuid}`);
  }
  const shards = search.getAll('shard').flatMap((text) => text.split(','));
  if (shards.length > 0)
    filters.push(sql<boolean>`node_uuid in (select uuid from baremetal_nodes where shard = any(${shards}))`);
  const marker = search.get('marker');
  if (marker !== null && !isUuid(marker)) throw errors.InvalidUuid(marker);
  return filters;
}
