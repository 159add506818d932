// Reads the query of GET /servers and finds the servers it means.
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, atLeast } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { limitOf } from '../paging.ts';
import { type ComputeTables, type ServerRow, tables } from '../tables.ts';
import { statesOf } from './server.ts';

type Where = ExpressionBuilder<ComputeTables, 'compute_servers'>;
type Column = keyof ComputeTables['compute_servers'];

const sortColumns: Readonly<Record<string, Column>> = {
  created_at: 'created_at',
  updated_at: 'updated_at',
  display_name: 'name',
  name: 'name',
  host: 'node_uuid',
  node: 'node_uuid',
  instance_type_id: 'flavor',
  vm_state: 'vm_state',
  task_state: 'task_state',
  power_state: 'power_state',
  project_id: 'project_id',
  user_id: 'user_id',
  uuid: 'id',
  id: 'id',
  key_name: 'key_name',
  launched_at: 'launched_at',
};

/** Filters that compare one column with the text. */
const equal: Readonly<Record<string, Column>> = {
  user_id: 'user_id',
  key_name: 'key_name',
  reservation_id: 'reservation_id',
  vm_state: 'vm_state',
  task_state: 'task_state',
  host: 'node_uuid',
  node: 'node_uuid',
  hostname: 'hostname',
  description: 'description',
};

export interface ServerPage {
  readonly servers: readonly ServerRow[];
  readonly full: boolean;
}

/** A page of the servers that the query means, newest first unless it says otherwise. Throws Invalid and MarkerNotFound. */
export async function listServers(
  database: Database,
  { context, search, enforce }: Pick<ApiRequest, 'context' | 'search' | 'enforce'>,
  rule: 'index' | 'detail',
): Promise<ServerPage> {
  for (const [name, value] of search)
    if (/\0/.test(name + value)) throw errors.Invalid(`The filter ${JSON.stringify(name)} holds a NUL character.`);
  const all = isTrue(search.get('all_tenants'));
  if (all) enforce(`os_compute_api:servers:${rule}:get_all_tenants`);
  const limit = limitOf(search);
  const keys = search.getAll('sort_key');
  const dirs = search.getAll('sort_dir').map(direction);
  const order = (keys.length > 0 ? keys : ['created_at']).map((key, index) => ({
    column: sortColumn(key),
    dir: dirs[index] ?? dirs[0] ?? 'desc',
  }));
  const tie = order[0]?.dir ?? 'desc';
  const conditions = (where: Where) =>
    where.and([
      ...(all ? [] : [where('project_id', '=', context.caller.projectId ?? '')]),
      ...filters(where, search, all, atLeast(context.microversion, '2.26'), atLeast(context.microversion, '2.73')),
    ]);
  let query = tables(database).selectFrom('compute_servers').selectAll().where(conditions);
  for (const { column, dir } of order) query = query.orderBy(column, dir);
  query = query.orderBy('sequence', tie);
  const rows = await guarded(() => query.execute());
  const marker = search.get('marker');
  const at = marker === null ? -1 : rows.findIndex(({ id }) => id === marker);
  if (marker !== null && at < 0) throw errors.MarkerNotFound(marker);
  return { servers: rows.slice(at + 1, at + 1 + limit), full: at + 1 + limit < rows.length };
}

function filters(
  where: Where,
  search: URLSearchParams,
  all: boolean,
  tagFilters: boolean,
  lockedFilter: boolean,
): Expression<SqlBool>[] {
  const found: Expression<SqlBool>[] = [];
  for (const [name, value] of search) {
    const column = Object.hasOwn(equal, name) ? equal[name] : undefined;
    if (column) found.push(sql<SqlBool>`${sql.ref(column)} = ${value}`);
  }
  const name = search.get('name');
  if (name !== null && name !== '') found.push(sql<SqlBool>`compute_servers.name ~ ${name}`);
  const status = search.getAll('status');
  if (status.length > 0) found.push(anyStatus(where, status));
  const uuid = search.get('uuid');
  if (uuid !== null) found.push(sql<SqlBool>`id::text = ${uuid.toLowerCase()}`);
  const image = search.get('image');
  if (image !== null) found.push(sql<SqlBool>`image_id::text = ${lastPart(image)}`);
  const flavor = search.get('flavor');
  if (flavor !== null) found.push(sql<SqlBool>`flavor ->> 'id' = ${lastPart(flavor)}`);
  const project = search.get('project_id') ?? search.get('tenant_id');
  if (project !== null && all) found.push(where('project_id', '=', project));
  const ip = search.get('ip') ?? search.get('ip6');
  if (ip !== null)
    found.push(
      sql<SqlBool>`exists (select from compute_server_ports port, jsonb_array_elements(port.fixed_ips) address where port.server_id = compute_servers.id and address ->> 'ip' ~ ${ip})`,
    );
  const since = search.get('changes-since');
  if (since !== null) found.push(where('updated_at', '>=', time(since)));
  const before = search.get('changes-before');
  if (before !== null) found.push(where('updated_at', '<=', time(before)));
  // Deleted servers are forgotten.
  if (isTrue(search.get('deleted'))) found.push(sql<SqlBool>`false`);
  if (tagFilters) found.push(...tagConditions(search));
  const locked = lockedFilter ? search.get('locked') : null;
  if (locked !== null) found.push(where('locked', '=', isTrue(locked)));
  return found;
}

function anyStatus(where: Where, status: readonly string[]): Expression<SqlBool> {
  const states = status.flatMap(statesOf);
  if (states.length === 0) return sql<SqlBool>`false`;
  return where.or(
    states.map(({ vmState, tasks }) =>
      where.and([where('vm_state', '=', vmState), ...(tasks ? [where('task_state', 'in', tasks)] : [])]),
    ),
  );
}

function tagConditions(search: URLSearchParams): Expression<SqlBool>[] {
  const list = (name: string) => search.get(name)?.split(',') ?? [];
  const found: Expression<SqlBool>[] = [];
  if (search.has('tags')) found.push(sql<SqlBool>`tags @> ${list('tags')}::text[]`);
  if (search.has('tags-any')) found.push(sql<SqlBool>`tags && ${list('tags-any')}::text[]`);
  if (search.has('not-tags')) found.push(sql<SqlBool>`not tags @> ${list('not-tags')}::text[]`);
  if (search.has('not-tags-any')) found.push(sql<SqlBool>`not tags && ${list('not-tags-any')}::text[]`);
  return found;
}

/** Filters by name and address are regular expressions: one that PostgreSQL cannot read is the caller's mistake. */
async function guarded<Result>(query: () => Promise<Result>): Promise<Result> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '2201B')
      throw errors.Invalid(`A filter is not a regular expression: ${error.message}`);
    throw error;
  }
}

function sortColumn(key: string): Column {
  const column = Object.hasOwn(sortColumns, key) ? sortColumns[key] : undefined;
  if (!column) throw errors.Invalid(`Sort key ${key} is not valid.`);
  return column;
}

function direction(text: string): 'asc' | 'desc' {
  if (text === 'asc' || text === 'desc') return text;
  throw errors.Invalid(`Invalid sort direction: ${text}`);
}

function time(text: string): Date {
  const at = new Date(/[zZ]$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(at.getTime())) throw errors.Invalid(`Invalid time ${text}: use ISO 8601.`);
  return at;
}

function isTrue(text: string | null): boolean {
  return text !== null && /^(|1|true|t|yes|y|on)$/i.test(text);
}

/** Images and flavors may be named by their links. */
function lastPart(text: string): string {
  return text.slice(text.lastIndexOf('/') + 1);
}
