// The five routes of a collection: list, create, show, update, delete.
import { Type } from '@sinclair/typebox';
import { type RawBuilder, sql } from 'kysely';
import { type Transaction, transact } from '../../database/index.ts';
import { appendEvent } from '../../events/index.ts';
import { type Answer, type ApiRequest, empty, json, nextPageUrl, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { all } from '../store.ts';
import type { Collection, Row, Verb } from './collection.ts';
import { conditions, pageLimit } from './filters.ts';
import { deleteRow, findRow, insertRow, toColumns, updateRow } from './rows.ts';

export function collectionRoutes(collection: Collection, parts: Parts): Route[] {
  const { path, member, noun, rules } = collection;
  const bodyOf = (schema: Collection['create']) => Type.Object({ [member]: schema });
  return [
    route({
      method: 'GET',
      path,
      policy: rules.list,
      enforcement: 'handler',
      summary: `List each ${noun}`,
      handler: (request) => list(collection, parts, request),
    }),
    route({
      method: 'POST',
      path,
      policy: rules.create,
      enforcement: 'handler',
      summary: `Create a ${noun}`,
      body: bodyOf(collection.create),
      handler: (request) => create(collection, parts, request, attributesOf(request.body, member)),
    }),
    route({
      method: 'GET',
      path: `${path}/:id`,
      policy: rules.get,
      enforcement: 'handler',
      summary: `Show a ${noun}`,
      handler: async (request) => {
        const row = await mustFind(collection, parts, request, ruleOf(collection, 'get'));
        return json({ [member]: await collection.present(row, request, parts) });
      },
    }),
    route({
      method: 'PATCH',
      path: `${path}/:id`,
      policy: rules.update,
      enforcement: 'handler',
      summary: `Change a ${noun}`,
      body: bodyOf(collection.update),
      handler: (request) => update(collection, parts, request, attributesOf(request.body, member)),
    }),
    route({
      method: 'DELETE',
      path: `${path}/:id`,
      policy: rules.delete,
      enforcement: 'handler',
      summary: `Delete a ${noun}`,
      handler: async (request) => {
        const row = await mustFind(collection, parts, request, ruleOf(collection, 'delete'));
        await transact(parts.database, async (tx) => {
          await collection.remove?.(row, { tx, parts, request, before: row });
          await deleteRow(tx, collection, String(row.id));
          await note(tx, collection, 'deleted', row, request);
        });
        return empty();
      },
    }),
  ];
}

function attributesOf(body: unknown, member: string): Row {
  const value = typeof body === 'object' && body !== null ? Reflect.get(body, member) : undefined;
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function ruleOf({ rules, ruleFor }: Collection, verb: Verb): (row: Row) => string {
  return (row) => ruleFor?.(verb, row) ?? rules[verb];
}

function targetOf(collection: Collection, row: Row): Readonly<Record<string, unknown>> {
  return collection.target?.(row) ?? {};
}

/**
 * The row that the path names, once the caller may reach it. A caller who may not is told so whether the row exists or
 * not, so that ids cannot be probed.
 */
export async function mustFind(
  collection: Collection,
  parts: Parts,
  request: ApiRequest,
  rule: string | ((row: Row) => string),
  id = request.params.id ?? '',
): Promise<Row> {
  const row = await (collection.find
    ? collection.find(parts.database, id, request)
    : findRow(parts.database, collection, id));
  request.enforce(typeof rule === 'string' ? rule : rule(row ?? {}), row ? targetOf(collection, row) : {});
  if (!row) throw errors.NotFound(collection.noun, id);
  return row;
}

async function list(collection: Collection, parts: Parts, request: ApiRequest): Promise<Answer> {
  const filters = Object.fromEntries(request.search);
  request.enforce(ruleOf(collection, 'list')(filters), collection.listTarget?.(request) ?? {});
  const { members, path } = collection;
  const { baseUrl, caller } = request.context;
  const where = [
    ...conditions(collection, request.search),
    ...(collection.narrow ? [collection.narrow(caller, request.search)] : []),
  ];
  const limit = pageLimit(request.search);
  const rows = await selectPage(collection, parts, where, request.search.get('marker'), limit);
  const last = rows.at(-1);
  const next =
    limit !== undefined && rows.length === limit && last
      ? nextPageUrl(baseUrl, path, request.search, String(last.id), limit)
      : null;
  return json({
    [members]: await Promise.all(rows.map((row) => collection.present(row, request, parts))),
    links: { next, self: `${baseUrl}${path}${selfQuery(request.search)}`, previous: null },
  });
}

function selfQuery(search: URLSearchParams): string {
  return search.size === 0 ? '' : `?${search}`;
}

function selectPage(
  collection: Collection,
  parts: Parts,
  where: readonly RawBuilder<unknown>[],
  marker: string | null,
  limit: number | undefined,
): Promise<Row[]> {
  const table = sql.table(collection.table);
  const order = [...(collection.sortedBy ? [collection.sortedBy] : []), 'id'].map((name) => sql.ref(name));
  const after =
    marker === null ? [] : [sql`(${sql.join(order)}) > (select ${sql.join(order)} from ${table} where id = ${marker})`];
  const all_ = [...where, ...after];
  return all(
    parts.database,
    sql<Row>`select * from ${table} where ${all_.length > 0 ? sql.join(all_, sql` and `) : sql`true`}
      order by ${sql.join(order)} limit ${limit ?? null}`,
  );
}

/** POST, and PUT where clients choose the id. */
export async function create(
  collection: Collection,
  parts: Parts,
  request: ApiRequest,
  attributes: Row,
): Promise<Answer> {
  const { createTarget } = collection;
  const target = createTarget ? createTarget(attributes, request.context.caller) : targetOf(collection, attributes);
  request.enforce(ruleOf(collection, 'create')(attributes), target);
  const row = await transact(parts.database, async (tx) => {
    const values = toColumns(collection, attributes);
    const change = { tx, parts, request, values };
    const prepared = collection.prepare ? await collection.prepare(change) : values;
    const stored = await insertRow(tx, collection, prepared);
    await collection.stored?.(stored, change);
    await note(tx, collection, 'created', stored, request);
    return stored;
  });
  return json({ [collection.member]: await collection.present(row, request, parts) }, 201);
}

async function update(collection: Collection, parts: Parts, request: ApiRequest, attributes: Row): Promise<Answer> {
  const before = await mustFind(collection, parts, request, ruleOf(collection, 'update'));
  if (attributes.id !== undefined && attributes.id !== before.id)
    throw errors.Invalid(`The id of a ${collection.noun} cannot be changed.`);
  const row = await transact(parts.database, async (tx) => {
    const values = toColumns(collection, attributes, before);
    const change = { tx, parts, request, values, before };
    const prepared = collection.prepare ? await collection.prepare(change) : values;
    const stored = await updateRow(tx, collection, before, prepared);
    await collection.stored?.(stored, change);
    await note(tx, collection, 'updated', stored, request);
    return stored;
  });
  return json({ [collection.member]: await collection.present(row, request, parts) });
}

/** The event log gets the name and who did it; never what else a row holds. */
function note(tx: Transaction, { member }: Collection, what: string, row: Row, { context }: ApiRequest): Promise<void> {
  return appendEvent(tx, {
    kind: `identity.${member}.${what}`,
    subject: `${member}:${String(row.id)}`,
    projectId: context.caller.projectId ?? null,
    requestId: context.requestId,
    payload: { name: row.name ?? null, by: context.caller.userId },
  });
}
