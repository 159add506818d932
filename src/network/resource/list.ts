// Reads resources: filters, fields, sorting, paging.
import { type RawBuilder, sql } from 'kysely';
import type { ApiRequest, Caller } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { all, type Connection, first, type Row } from '../store.ts';
import { isTrue } from './attributes.ts';
import type { Attribute, Resource } from './resource.ts';

const maximumLimit = 100_000;

export interface ListPage {
  readonly rows: readonly Row[];
  readonly limit: number | undefined;
}

export function findById(db: Connection, resource: Resource, id: string): Promise<Row | undefined> {
  return first(db, sql<Row>`select * from (${resource.query}) r where r.id = ${id}`);
}

export function findByIds(db: Connection, resource: Resource, ids: readonly string[]): Promise<Row[]> {
  return all(db, sql<Row>`select * from (${resource.query}) r where r.id = any(${[...ids]}::text[])`);
}

/** The rows that the query asks for and the caller may see at all; attribute rules are applied by the caller of this. */
export async function listRows(
  db: Connection,
  resource: Resource,
  request: ApiRequest,
  all_: boolean,
): Promise<ListPage> {
  const { search } = request;
  const where = [...conditions(resource, search), ...(all_ ? [] : [visibleTo(resource, request.context.caller)])];
  const limit = limitOf(search);
  const reverse = isTrue(search.get('page_reverse') ?? '');
  const order = orderOf(resource, search, reverse);
  const marker = search.get('marker');
  if (marker !== null) where.push(await after(db, resource, marker, order));
  const sorted = order.map(
    ({ name, descending }) => sql`${sql.ref(`r.${name}`)} ${sql.raw(descending ? 'desc' : 'asc')}`,
  );
  const rows = await all(
    db,
    sql<Row>`select * from (${resource.query}) r where ${sql.join([sql`true`, ...where], sql` and `)}
      order by ${sql.join(sorted)} limit ${limit ?? null}`,
  );
  return { rows: reverse ? rows.reverse() : rows, limit };
}

function visibleTo(resource: Resource, caller: Caller): RawBuilder<unknown> {
  const own = sql`r.project_id = ${caller.projectId ?? ''}`;
  return resource.visible ? sql`(${own} or ${resource.visible(caller)})` : own;
}

function conditions(resource: Resource, search: URLSearchParams): RawBuilder<unknown>[] {
  const found: RawBuilder<unknown>[] = [];
  for (const name of new Set(search.keys())) {
    const values = search.getAll(name);
    const special = resource.filters?.[name] ?? (resource.attributes.tags ? tagFilters[name] : undefined);
    const attribute = resource.attributes[name];
    if (special) found.push(special(values));
    else if (attribute?.filter)
      found.push(equals(name === 'tenant_id' ? 'project_id' : name, attribute.filter, values));
  }
  return found;
}

function equals(name: string, kind: NonNullable<Attribute['filter']>, values: readonly string[]): RawBuilder<unknown> {
  const column = sql`r.${sql.id(name)}`;
  switch (kind) {
    case 'boolean':
      return sql`${column} = any(${values.map(isTrue)}::boolean[])`;
    case 'integer': {
      const numbers = values.map(Number);
      if (!numbers.every(Number.isSafeInteger))
        throw errors.HTTPBadRequest(`Invalid input for ${name}: a whole number is needed.`);
      return sql`${column} = any(${numbers}::bigint[])`;
    }
    case 'mac':
      return sql`${column}::text = any(${values.map((value) => value.toLowerCase().replaceAll('-', ':'))}::text[])`;
    case 'inet':
      return sql`host(${column}) = any(${[...values]}::text[])`;
    case 'text':
      return values.every((value) => value === '')
        ? sql`(${column} = '' or ${column} is null)`
        : sql`${column} = any(${[...values]}::text[])`;
  }
}

const split = (values: readonly string[]) => values.flatMap((value) => value.split(','));

const tagFilters: NonNullable<Resource['filters']> = {
  tags: (values) => sql`r.tags @> ${split(values)}::text[]`,
  'tags-any': (values) => sql`r.tags && ${split(values)}::text[]`,
  'not-tags': (values) => sql`not r.tags @> ${split(values)}::text[]`,
  'not-tags-any': (values) => sql`not r.tags && ${split(values)}::text[]`,
};

function limitOf(search: URLSearchParams): number | undefined {
  const text = search.get('limit');
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw errors.HTTPBadRequest(`Limit must be an integer 0 or greater and not '${text}'.`);
  const limit = Math.min(Number(text), maximumLimit);
  return limit === 0 ? undefined : limit;
}

interface Order {
  readonly name: string;
  readonly descending: boolean;
}

function orderOf(resource: Resource, search: URLSearchParams, reverse: boolean): Order[] {
  const keys = search.getAll('sort_key');
  const directions = search.getAll('sort_dir');
  if (directions.length > 0 && directions.length !== keys.length)
    throw errors.HTTPBadRequest('The number of sort_keys and sort_dirs must be same.');
  const order = keys.map((key, index) => {
    const name = key === 'tenant_id' ? 'project_id' : key;
    if (!resource.attributes[name]?.filter)
      throw errors.HTTPBadRequest(`'${key}' is an invalid attribute for sort keys.`);
    const direction = directions[index] ?? 'asc';
    if (direction !== 'asc' && direction !== 'desc')
      throw errors.HTTPBadRequest(`sort_dir must be asc or desc, not '${direction}'.`);
    return { name, descending: (direction === 'desc') !== reverse };
  });
  return order.some(({ name }) => name === 'id') ? order : [...order, { name: 'id', descending: reverse }];
}

/** Rows behind the marker in this order: a < m, or a = m and b < n, and so on. */
async function after(
  db: Connection,
  resource: Resource,
  marker: string,
  order: readonly Order[],
): Promise<RawBuilder<unknown>> {
  const row = await findById(db, resource, marker);
  if (!row) throw errors.HTTPBadRequest(`The marker ${marker} does not exist any more.`);
  const steps = order.map(({ name, descending }, index) => {
    const same = order.slice(0, index).map((one) => sql`r.${sql.id(one.name)} is not distinct from ${row[one.name]}`);
    const beyond = behind(sql`r.${sql.id(name)}`, row[name], descending);
    return sql`(${sql.join([...same, beyond], sql` and `)})`;
  });
  return sql`(${sql.join(steps, sql` or `)})`;
}

/** PostgreSQL puts nulls last when ascending, first when descending. */
function behind(column: RawBuilder<unknown>, value: unknown, descending: boolean): RawBuilder<unknown> {
  if (value === null) return descending ? sql`${column} is not null` : sql`false`;
  return descending ? sql`${column} < ${value}` : sql`(${column} > ${value} or ${column} is null)`;
}
