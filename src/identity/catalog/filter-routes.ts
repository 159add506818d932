// Which projects see which endpoints (OS-EP-FILTER).
import { sql } from 'kysely';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { findRow, type Row, record } from '../collection/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { presentProject } from '../project/present.ts';
import { projects } from '../project/projects.ts';
import { all } from '../store.ts';
import { endpointGroups, presentEndpointGroup } from './endpoint-groups.ts';
import { endpoints, presentEndpoint } from './endpoints.ts';
import { inGroup } from './filter.ts';

const base = '/v3/OS-EP-FILTER';

/** A pair of things that can be associated: put, check, delete. */
interface Pair {
  readonly path: string;
  readonly table: string;
  readonly column: 'endpoint_id' | 'endpoint_group_id';
  readonly rules: { readonly put: string; readonly get: string; readonly remove: string };
}

const pairs: readonly Pair[] = [
  {
    path: `${base}/projects/:project/endpoints/:endpoint`,
    table: 'identity_project_endpoints',
    column: 'endpoint_id',
    rules: {
      put: 'identity:add_endpoint_to_project',
      get: 'identity:check_endpoint_in_project',
      remove: 'identity:remove_endpoint_from_project',
    },
  },
  {
    path: `${base}/endpoint_groups/:group/projects/:project`,
    table: 'identity_project_endpoint_groups',
    column: 'endpoint_group_id',
    rules: {
      put: 'identity:add_endpoint_group_to_project',
      get: 'identity:get_endpoint_group_in_project',
      remove: 'identity:remove_endpoint_group_from_project',
    },
  },
];

export function endpointFilterRoutes(parts: Parts): Route[] {
  return [...pairs.flatMap((pair) => pairRoutes(parts, pair)), ...listRoutes(parts)];
}

function pairRoutes(parts: Parts, { path, table, column, rules }: Pair): Route[] {
  const ids = async ({ params }: ApiRequest) => {
    const other = params.endpoint ?? params.group ?? '';
    const found = await findRow(parts.database, column === 'endpoint_id' ? endpoints : endpointGroups, other);
    if (!found) throw errors.NotFound(column === 'endpoint_id' ? 'endpoint' : 'endpoint group', other);
    const project = params.project ?? '';
    if (!(await findRow(parts.database, projects, project))) throw errors.NotFound('project', project);
    return { project, other };
  };
  return [
    route({
      method: 'PUT',
      path,
      policy: rules.put,
      summary: 'Show endpoints to a project',
      handler: async (request) => {
        const { project, other } = await ids(request);
        await sql`insert into ${sql.table(table)} (project_id, ${sql.ref(column)}) values (${project}, ${other}) on conflict do nothing`.execute(
          parts.database,
        );
        return empty();
      },
    }),
    route({
      method: 'GET',
      path,
      policy: rules.get,
      summary: 'Check whether a project is shown endpoints',
      handler: async (request) => {
        const { project, other } = await ids(request);
        const rows = await all(
          parts.database,
          sql`select 1 from ${sql.table(table)} where project_id = ${project} and ${sql.ref(column)} = ${other}`,
        );
        if (rows.length === 0) throw errors.NotFound('association with project', project);
        if (column === 'endpoint_id') return empty();
        return json({ project_endpoint_group: { project_id: project, endpoint_group_id: other } });
      },
    }),
    route({
      method: 'DELETE',
      path,
      policy: rules.remove,
      summary: 'Show endpoints to a project no longer',
      handler: async (request) => {
        const { project, other } = await ids(request);
        const rows = await all(
          parts.database,
          sql`delete from ${sql.table(table)} where project_id = ${project} and ${sql.ref(column)} = ${other} returning 1`,
        );
        if (rows.length === 0) throw errors.NotFound('association with project', project);
        return empty();
      },
    }),
  ];
}

