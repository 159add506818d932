// The routes of the smaller collections, alone and below nodes.
import type { Static, TSchema } from '@sinclair/typebox';
import { sql } from 'kysely';
import { type Answer, type ApiRequest, empty, json, type Route, route } from '../openstack/index.ts';
import { enforceBelowNode, enforceOnNode } from './access.ts';
import { allocationOfNode, allocations, newAllocationSchema } from './allocation/allocation.ts';
import { serveAllocations } from './allocation/serve.ts';
import { chassis, newChassisSchema } from './chassis/chassis.ts';
import { collectionHandlers } from './document/collection.ts';
import { links } from './document/fields.ts';
import { guarded, guardedBody, type Handler } from './document/guarded.ts';
import { type PatchOperation, patchSchema } from './document/patch.ts';
import { findRow } from './document/rows.ts';
import { errors } from './errors.ts';
import { inspectionRules, newInspectionRuleSchema } from './inspection-rule/inspection-rule.ts';
import { findNode } from './node/find.ts';
import type { Parts } from './parts.ts';
import { newPortSchema, ports as portsSpec } from './port/port.ts';
import { newPortgroupSchema, portgroups as portgroupsSpec } from './portgroup/portgroup.ts';
import { newRunbookSchema, runbooks } from './runbook/runbook.ts';
import { tables } from './store.ts';
import { deployTemplates, newDeployTemplateSchema } from './template/deploy-template.ts';
import { newConnectorSchema, newTargetSchema, volumeConnectors, volumeTargets } from './volume/volumes.ts';

interface Crud<Body extends TSchema> {
  readonly path: string;
  readonly rule: string;
  /** What summaries call one of it, with its article, and several. */
  readonly one: string;
  readonly all: string;
  readonly body: Body;
  /** First microversion; `updateSince`: of changing, where that came later. */
  readonly since?: string;
  readonly updateSince?: string;
  readonly of: Readonly<Record<'list' | 'show' | 'remove', Handler>> & {
    readonly asks: readonly string[];
    readonly create: (request: ApiRequest<unknown, Static<Body>>) => Promise<Answer>;
    readonly update: (request: ApiRequest<unknown, PatchOperation[]>) => Promise<Answer>;
  };
}

/** The routes that every small collection has. */
function crud<Body extends TSchema>({ path, rule, one, all, body, of, ...from }: Crud<Body>): Route[] {
  const more = from.since === undefined ? {} : { since: from.since };
  const update = from.updateSince === undefined ? more : { since: from.updateSince };
  return [
    guarded('GET', path, `${rule}:get`, `List ${all}`, of.list, { ...more, asks: of.asks }),
    guardedBody('POST', path, `${rule}:create`, `Add ${one}`, body, of.create, more),
    guarded('GET', `${path}/:ident`, `${rule}:get`, `Show ${one}`, of.show, { ...more, asks: ['fields'] }),
    guardedBody('PATCH', `${path}/:ident`, `${rule}:update`, `Change ${one}`, patchSchema, of.update, update),
    guarded('DELETE', `${path}/:ident`, `${rule}:delete`, `Remove ${one}`, of.remove, more),
  ];
}

/** A list below another resource, short and with all fields. */
function lists(
  path: string,
  rule: string,
  summary: string,
  handler: (detail: boolean) => Handler,
  more: { readonly since?: string; readonly asks: readonly string[] },
): Route[] {
  return [
    guarded('GET', path, rule, summary, handler(false), more),
    guarded('GET', `${path}/detail`, rule, `${summary} with all fields`, handler(true), more),
  ];
}

/** Where the collection came late, reading answers 404 before and writing 405, and clients tell by that. */
function notYet(path: string, rule: string, until: string): Route[] {
  const hide: Handler = () => {
    throw errors.NotFound();
  };
  const refuse: Handler = () => {
    throw errors.NotAllowed();
  };
  const more = { until, payload: 'any' } as const;
  return [
    guarded('GET', path, `${rule}:get`, 'Not yet', hide, more),
    guarded('GET', `${path}/:ident`, `${rule}:get`, 'Not yet', hide, more),
    guarded('POST', path, `${rule}:create`, 'Not yet', refuse, more),
    guarded('PATCH', `${path}/:ident`, `${rule}:update`, 'Not yet', refuse, more),
    guarded('DELETE', `${path}/:ident`, `${rule}:delete`, 'Not yet', refuse, more),
  ];
}

