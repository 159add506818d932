// What the routes of nodes do: enrol, list, show, patch, delete.
import type { Transaction } from '../../database/index.ts';
import { type Answer, type ApiRequest, atLeast, commonErrors, empty, json } from '../../openstack/index.ts';
import { enforceOnNode, listLimit, nodeTarget, redaction } from '../access.ts';
import { createDocumentCache } from '../document/cache.ts';
import { askedFields, type RenderContext, refuseHidden, renderer, visibleFields } from '../document/fields.ts';
import { detailAsked, flag, type ListQuery, listQuery, pageOf } from '../document/paging.ts';
import { given, type PatchOperation, refuseUneditable, touched } from '../document/patch.ts';
import { errors } from '../errors.ts';
import { forgetBootIso } from '../machine/boot-files.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import type { Because } from './change.ts';
import { createNode } from './create.ts';
import { listFields, nodeFields, sortableFields, stateFields } from './fields.ts';
import { findNode, lockNode } from './find.ts';
import { forgetMachine } from './forget-machine.ts';
import { listNodes, listNodeVersions, nodeFilters, type Where } from './list.ts';
import { patiently } from './patience.ts';
import type { Requested } from './provision.ts';
import { removeNode } from './remove.ts';
import { rulesOfPatch } from './rules-of-patch.ts';
import type { NewNodeBody } from './schemas.ts';
import { nodePatch, updateNode } from './update.ts';

export function renderContext({ context }: Pick<ApiRequest, 'context'>, host: string): RenderContext {
  return { baseUrl: context.baseUrl, version: context.microversion, host };
}

/** Who asks, for events and history. */
export function because({ context }: Pick<ApiRequest, 'context'>): Because & { userId: string; requestId: string } {
  return { userId: context.caller.userId, requestId: context.requestId };
}

export function requested(request: Pick<ApiRequest, 'context'>): Requested {
  const { caller } = request.context;
  return {
    ...because(request),
    requestedBy: caller.userName ?? caller.userId,
    ...(caller.projectId === undefined ? {} : { projectId: caller.projectId }),
  };
}

