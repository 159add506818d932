// The resource routes of Heat's API.
import { Type } from '@sinclair/typebox';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { Secrets } from '../stack/secrets.ts';
import {
  lockRoot,
  type ResourceRow,
  resourcesOfStack,
  resourcesOfTree,
  type StackRow,
  stacksOfTree,
  stackTables,
} from '../stack/store.ts';
import { resourceDetail, resourceSummary } from '../stack/view.ts';
import { depthOf, linksOf, stackOf } from './request.ts';

const base = '/v1/:tenant/stacks/:stack/:id';

export function resourceRoutes(
  database: Database,
  secrets: Secrets,
  signal: (id: string, details: Readonly<Record<string, unknown>>) => Promise<string | undefined>,
): Route[] {
  const one = async (
    request: ApiRequest,
  ): Promise<{ stack: StackRow; resource: ResourceRow; siblings: ResourceRow[] }> => {
    const stack = await stackOf(database, request);
    const siblings = await resourcesOfStack(database, stack.id);
    const name = request.params.resource ?? '';
    const current = siblings.filter((row) => !row.path.includes('@'));
    const resource = current.find((row) => row.name === name) ?? current.find((row) => row.physical_id === name);
    if (!resource) throw errors.EntityNotFound('Resource', name);
    return { stack, resource, siblings };
  };
  return [
    route({
      method: 'GET',
      path: `${base}/resources`,
      policy: 'resource:index',
      summary: 'Lists resources, with nested_depth those of nested stacks too',
      handler: async (request) => listResources(database, secrets, request, await stackOf(database, request)),
    }),
    route({
      method: 'GET',
      path: `${base}/resources/:resource`,
      policy: 'resource:show',
      summary: 'Shows a resource',
      handler: async (request) => {
        const { stack, resource, siblings } = await one(request);
        const nested = (await stacksOfTree(database, stack.root_id)).find(
          (row) => row.path === resource.path && row.id !== stack.id,
        );
        return json({
          resource: resourceDetail(
            linksOf(request),
            stack,
            { ...resource, attributes: secrets.attributesOf(resource) },
            requiredBy(resource, siblings),
            nested,
            parentName(stack),
          ),
        });
      },
    }),
    route({
      method: 'PATCH',
      path: `${base}/resources/:resource`,
      policy: 'resource:mark_unhealthy',
      summary: 'Marks a resource unhealthy, so that the next update replaces it, or healthy again',
      body: Type.Object({
        mark_unhealthy: Type.Boolean(),
        resource_status_reason: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      }),
      handler: async (request) => {
        const { stack, resource } = await one(request);
        const { mark_unhealthy: unhealthy, resource_status_reason: reason } = request.body;
        await database.transaction().execute(async (tx) => {
          const root = await lockRoot(tx, stack.root_id);
          if (root.status === 'IN_PROGRESS') throw errors.ActionInProgress(stack.name, root.action);
          if (!unhealthy && !(resource.action === 'CHECK' && resource.status === 'FAILED')) return;
          await stackTables(tx)
            .updateTable('resources')
            .set({
              action: 'CHECK',
              status: unhealthy ? 'FAILED' : 'COMPLETE',
              status_reason: reason ?? (unhealthy ? 'state changed by resource-mark-unhealthy api' : 'healthy again'),
              updated_time: new Date(),
            })
            .where('id', '=', resource.id)
            .execute();
        });
        return empty(200);
      },
    }),
    route({
      method: 'GET',
      path: `${base}/resources/:resource/metadata`,
      policy: 'resource:metadata',
      summary: 'Shows the metadata of a resource',
      handler: async (request) => json({ metadata: (await one(request)).resource.metadata }),
    }),
    route({
      method: 'POST',
      path: `${base}/resources/:resource/signal`,
      policy: 'resource:signal',
      summary: 'Signals a resource: the result of a deployment, the news a wait condition waits for',
      payload: 'any',
      handler: async (request) => {
        const { resource } = await one(request);
        const answer = await signal(resource.id, isMap(request.body) ? request.body : {});
        return answer === undefined || answer === ''
          ? empty(200)
          : json(JSON.stringify(answer), 200, { 'content-type': 'application/json' });
      },
    }),
  ];
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function requiredBy(resource: ResourceRow, siblings: readonly ResourceRow[]): string[] {
  return siblings.filter((other) => other.requires.includes(resource.path)).map((other) => other.name);
}

/** Name of the resource in the parent stack that this stack is. */
function parentName(stack: StackRow): string | undefined {
  return stack.path === '' ? undefined : stack.path.slice(stack.path.lastIndexOf('/') + 1);
}

async function listResources(database: Database, secrets: Secrets, request: ApiRequest, stack: StackRow) {
  const { search } = request;
  const depth = depthOf(search);
  const withDetail = search.get('with_detail')?.toLowerCase() === 'true';
  const all = (await resourcesOfTree(database, stack.root_id)).filter((row) => !row.path.includes('@'));
  const stacks = new Map((await stacksOfTree(database, stack.root_id)).map((row) => [row.id, row]));
  const byPath = new Map([...stacks.values()].map((row) => [row.path, row]));
  const steps = (path: string) => (path === '' ? 0 : path.split('/').length);
  const inside = all.filter((row) => {
    const owner = stacks.get(row.stack_id);
    const below = owner && (owner.path === stack.path || stack.path === '' || owner.path.startsWith(`${stack.path}/`));
    return below === true && owner !== undefined && steps(owner.path) - steps(stack.path) <= depth;
  });
  const wanted = inside.filter((row) => matches(search, row));
  const links = linksOf(request);
  const view = withDetail ? resourceDetail : resourceSummary;
  return json({
    resources: wanted.map((row) => {
      const owner = stacks.get(row.stack_id) ?? stack;
      const nested = byPath.get(row.path);
      return view(
        links,
        owner,
        withDetail ? { ...row, attributes: secrets.attributesOf(row) } : row,
        requiredBy(row, all),
        nested && nested.id !== owner.id ? nested : undefined,
        parentName(owner),
      );
    }),
  });
}

function matches(search: URLSearchParams, row: ResourceRow): boolean {
  const one = (key: string, value: string) => search.getAll(key).length === 0 || search.getAll(key).includes(value);
  return (
    one('name', row.name) &&
    one('type', row.type) &&
    one('status', row.status) &&
    one('action', row.action) &&
    one('physical_resource_id', row.physical_id ?? '')
  );
}
