// The list of stacks with its filters, sorting and paging.
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, json } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { StackRow } from '../stack/store.ts';
import { stackSummary } from '../stack/view.ts';
import { linksOf, projectOf, wholeOf } from './request.ts';

const sortKeys: Readonly<Record<string, string>> = {
  stack_name: 'name',
  name: 'name',
  stack_status: 'status',
  status: 'status',
  creation_time: 'creation_time',
  updated_time: 'updated_time',
};

/** Stacks with this tag are shown only when asked for (Heat's default of `hidden_stack_tags`). */
const hiddenTag = 'data-processing-cluster';

export async function listStacks(database: Database, request: ApiRequest) {
  const { search } = request;
  const global = isTrue(search, 'global_tenant');
  if (global) request.enforce('stacks:global_index');
  const where = sql.join([...scopeOf(request, global), ...filtersOf(search)], sql` and `);
  const limit = search.has('limit') ? wholeOf(search, 'limit') : 0;
  const marker = search.get('marker');
  const after = marker ? sql`where place > (select place from ordered where id::text = ${marker})` : sql``;
  const { rows } = await sql<StackRow>`
    with ordered as (select *, row_number() over (order by ${orderOf(search)}) as place from stacks where ${where})
    select * from ordered ${after} order by place ${limit > 0 ? sql`limit ${limit}` : sql``}`.execute(database);
  const count = isTrue(search, 'with_count')
    ? await sql<{ count: number }>`select count(*)::int as count from stacks where ${where}`.execute(database)
    : undefined;
  const links = linksOf(request);
  return json({
    stacks: rows.map((row) => ({ ...stackSummary(links, row), ...(global ? { project: row.project_id } : {}) })),
    ...(count ? { count: count.rows[0]?.count ?? 0 } : {}),
  });
}

const isTrue = (search: URLSearchParams, name: string) => search.get(name)?.toLowerCase() === 'true';

function scopeOf(request: ApiRequest, global: boolean): RawBuilder<unknown>[] {
  const { search } = request;
  const project = projectOf(request);
  const owner = search.get('owner_id');
  return [
    global ? sql`true` : sql`project_id = ${project}`,
    isTrue(search, 'show_deleted') ? sql`true` : sql`deletion_time is null`,
    owner !== null
      ? sql`parent_id::text = ${owner}`
      : isTrue(search, 'show_nested')
        ? sql`true`
        : sql`parent_id is null`,
    isTrue(search, 'show_hidden') ? sql`true` : sql`not ${hiddenTag} = any(tags)`,
  ];
}

function filtersOf(search: URLSearchParams): RawBuilder<unknown>[] {
  const all = (...names: string[]) => names.flatMap((name) => search.getAll(name));
  const tagsOf = (...names: string[]) => all(...names).flatMap((text) => text.split(','));
  const one = (values: readonly string[], test: (values: readonly string[]) => RawBuilder<unknown>) =>
    values.length === 0 ? [] : [test(values)];
  return [
    ...one(all('name', 'stack_name'), (names) => sql`name = any(${names}::text[])`),
    ...one(all('id'), (ids) => sql`id::text = any(${ids}::text[])`),
    ...one(
      all('status', 'stack_status'),
      (states) => sql`(status = any(${states}::text[]) or action || '_' || status = any(${states}::text[]))`,
    ),
    ...one(all('action'), (actions) => sql`action = any(${actions}::text[])`),
    ...one(all('username', 'stack_owner'), (names) => sql`owner_name = any(${names}::text[])`),
    ...one(tagsOf('tags'), (tags) => sql`tags @> ${tags}::text[]`),
    ...one(tagsOf('tags_any', 'tags-any'), (tags) => sql`tags && ${tags}::text[]`),
    ...one(tagsOf('not_tags', 'not-tags'), (tags) => sql`not tags @> ${tags}::text[]`),
    ...one(tagsOf('not_tags_any', 'not-tags-any'), (tags) => sql`not tags && ${tags}::text[]`),
  ];
}

function orderOf(search: URLSearchParams): RawBuilder<unknown> {
  const direction = search.get('sort_dir') ?? 'desc';
  if (direction !== 'asc' && direction !== 'desc') throw errors.BadSortDirection(direction);
  const keys = search.getAll('sort_keys').flatMap((text) => text.split(','));
  const columns = keys.flatMap((key) => sortKeys[key] ?? []);
  const by = (columns.length === 0 ? ['creation_time'] : columns).map(
    (column) => sql`${sql.ref(column)} ${sql.raw(direction)} nulls last`,
  );
  return sql.join([...by, sql`id`], sql`, `);
}