export function nodeHandlers(parts: Parts) {
  const { database } = parts;
  const cache = createDocumentCache();
  const changing = <Result>(change: (tx: Transaction) => Promise<Result>) =>
    patiently(() => database.transaction().execute(change));

  function shown(request: ApiRequest, row: NodeRow, names?: readonly string[]): Record<string, unknown> {
    const context = renderContext(request, parts.host);
    return renderNode(request, names ?? visibleFields(nodeFields, context.version), context)(row);
  }

  async function list(
    request: ApiRequest,
    detail: boolean,
    more: readonly Where[] = [],
    path = '/v1/nodes',
  ): Promise<Answer> {
    const { search, context } = request;
    const version = context.microversion;
    const project = listLimit(request, 'baremetal:node:list', search.get('project'));
    const names = askedFields(nodeFields, search, version);
    const whole = detail || detailAsked(search, version) === true;
    if (names && whole) throw errors.Invalid("Can't fetch a subset of fields with 'detail' set");
    refuseHidden(nodeFields, [search.get('sort_key') ?? 'uuid'], version);
    const query = listQuery(search, sortableFields);
    const filters = [...nodeFilters(search, version, parts.host, project), ...more];
    const fields = whole ? visibleFields(nodeFields, version) : (names ?? listFields);
    const at = { baseUrl: context.baseUrl, path: detail ? `${path}/detail` : path, search };
    // Who sees all of a node sees what everybody like that sees: only such documents are kept as text.
    if (whole && !redaction(request)) return detailed(request, filters, query, fields, at);
    const rows = await listNodes(database, filters, query, fields === listFields ? columnsOf(fields) : undefined);
    return json(pageOf('nodes', rows, query, renderNode(request, fields, renderContext(request, parts.host)), at));
  }

  /** A list of whole documents, each rendered once for as long as its row stays the same. */
  async function detailed(
    request: ApiRequest,
    filters: readonly Where[],
    query: ListQuery,
    fields: readonly string[],
    at: { readonly baseUrl: string; readonly path: string; readonly search: URLSearchParams },
  ): Promise<Answer> {
    const context = renderContext(request, parts.host);
    const versions = await listNodeVersions(database, filters, query);
    const kind = `${context.baseUrl} ${context.version.major}.${context.version.minor}`;
    const texts = await cache.texts(kind, versions, async (ids) => {
      const rows = await tables(database)
        .selectFrom('baremetal_nodes')
        .selectAll()
        .where('id', 'in', [...ids])
        .execute();
      const render = renderer(nodeFields, fields, context);
      return new Map(rows.map((row) => [row.id, JSON.stringify(render(row))]));
    });
    const { next } = pageOf('nodes', versions, query, () => null, at);
    const rest = next === undefined ? '' : `,"next":${JSON.stringify(next)}`;
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      // As bytes: Fastify would add a charset to text, and clients compare the type literally.
      body: Buffer.from(`{"nodes":[${texts.join(',')}]${rest}}`),
    };
  }

  return {
    list: (request: ApiRequest) => list(request, false),
    detail: (request: ApiRequest) => list(request, true),
    listIn: list,

    async create(request: ApiRequest<unknown, NewNodeBody>): Promise<Answer> {
      const { body, context } = request;
      refuseHidden(nodeFields, Object.keys(body), context.microversion);
      const owner = ownerOfNew(request);
      const row = await database.transaction().execute((tx) =>
        createNode(parts, tx, body, {
          version: context.microversion,
          requestId: context.requestId,
          ...(owner === undefined ? {} : { owner }),
        }),
      );
      return json(shown(request, row), 201, { location: `${context.baseUrl}/v1/nodes/${row.uuid}` });
    },

    async show(request: ApiRequest): Promise<Answer> {
      const names = askedFields(nodeFields, request.search, request.context.microversion);
      const row = await findNode(database, request.params.node ?? '');
      enforceOnNode(request, 'baremetal:node:get', row, request.params.node);
      return json(shown(request, row, names));
    },

    async states(request: ApiRequest): Promise<Answer> {
      const row = await findNode(database, request.params.node ?? '');
      enforceOnNode(request, 'baremetal:node:get_states', row, request.params.node);
      return json(shown(request, row, stateFields));
    },

    async update(request: ApiRequest<unknown, PatchOperation[]>): Promise<Answer> {
      const { body, context, search } = request;
      const names = touched(body);
      refuseUneditable(body, nodePatch);
      refuseHidden(nodeFields, given(body), context.microversion);
      if (names.has('chassis_uuid') && !given(body).has('chassis_uuid') && !atLeast(context.microversion, '1.25'))
        throw errors.NotAcceptable('Taking a node out of its chassis needs microversion 1.25 or newer.');
      const resetInterfaces = flag(search, 'reset_interfaces') ?? false;
      if (search.has('reset_interfaces')) {
        if (!atLeast(context.microversion, '1.45'))
          throw errors.NotAcceptable('reset_interfaces needs microversion 1.45 or newer.');
        if (!names.has('driver'))
          throw errors.Invalid("The reset_interfaces parameter can only be used when changing the node's driver.");
      }
      const { before, row } = await changing(async (tx) => {
        const node = await lockNode(tx, request.params.node ?? '');
        for (const rule of rulesOfPatch(body)) enforceOnNode(request, rule, node, request.params.node);
        if (names.has('owner') && node.provision_state === 'active') {
          request.enforce('baremetal:node:update_owner_provisioned', nodeTarget(node));
        }
        const changed = await updateNode(parts, tx, node, body, { ...because(request), resetInterfaces });
        return { before: node, row: changed };
      });
      if (names.has('driver') || names.has('driver_info')) forgetMachine(parts, before, row);
      return json(shown(request, row));
    },

    async remove(request: ApiRequest): Promise<Answer> {
      const gone = await changing(async (tx) => {
        const node = await lockNode(tx, request.params.node ?? '');
        const own = request.may('baremetal:node:delete:self_owned_node', nodeTarget(node));
        enforceOnNode(
          request,
          own ? 'baremetal:node:delete:self_owned_node' : 'baremetal:node:delete',
          node,
          request.params.node,
        );
        await removeNode(parts, tx, node, because(request));
        return node;
      });
      forgetMachine(parts, gone);
      parts.sensors.forget(gone.uuid);
      await forgetBootIso(parts, gone.uuid);
      return empty(204);
    },
  };
}

/** Renders the fields that the caller may read; what they may not is told as such. */
function renderNode(request: ApiRequest, names: readonly string[], context: RenderContext) {
  const render = renderer(nodeFields, names, context);
  const redact = redaction(request);
  if (!redact) return render;
  return (row: NodeRow) => {
    const document = render(row);
    redact(row, document);
    return document;
  };
}

/** Who may not enrol nodes in general may enrol their own (1.80): the owner is then the caller's project. */
function ownerOfNew(request: ApiRequest<unknown, NewNodeBody>): string | undefined {
  if (request.may('baremetal:node:create')) return undefined;
  const { caller, microversion } = request.context;
  if (!atLeast(microversion, '1.80') || caller.projectId === undefined)
    throw commonErrors.Forbidden('baremetal:node:create');
  request.enforce('baremetal:node:create:self_owned_node');
  if ((request.body.owner ?? caller.projectId) !== caller.projectId) throw errors.OtherOwner('a node');
  return caller.projectId;
}

/** Columns behind the short list's fields. */
function columnsOf(fields: readonly string[]): (keyof NodeRow)[] {
  const columns: readonly (keyof NodeRow)[] = [
    'uuid',
    'name',
    'instance_uuid',
    'maintenance',
    'power_state',
    'provision_state',
  ];
  return columns.filter((column) => fields.includes(column));
}
