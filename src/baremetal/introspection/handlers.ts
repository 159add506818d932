// What the routes of introspections do: start, abort, tell, show data, apply them anew.
import type { Transaction } from '../../database/index.ts';
import { type Answer, type ApiRequest, empty, json } from '../../openstack/index.ts';
import { isUuid } from '../document/names.ts';
import { flag, maxLimit } from '../document/paging.ts';
import { errors as baremetalErrors } from '../errors.ts';
import { sentReport } from '../inspection-hook/report.ts';
import { changeNode } from '../node/change.ts';
import { findNode, lockNode } from '../node/find.ts';
import { requested } from '../node/handlers.ts';
import { patiently } from '../node/patience.ts';
import { requestVerb, startOn } from '../node/provision.ts';
import { kindOf } from '../node/states.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { processedData, unprocessedData } from './data.ts';
import { errors } from './errors.ts';
import {
  beginIntrospection,
  findIntrospection,
  introspectionStates,
  listIntrospections,
  statusDocument,
} from './status.ts';

export function introspectionHandlers(parts: Parts) {
  const { database } = parts;

  function onNode<Result>(
    request: ApiRequest,
    change: (tx: Transaction, node: NodeRow) => Promise<Result>,
  ): Promise<Result> {
    return patiently(() =>
      database.transaction().execute(async (tx) => change(tx, await lockNode(tx, request.params.node ?? ''))),
    );
  }

  /** The kept findings of the node that the path names. Throws DataNotFound. */
  async function keptOf(request: ApiRequest) {
    const node = await findNode(database, request.params.node ?? '');
    const row = await tables(database)
      .selectFrom('baremetal_inventories')
      .select(['inventory', 'plugin_data', 'report'])
      .where('node_uuid', '=', node.uuid)
      .executeTakeFirst();
    if (!row) throw errors.DataNotFound(node.uuid);
    return row;
  }

  return {
    async list({ search, context }: ApiRequest): Promise<Answer> {
      const query = { limit: limitOf(search), marker: markerOf(search), states: statesOf(search) };
      const rows = await listIntrospections(database, query);
      return json({ introspection: rows.map((row) => statusDocument(context.baseUrl, row)) });
    },

    async show({ params, context }: ApiRequest): Promise<Answer> {
      const node = await findNode(database, params.node ?? '');
      const found = await findIntrospection(database, node.uuid);
      if (!found) throw errors.IntrospectionNotFound(node.uuid);
      return json(statusDocument(context.baseUrl, found));
    },

    async start(request: ApiRequest): Promise<Answer> {
      const manageBoot = flag(request.search, 'manage_boot') ?? true;
      await onNode(request, (tx, node) => requestVerb(parts, tx, node, 'inspect', { manageBoot }, requested(request)));
      return empty(202);
    },

    async abort(request: ApiRequest): Promise<Answer> {
      const { uuid } = await findNode(database, request.params.node ?? '');
      const known = await findIntrospection(database, uuid);
      if (!known) throw errors.IntrospectionNotFound(uuid);
      const begun = await onNode(request, async (tx, node) => {
        if (node.provision_state === 'inspect wait')
          return requestVerb(parts, tx, node, 'abort', {}, requested(request));
        const runs = known.state === 'processing' || known.state === 'reapplying';
        throw runs ? errors.BeingProcessed(uuid) : errors.NotInProgress(uuid);
      });
      await begun.afterCommit();
      return empty(202);
    },

    data: async (request: ApiRequest): Promise<Answer> => json(processedData(await keptOf(request))),
    unprocessed: async (request: ApiRequest): Promise<Answer> => json(unprocessedData(await keptOf(request))),

    async reapply(request: ApiRequest): Promise<Answer> {
      const given = request.body === undefined ? undefined : sentReport(request.body);
      await keptOf(request);
      await onNode(request, async (tx, node) => {
        if (node.reservation !== null) throw baremetalErrors.NodeLocked(node.uuid, node.reservation);
        const kind = kindOf(node.provision_state);
        if (kind !== 'stable' && kind !== 'failed') throw baremetalErrors.NodeInTransition(node.uuid);
        if (given)
          await tables(tx)
            .updateTable('baremetal_inventories')
            .set({ report: JSON.stringify(given) })
            .where('node_uuid', '=', node.uuid)
            .execute();
        await beginIntrospection(tx, node.uuid);
        const asked = requested(request);
        const operationId = await startOn(parts, tx, node, 'node.reapply', {}, asked);
        const held = { reservation: parts.host, operation_id: operationId, operation_epoch: 0, last_error: null };
        await changeNode(parts, tx, node, held, { ...asked, operationId });
      });
      return empty(202);
    },
  };
}

/** Zero asks for as many as there may be. */
function limitOf(search: URLSearchParams): number {
  const text = search.get('limit') ?? '0';
  if (!/^\d+$/.test(text) || Number(text) > maxLimit)
    throw baremetalErrors.Invalid(`Bad request: limit is a number up to ${maxLimit}, not "${text}".`);
  return Number(text) || maxLimit;
}

function markerOf(search: URLSearchParams): string | undefined {
  const marker = search.get('marker') ?? undefined;
  if (marker !== undefined && !isUuid(marker))
    throw baremetalErrors.Invalid(`Bad request: marker "${marker}" is no UUID.`);
  return marker;
}

function statesOf(search: URLSearchParams): readonly string[] | undefined {
  const states = search.get('state')?.split(',');
  const unknown = states?.filter((state) => !introspectionStates.some((known) => known === state)) ?? [];
  if (unknown.length > 0)
    throw baremetalErrors.Invalid(
      `Bad request: state "${unknown.join(', ')}" is none of ${introspectionStates.join(', ')}.`,
    );
  return states;
}
