// The event routes of Heat's API.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { type StackEventRow, type StackRow, stacksOfTree } from '../stack/store.ts';
import { eventSummary } from '../stack/view.ts';
import { depthOf, linksOf, stackOf, wholeOf } from './request.ts';

const base = '/v1/:tenant/stacks/:stack/:id';

export function eventRoutes(database: Database): Route[] {
  return [
    route({
      method: 'GET',
      path: `${base}/events`,
      policy: 'events:index',
      summary: 'Lists events',
      handler: async (request) => listEvents(database, request, await stackOf(database, request)),
    }),
    route({
      method: 'GET',
      path: `${base}/resources/:resource/events`,
      policy: 'events:index',
      summary: 'Lists events of a resource',
      handler: async (request) => listEvents(database, request, await stackOf(database, request)),
    }),
    route({
      method: 'GET',
      path: `${base}/resources/:resource/events/:event`,
      policy: 'events:show',
      summary: 'Shows an event',
      query: Type.Object({}),
      handler: async (request) => {
        const stack = await stackOf(database, request);
        const event = (
          await eventsOf(database, sql`stack_id = ${stack.id} and id::text = ${request.params.event ?? ''}`)
        )[0];
        if (!event) throw errors.EntityNotFound('Event', request.params.event ?? '');
        return json({
          event: {
            ...eventSummary(linksOf(request), stack, event),
            resource_type: event.resource_type,
            resource_properties: event.properties,
          },
        });
      },
    }),
  ];
}

/** Events of the stack and, with `nested_depth`, of those inside of it; of one resource where the path names one. */
async function listEvents(database: Database, request: ApiRequest, stack: StackRow) {
  const { search } = request;
  const depth = depthOf(search);
  const tree = await stacksOfTree(database, stack.root_id);
  const below = (row: StackRow) =>
    row.id === stack.id ||
    (depth > 0 &&
      (stack.path === '' || row.path.startsWith(`${stack.path}/`)) &&
      steps(row.path) - steps(stack.path) <= depth);
  const stacks = new Map(tree.filter(below).map((row) => [row.id, row]));
  const direction = search.get('sort_dir') ?? 'asc';
  if (direction !== 'asc' && direction !== 'desc') throw errors.BadSortDirection(direction);
  const limit = search.has('limit') ? wholeOf(search, 'limit') : 0;
  const marker = search.get('marker');
  const name = request.params.resource;
  const past = sql.raw(direction === 'asc' ? '>' : '<');
  const rows = await eventsOf(
    database,
    sql`stack_id = any(${[...stacks.keys()]}::uuid[])
      ${name === undefined ? sql`` : sql`and resource_name = ${name}`} ${filtersOf(search)}
      ${marker ? sql`and sequence ${past} (select sequence from stack_events where id::text = ${marker})` : sql``}`,
    sql`${sql.raw(direction)} ${limit > 0 ? sql`limit ${limit}` : sql``}`,
  );
  const links = linksOf(request);
  const root = depth > 0 ? tree.find((row) => row.path === '') : undefined;
  return json({ events: rows.map((event) => eventSummary(links, stacks.get(event.stack_id) ?? stack, event, root)) });
}

const steps = (path: string) => (path === '' ? 0 : path.split('/').length);

const columns = {
  resource_name: 'resource_name',
  resource_type: 'resource_type',
  resource_status: 'status',
  resource_action: 'action',
} as const;

function filtersOf(search: URLSearchParams) {
  const wanted = Object.entries(columns).filter(([name]) => search.has(name));
  return sql.join(
    wanted.map(([name, column]) => sql` and ${sql.ref(column)} = any(${search.getAll(name)}::text[])`),
    sql``,
  );
}

async function eventsOf(database: Database, where: ReturnType<typeof sql>, order = sql`asc`): Promise<StackEventRow[]> {
  const found = await sql<StackEventRow>`select * from stack_events where ${where} order by sequence ${order}`.execute(
    database,
  );
  return found.rows;
}
