// The list of stacks with its filters, sorting and paging.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, json } from '../../openstack/index.ts';
import { stackTables } from '../stack/store.ts';
import { stackSummary } from '../stack/view.ts';
import { linksOf, projectOf } from './request.ts';

const sortKeys: Readonly<Record<string, string>> = {
  stack_name: 'name',
  stack_status: 'status',
  creation_time: 'creation_time',
  updated_time: 'updated_time',
};

export async function listStacks(database: Database, request: ApiRequest) {
  const { search } = request;
  const global = search.get('global_tenant')?.toLowerCase() === 'true';
  if (global) request.enforce('stacks:global_index');
  const project = projectOf(request);
  let query = stackTables(database).selectFrom('stacks').selectAll().where('deletion_time', 'is', null);
  if (!global) query = query.where('project_id', '=', project);
  if (search.get('show_nested')?.toLowerCase() !== 'true') query = query.where('parent_id', 'is', null);
  const names = search.getAll('name').concat(search.getAll('stack_name'));
  if (names.length > 0) query = query.where('name', 'in', names);
  if (search.getAll('id').length > 0) query = query.where(sql<boolean>`id::text = any(${search.getAll('id')}::text[])`);
  const statuses = search.getAll('status').concat(search.getAll('stack_status'));
  if (statuses.length > 0)
    query = query.where(
      sql<boolean>`(status = any(${statuses}::text[]) or action || '_' || status = any(${statuses}::text[]))`,
    );
  if (search.getAll('action').length > 0) query = query.where('action', 'in', search.getAll('action'));
  const tags = search.get('tags');
  if (tags) query = query.where(sql<boolean>`tags @> ${tags.split(',')}::text[]`);
  const tagsAny = search.get('tags_any') ?? search.get('tags-any');
  if (tagsAny) query = query.where(sql<boolean>`tags && ${tagsAny.split(',')}::text[]`);
  const notTags = search.get('not_tags') ?? search.get('not-tags');
  if (notTags) query = query.where(sql<boolean>`not tags @> ${notTags.split(',')}::text[]`);
  const marker = search.get('marker');
  if (marker)
    query = query.where(
      sql<boolean>`(creation_time, id) < (select creation_time, id from stacks where id::text = ${marker})`,
    );
  const key = sortKeys[search.get('sort_keys') ?? ''];
  const direction = search.get('sort_dir') === 'asc' ? 'asc' : 'desc';
  query = query.orderBy(key ? sql.ref(key) : sql.ref('creation_time'), direction).orderBy('id', 'desc');
  const limit = Number(search.get('limit') ?? 0);
  if (limit > 0) query = query.limit(limit);
  const rows = await query.execute();
  const links = linksOf(request);
  const withCount = search.get('with_count')?.toLowerCase() === 'true';
  return json({
    stacks: rows.map((row) => ({ ...stackSummary(links, row), ...(global ? { project: row.project_id } : {}) })),
    ...(withCount ? { count: rows.length } : {}),
  });
}
