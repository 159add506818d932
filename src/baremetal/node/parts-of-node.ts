// What the routes of what hangs on a node do: traits, virtual interfaces, history, inventory, validation, why it is where it is.
import { type Static, Type } from '@sinclair/typebox';
import type { Transaction } from '../../database/index.ts';
import { type Answer, type ApiRequest, empty, json } from '../../openstack/index.ts';
import { enforceOnNode, listLimit } from '../access.ts';
import { time } from '../document/fields.ts';
import { isName, isTrait, isUuid } from '../document/names.ts';
import { flag, listQuery, pageOf } from '../document/paging.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { changeNode } from './change.ts';
import { findNode, lockNode } from './find.ts';
import { because } from './handlers.ts';
import { patiently } from './patience.ts';
import { validation } from './validation.ts';
import { attachVif, detachVif, vifsOf } from './vifs.ts';
import { whyOf } from './why.ts';

export const traitsSchema = Type.Object({ traits: Type.Array(Type.String()) }, { additionalProperties: false });
export const vifSchema = Type.Object({ id: Type.String({ minLength: 1 }) }, { additionalProperties: true });
const maxTraits = 50;

type Request<Body = unknown> = ApiRequest<unknown, Body>;

export function nodePartHandlers(parts: Parts) {
  const { database } = parts;

  async function nodeOf(request: Request, rule: string): Promise<NodeRow> {
    const ident = request.params.node ?? '';
    const node = await findNode(database, ident);
    enforceOnNode(request, rule, node, ident);
    return node;
  }
  function changing<Result>(
    request: Request,
    rule: string,
    change: (tx: Transaction, node: NodeRow) => Promise<Result>,
  ): Promise<Result> {
    return patiently(() =>
      database.transaction().execute(async (tx) => {
        const ident = request.params.node ?? '';
        const node = await lockNode(tx, ident);
        enforceOnNode(request, rule, node, ident);
        if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
        return change(tx, node);
      }),
    );
  }
  async function setTraits(request: Request, tx: Transaction, node: NodeRow, traits: readonly string[]): Promise<void> {
    const fresh = traits.filter((trait) => !node.traits.includes(trait));
    const invalid = fresh.find((trait) => !isTrait(trait)) ?? (await parts.placement.unknownTraits(tx, fresh))[0];
    if (invalid !== undefined) {
      throw errors.Invalid(
        `"${invalid}" is not a valid trait: it is a standard trait or begins with CUSTOM_ and has upper-case letters, digits and _.`,
      );
    }
    if (traits.length > maxTraits)
      throw errors.Invalid(`Error setting traits for node ${node.uuid}: no more than ${maxTraits} are allowed.`);
    await changeNode(parts, tx, node, { traits: [...new Set(traits)].sort() }, because(request));
  }

  return {
    async traits(request: Request): Promise<Answer> {
      return json({ traits: (await nodeOf(request, 'baremetal:node:traits:list')).traits });
    },
    async setTraits(request: Request<Static<typeof traitsSchema>>): Promise<Answer> {
      await changing(request, 'baremetal:node:traits:set', (tx, node) =>
        setTraits(request, tx, node, request.body.traits),
      );
      return empty(204);
    },
    async addTrait(request: Request): Promise<Answer> {
      // Clients that send an object with every request send an empty one.
      if (request.body !== undefined && JSON.stringify(request.body) !== '{}')
        throw errors.Invalid('One trait is added by its path, without a body; a body replaces all traits.');
      const trait = request.params.trait ?? '';
      await changing(request, 'baremetal:node:traits:set', (tx, node) =>
        setTraits(request, tx, node, [...node.traits, trait]),
      );
      const { context, params } = request;
      return empty(204, { location: `${context.baseUrl}/v1/nodes/${params.node}/traits/${trait}` });
    },
    async removeTraits(request: Request): Promise<Answer> {
      await changing(request, 'baremetal:node:traits:delete', (tx, node) => setTraits(request, tx, node, []));
      return empty(204);
    },
    async removeTrait(request: Request): Promise<Answer> {
      const trait = request.params.trait ?? '';
      await changing(request, 'baremetal:node:traits:delete', (tx, node) => {
        if (!node.traits.includes(trait)) throw errors.TraitNotFound(node.uuid, trait);
        return setTraits(
          request,
          tx,
          node,
          node.traits.filter((one) => one !== trait),
        );
      });
      return empty(204);
    },

    async vifs(request: Request): Promise<Answer> {
      const node = await nodeOf(request, 'baremetal:node:vif:list');
      return json({ vifs: (await vifsOf(database, node.uuid)).map((id) => ({ id })) });
    },
    async attachVif(request: Request<Static<typeof vifSchema>>): Promise<Answer> {
      const { id } = request.body;
      if (!isUuid(id) && !isName(id)) throw errors.InvalidIdent(id);
      await changing(request, 'baremetal:node:vif:attach', async (tx, node) => {
        if (node.network_interface === 'noop' && parts.hardware.get(node.driver)?.interfaces.network[0] !== 'noop') {
          throw errors.UnsupportedInterface(node.driver, 'vifs with network_interface noop');
        }
        await attachVif(tx, node, id, request.body);
      });
      return empty(204);
    },
    async detachVif(request: Request): Promise<Answer> {
      const id = request.params.vif ?? '';
      await changing(request, 'baremetal:node:vif:detach', (tx, node) => detachVif(tx, node, id));
      return empty(204);
    },

    async history(request: Request): Promise<Answer> {
      const node = await nodeOf(request, 'baremetal:node:history:get');
      const { context, search } = request;
      const detail = flag(search, 'detail') ?? false;
      const page = listQuery(search, []);
      let query = tables(database).selectFrom('baremetal_node_history').selectAll().where('node_uuid', '=', node.uuid);
      if (page.marker !== undefined) {
        const at = await tables(database)
          .selectFrom('baremetal_node_history')
          .select('id')
          .where('uuid', '=', uuid(page.marker))
          .executeTakeFirst();
        if (!at) throw errors.HistoryNotFound(page.marker);
        query = query.where('id', '>', at.id);
      }
      const rows = await query.orderBy('id').limit(page.limit).execute();
      const shown = (row: (typeof rows)[number]) => historyDocument(row, node, context.baseUrl, detail);
      const at = { baseUrl: context.baseUrl, path: `/v1/nodes/${node.uuid}/history`, search };
      return json(pageOf('history', rows, page, shown, at));
    },
    async historyEntry(request: Request): Promise<Answer> {
      const node = await nodeOf(request, 'baremetal:node:history:get');
      const ident = request.params.entry ?? '';
      if (!isUuid(ident)) throw errors.HistoryNotFound(ident);
      const row = await tables(database)
        .selectFrom('baremetal_node_history')
        .selectAll()
        .where('node_uuid', '=', node.uuid)
        .where('uuid', '=', ident)
        .executeTakeFirst();
      if (!row) throw errors.HistoryNotFound(ident);
      return json(historyDocument(row, node, request.context.baseUrl, true));
    },

    async inventory(request: Request): Promise<Answer> {
      const node = await nodeOf(request, 'baremetal:node:inventory:get');
      const row = await tables(database)
        .selectFrom('baremetal_inventories')
        .selectAll()
        .where('node_uuid', '=', node.uuid)
        .executeTakeFirst();
      if (!row) throw errors.InventoryNotFound(node.uuid);
      return json({ inventory: row.inventory, plugin_data: row.plugin_data });
    },

    async validate(request: Request): Promise<Answer> {
      const ident = request.params.node ?? request.search.get('node_uuid') ?? request.search.get('node') ?? '';
      const node = await findNode(database, ident);
      enforceOnNode(request, 'baremetal:node:validate', node, ident);
      return json(await validation(parts, node, request.context.microversion));
    },

    async why(request: Request): Promise<Answer> {
      const node = await nodeOf(request, 'baremetal:node:history:get');
      const id = node.operation_id;
      if (id === null) return json(whyOf(node, undefined));
      const calls = await tables(database)
        .selectFrom('baremetal_bmc_calls')
        .select('exchanges')
        .where('node_uuid', '=', node.uuid)
        .where('operation_id', '=', id)
        .executeTakeFirst();
      return json(whyOf(node, await parts.operations.get(id), calls?.exchanges));
    },
    async children(request: Request): Promise<Answer> {
      const node = await nodeOf(request, 'baremetal:node:get');
      const project = listLimit(request, 'baremetal:node:list');
      const inside = tables(database)
        .selectFrom('baremetal_nodes')
        .select('uuid')
        .where('parent_node', '=', node.uuid)
        .orderBy('id');
      const seen =
        project === undefined
          ? inside
          : inside.where((on) => on.or([on('owner', '=', project), on('lessee', '=', project)]));
      return json({ children: (await seen.execute()).map(({ uuid: child }) => child) });
    },
    async shards(request: ApiRequest): Promise<Answer> {
      request.enforce('baremetal:shards:get');
      const rows = await tables(database)
        .selectFrom('baremetal_nodes')
        .select((on) => ['shard', on.fn.countAll<number>().as('count')])
        .groupBy('shard')
        .orderBy('shard')
        .execute();
      return json({ shards: rows.map(({ shard, count }) => ({ name: shard ?? 'None', count })) });
    },
  };
}

function uuid(text: string): string {
  if (!isUuid(text)) throw errors.InvalidUuid(text);
  return text;
}

function historyDocument(
  row: {
    uuid: string;
    created_at: Date;
    severity: string;
    event: string;
    event_type: string;
    conductor: string;
    user_id: string | null;
  },
  node: NodeRow,
  baseUrl: string,
  detail: boolean,
) {
  return {
    uuid: row.uuid,
    created_at: time(row.created_at),
    severity: row.severity,
    event: row.event,
    ...(detail ? { event_type: row.event_type, conductor: row.conductor, user: row.user_id } : {}),
    links: [{ href: `${baseUrl}/v1/nodes/${node.uuid}/history/${row.uuid}`, rel: 'self' }],
  };
}