export function collectionRoutes(parts: Parts): Route[] {
  const ports = collectionHandlers(parts, portsSpec);
  const groups = collectionHandlers(parts, portgroupsSpec);
  const racks = collectionHandlers(parts, chassis);
  const templates = collectionHandlers(parts, deployTemplates);
  const books = collectionHandlers(parts, runbooks);
  const rules = collectionHandlers(parts, inspectionRules);
  const connectors = collectionHandlers(parts, volumeConnectors);
  const targets = collectionHandlers(parts, volumeTargets);
  const given = collectionHandlers(parts, allocations);
  const ofNode =
    (of: typeof ports | typeof groups | typeof connectors | typeof targets, name: string, detail: boolean) =>
    async (request: ApiRequest) => {
      const ident = request.params.node ?? '';
      const node = await findNode(parts.database, ident);
      enforceOnNode(request, 'baremetal:node:get', node, ident);
      const { uuid } = node;
      return of.listWithin(request, detail, {
        filters: [sql<boolean>`node_uuid = ${uuid}`],
        path: `/v1/nodes/${uuid}/${name}`,
      });
    };
  const portsOfGroup = (detail: boolean) => async (request: ApiRequest) => {
    const ident = request.params.group ?? '';
    const group = await findRow(parts.database, 'baremetal_portgroups', ident, { named: true });
    if (!group) throw errors.PortgroupNotFound(ident);
    enforceBelowNode(request, 'baremetal:port:get', await findNode(parts.database, group.node_uuid), () =>
      errors.PortgroupNotFound(ident),
    );
    return ports.listWithin(request, detail, {
      filters: [sql<boolean>`portgroup_uuid = ${group.uuid}`],
      path: `/v1/portgroups/${group.uuid}/ports`,
    });
  };
  const removeRules = async (request: ApiRequest) => {
    request.enforce('baremetal:inspection_rule:delete');
    await tables(parts.database).deleteFrom('baremetal_inspection_rules').execute();
    return empty(204);
  };
  const node = '/v1/nodes/:node';
  return [
    ...crud({
      path: '/v1/ports',
      rule: 'port',
      one: 'a port',
      all: 'ports',
      body: newPortSchema,
      of: ports,
    }),
    guarded('GET', '/v1/ports/detail', 'port:list', 'List ports with all fields', ports.detail, { asks: ports.asks }),
    ...lists(`${node}/ports`, 'port:list', 'Ports of a node', (detail) => ofNode(ports, 'ports', detail), {
      asks: ports.asks,
    }),
    ...crud({
      path: '/v1/portgroups',
      rule: 'portgroup',
      one: 'a port group',
      all: 'port groups',
      body: newPortgroupSchema,
      of: groups,
      since: '1.23',
    }),
    guarded('GET', '/v1/portgroups/detail', 'portgroup:list', 'List port groups with all fields', groups.detail, {
      since: '1.23',
      asks: groups.asks,
    }),
    ...lists(
      `${node}/portgroups`,
      'portgroup:list',
      'Port groups of a node',
      (detail) => ofNode(groups, 'portgroups', detail),
      { since: '1.24', asks: groups.asks },
    ),
    ...lists('/v1/portgroups/:group/ports', 'port:list', 'Ports of a group', portsOfGroup, {
      since: '1.24',
      asks: ports.asks,
    }),
    ...crud({
      path: '/v1/chassis',
      rule: 'chassis',
      one: 'a chassis',
      all: 'chassis',
      body: newChassisSchema,
      of: racks,
    }),
    guarded('GET', '/v1/chassis/detail', 'chassis:get', 'List chassis with all fields', racks.detail, {
      asks: racks.asks,
    }),
    ...crud({
      path: '/v1/deploy_templates',
      rule: 'deploy_template',
      one: 'a deploy template',
      all: 'deploy templates',
      body: newDeployTemplateSchema,
      of: templates,
      since: '1.55',
    }),
    ...notYet('/v1/deploy_templates', 'deploy_template', '1.54'),
    ...crud({
      path: '/v1/runbooks',
      rule: 'runbook',
      one: 'a runbook',
      all: 'runbooks',
      body: newRunbookSchema,
      of: books,
      since: '1.92',
    }),
    ...crud({
      path: '/v1/inspection_rules',
      rule: 'inspection_rule',
      one: 'an inspection rule',
      all: 'inspection rules',
      body: newInspectionRuleSchema,
      of: rules,
      since: '1.96',
    }),
    guarded('DELETE', '/v1/inspection_rules', 'inspection_rule:delete', 'Remove all inspection rules', removeRules, {
      since: '1.96',
    }),
    volumeRoot('/v1/volume', 'What volumes have', async () => 'volume'),
    volumeRoot(`${node}/volume`, 'What the volumes of a node have', async ({ params }) => {
      const { uuid } = await findNode(parts.database, params.node ?? '');
      return `nodes/${uuid}/volume`;
    }),
    ...crud({
      path: '/v1/volume/connectors',
      rule: 'volume',
      one: 'a volume connector',
      all: 'volume connectors',
      body: newConnectorSchema,
      of: connectors,
      since: '1.32',
    }),
    ...crud({
      path: '/v1/volume/targets',
      rule: 'volume',
      one: 'a volume target',
      all: 'volume targets',
      body: newTargetSchema,
      of: targets,
      since: '1.32',
    }),
    guarded(
      'GET',
      `${node}/volume/connectors`,
      'volume:list',
      'Volume connectors of a node',
      ofNode(connectors, 'volume/connectors', false),
      { since: '1.32', asks: connectors.asks },
    ),
    guarded(
      'GET',
      `${node}/volume/targets`,
      'volume:list',
      'Volume targets of a node',
      ofNode(targets, 'volume/targets', false),
      { since: '1.32', asks: targets.asks },
    ),
    ...crud({
      path: '/v1/allocations',
      rule: 'allocation',
      one: 'an allocation',
      all: 'allocations',
      body: newAllocationSchema,
      of: { ...given, create: allocating(parts, given.create) },
      since: '1.52',
      updateSince: '1.57',
    }),
    ...notYet('/v1/allocations', 'allocation', '1.51'),
    guarded(
      'GET',
      `${node}/allocation`,
      'allocation:get',
      'Allocation of a node',
      async (request) =>
        json(given.shown(request, await allocationOfNode(parts.database, request.params.node ?? '', request))),
      { since: '1.52' },
    ),
    guarded(
      'DELETE',
      `${node}/allocation`,
      'allocation:delete',
      'Remove the allocation of a node',
      async (request) => {
        const { uuid } = await allocationOfNode(parts.database, request.params.node ?? '', request);
        await given.remove({ ...request, params: { ident: uuid } });
        return empty(204);
      },
      { since: '1.52' },
    ),
  ];
}

/** Where connectors and targets are found. The rule is asked as of no node: only who sees those of all passes. */
function volumeRoot(path: string, summary: string, at: (request: ApiRequest) => Promise<string>): Route {
  return route({
    method: 'GET',
    path,
    policy: 'baremetal:volume:get',
    summary,
    since: '1.32',
    async handler(request) {
      const to = (place: string) => links(request.context, place);
      const root = await at(request);
      return json({ connectors: to(`${root}/connectors`), targets: to(`${root}/targets`), links: to(`${root}/`) });
    },
  });
}

/** The answer shows the allocation as it was made; its node is chosen right after. */
function allocating<Request>(parts: Parts, create: (request: Request) => Promise<Answer>) {
  return async (request: Request): Promise<Answer> => {
    const answer = await create(request);
    // What goes wrong here, or finds its node held, is tried again by the loop that looks for allocations left behind.
    setImmediate(() => {
      serveAllocations(parts).catch((error: unknown) =>
        parts.log.warn('bare metal: serving allocations failed', error),
      );
    });
    return answer;
  };
}