function listRoutes(parts: Parts): Route[] {
  const { database } = parts;
  const answer = (request: ApiRequest, members: string, values: unknown[]) =>
    json({
      [members]: values,
      links: {
        self: `${request.context.baseUrl}${request.raw.url?.replace(/^\/[^/]+/, '') ?? ''}`,
        next: null,
        previous: null,
      },
    });
  const groupsOf = (project: string | undefined) =>
    all(
      database,
      sql<Row>`select g.* from identity_endpoint_groups g join identity_project_endpoint_groups p on p.endpoint_group_id = g.id
        where p.project_id = ${project} order by g.name`,
    );
  const everyEndpoint = () => all(database, sql<Row>`select * from identity_endpoints order by id`);
  const inside = (endpoint: Row, group: Row) =>
    inGroup(
      {
        interface: String(endpoint.interface),
        region_id: typeof endpoint.region_id === 'string' ? endpoint.region_id : null,
        service_id: String(endpoint.service_id),
      },
      record(group, 'filters'),
    );
  const group = async ({ params }: ApiRequest) => {
    const row = await findRow(database, endpointGroups, params.group ?? '');
    if (!row) throw errors.NotFound('endpoint group', params.group ?? '');
    return row;
  };
  return [
    route({
      method: 'GET',
      path: `${base}/projects/:project/endpoints`,
      policy: 'identity:list_endpoints_for_project',
      summary: 'List the endpoints that a project is shown',
      handler: async (request) => {
        const { project } = request.params;
        const single = await all(
          database,
          sql<{
            endpoint_id: string;
          }>`select endpoint_id from identity_project_endpoints where project_id = ${project}`,
        );
        const groups = await groupsOf(project);
        const rows = (await everyEndpoint()).filter(
          (row) => single.some((one) => one.endpoint_id === row.id) || groups.some((one) => inside(row, one)),
        );
        return answer(
          request,
          'endpoints',
          rows.map((row) => presentEndpoint(row, request.context.baseUrl)),
        );
      },
    }),
    route({
      method: 'GET',
      path: `${base}/endpoints/:endpoint/projects`,
      policy: 'identity:list_projects_for_endpoint',
      summary: 'List the projects that are shown an endpoint',
      handler: async (request) => {
        const rows = await all(
          database,
          sql<Row>`select p.* from identity_projects p join identity_project_endpoints e on e.project_id = p.id
            where e.endpoint_id = ${request.params.endpoint} order by p.name`,
        );
        return answer(
          request,
          'projects',
          rows.map((row) => presentProject(row, request.context.baseUrl)),
        );
      },
    }),
    route({
      method: 'GET',
      path: `${base}/projects/:project/endpoint_groups`,
      policy: 'identity:list_endpoint_groups_for_project',
      summary: 'List the endpoint groups that a project is shown',
      handler: async (request) => {
        const rows = await groupsOf(request.params.project);
        return answer(
          request,
          'endpoint_groups',
          rows.map((row) => presentEndpointGroup(row, request.context.baseUrl)),
        );
      },
    }),
    route({
      method: 'GET',
      path: `${base}/endpoint_groups/:group/endpoints`,
      policy: 'identity:list_endpoints_associated_with_endpoint_group',
      summary: 'List the endpoints of an endpoint group',
      handler: async (request) => {
        const row = await group(request);
        const rows = (await everyEndpoint()).filter((endpoint) => inside(endpoint, row));
        return answer(
          request,
          'endpoints',
          rows.map((one) => presentEndpoint(one, request.context.baseUrl)),
        );
      },
    }),
    route({
      method: 'GET',
      path: `${base}/endpoint_groups/:group/projects`,
      policy: 'identity:list_projects_associated_with_endpoint_group',
      summary: 'List the projects that are shown an endpoint group',
      handler: async (request) => {
        const row = await group(request);
        const rows = await all(
          database,
          sql<Row>`select p.* from identity_projects p join identity_project_endpoint_groups g on g.project_id = p.id
            where g.endpoint_group_id = ${row.id} order by p.name`,
        );
        return answer(
          request,
          'projects',
          rows.map((one) => presentProject(one, request.context.baseUrl)),
        );
      },
    }),
  ];
}
