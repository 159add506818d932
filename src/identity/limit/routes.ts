// The routes of limits and registered limits; several are created in one call.
import { type TSchema, Type } from '@sinclair/typebox';
import { type RawBuilder, sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { type ApiRequest, type Caller, empty, json, type Route, route } from '../../openstack/index.ts';
import type { Row } from '../collection/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { all, type Connection, first, newId, sqlState } from '../store.ts';

export interface LimitKind {
  readonly path: string;
  readonly member: string;
  readonly members: string;
  readonly noun: string;
  readonly table: string;
  /** What rows are read from: the table, with what else they show. */
  readonly source: RawBuilder<unknown>;
  readonly filters: readonly string[];
  readonly rules: Readonly<Record<'list' | 'get' | 'create' | 'update' | 'delete', string>>;
  readonly create: TSchema;
  readonly update: TSchema;
  readonly prepare?: (tx: Transaction, values: Row) => Promise<Row>;
  /** What a caller without the role admin sees of a list. */
  readonly visible?: (caller: Caller) => RawBuilder<unknown>;
}

export function limitRoutes(kind: LimitKind, parts: Parts): Route[] {
  const { path, member, members, rules, noun } = kind;
  return [
    route({
      method: 'GET',
      path,
      policy: rules.list,
      summary: `List each ${noun}`,
      handler: async (request) => {
        const asked = kind.filters.filter((name) => request.search.has(name));
        const where = asked.map((name) => sql`${sql.ref(`l.${name}`)} = ${request.search.get(name)}`);
        if (kind.visible) where.push(kind.visible(request.context.caller));
        const rows = await select(parts.database, kind, where);
        const self = `${request.context.baseUrl}${path}`;
        return json({
          [members]: rows.map((row) => present(kind, row, request)),
          links: { self, next: null, previous: null },
        });
      },
    }),
    route({
      method: 'POST',
      path,
      policy: rules.create,
      summary: `Create one or many ${noun}s`,
      body: Type.Object({ [members]: Type.Array(kind.create, { minItems: 1 }) }),
      handler: async (request) => {
        const wanted = listOf(request.body, members);
        const ids = await parts.database.transaction().execute(async (tx) => {
          const made: string[] = [];
          for (const one of wanted) made.push(await insert(tx, kind, one));
          return made;
        });
        const rows = await select(parts.database, kind, [sql`l.id = any(${ids}::text[])`]);
        return json({ [members]: rows.map((row) => present(kind, row, request)) }, 201);
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:id`,
      policy: rules.get,
      enforcement: 'handler',
      summary: `Show a ${noun}`,
      handler: async (request) => json({ [member]: present(kind, await mustFind(parts, kind, request), request) }),
    }),
    route({
      method: 'PATCH',
      path: `${path}/:id`,
      policy: rules.update,
      summary: `Change a ${noun}`,
      body: Type.Object({ [member]: kind.update }),
      handler: async (request) => {
        const id = request.params.id ?? '';
        const changes = Object.entries(rowOf(request.body, member));
        if (changes.length > 0) {
          const set = changes.map(([name, value]) => sql`${sql.ref(name)} = ${value}`);
          await guarded(kind, () =>
            all(parts.database, sql`update ${sql.table(kind.table)} set ${sql.join(set)} where id = ${id}`),
          );
        }
        return json({ [member]: present(kind, await mustFind(parts, kind, request), request) });
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/:id`,
      policy: rules.delete,
      summary: `Delete a ${noun}`,
      handler: async (request) => {
        const row = await mustFind(parts, kind, request);
        await guarded(kind, () => all(parts.database, sql`delete from ${sql.table(kind.table)} where id = ${row.id}`));
        return empty();
      },
    }),
  ];
}

/** GET /v3/limits/model: this service enforces nothing across the hierarchy. */
export function limitModelRoute(): Route {
  return route({
    method: 'GET',
    path: '/v3/limits/model',
    policy: 'identity:get_limit_model',
    summary: 'Show how limits of a hierarchy are enforced',
    handler: () =>
      json({ model: { name: 'flat', description: 'Limits of a project do not depend on those of its parents.' } }),
  });
}

function select(db: Connection, kind: LimitKind, where: readonly RawBuilder<unknown>[]): Promise<Row[]> {
  return all(
    db,
    sql<Row>`select l.* from ${kind.source} l where ${sql.join([sql`true`, ...where], sql` and `)} order by l.id`,
  );
}

async function mustFind(parts: Parts, kind: LimitKind, request: ApiRequest): Promise<Row> {
  const id = request.params.id ?? '';
  const [row] = await select(parts.database, kind, [sql`l.id = ${id}`]);
  const target = {
    'target.limit.project_id': row?.project_id,
    'target.limit.domain.id': row?.domain_id,
    'target.limit.project.domain_id': row?.project_domain_id,
  };
  if (kind.rules.get === 'identity:get_limit') request.enforce(kind.rules.get, target);
  if (!row) throw errors.NotFound(kind.noun, id);
  return row;
}

async function insert(tx: Transaction, kind: LimitKind, values: Row): Promise<string> {
  const row: Row = { ...(kind.prepare ? await kind.prepare(tx, values) : values), id: newId() };
  const names = Object.keys(row).map((name) => sql.ref(name));
  const made = await guarded(kind, () =>
    first(
      tx,
      sql<{
        id: string;
      }>`insert into ${sql.table(kind.table)} (${sql.join(names)}) values (${sql.join(Object.values(row))}) returning id`,
    ),
  );
  return made?.id ?? '';
}

async function guarded<T>(kind: LimitKind, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (sqlState(error) === '23505')
      throw errors.Conflict(kind.noun, 'there is one for this service, region and resource already');
    if (sqlState(error) !== '23503') throw error;
    if (error instanceof Error && error.message.includes('still referenced'))
      throw errors.Denied('The registered limit is overridden by limits; delete those first.');
    throw errors.Invalid('The service or region that the limit names does not exist.');
  }
}

function present(kind: LimitKind, row: Row, { context }: ApiRequest) {
  const { registered_limit_id: _registered, project_domain_id: _domain, ...shown } = row;
  return { ...shown, links: { self: `${context.baseUrl}${kind.path}/${String(row.id)}` } };
}

function rowOf(body: unknown, name: string): Row {
  const value = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(body: unknown, name: string): Row[] {
  const value = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return Array.isArray(value) ? value.map((one) => ({ ...Object(one) })) : [];
}
