// Handlers for aggregates: named groups of hosts with metadata. There is one host, this program; its machines are placement's affair.
import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, atLeast, empty, json, type RequestContext } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { microseconds } from '../links.ts';
import { zoneName } from '../server/order.ts';
import { type AggregateRow, inTables, type Texts, tables } from '../tables.ts';

type Request<Body = unknown> = ApiRequest<unknown, Body>;

const name = Type.String({ minLength: 1, maxLength: 255, pattern: '^(?!\\s)[^\\u0000]*(?<!\\s)$' });
const zone = Type.Union([Type.String({ minLength: 1, maxLength: 255 }), Type.Null()]);
const host = Type.Object(
  { host: Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' }) },
  { additionalProperties: false },
);

export const newAggregate = Type.Object(
  {
    aggregate: Type.Object({ name, availability_zone: Type.Optional(zone) }, { additionalProperties: false }),
  },
  { additionalProperties: false },
);
export const aggregateChange = Type.Object(
  {
    aggregate: Type.Object(
      { name: Type.Optional(name), availability_zone: Type.Optional(zone) },
      { additionalProperties: false, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);
export const aggregateAction = Type.Union([
  Type.Object({ add_host: host }, { additionalProperties: false }),
  Type.Object({ remove_host: host }, { additionalProperties: false }),
  Type.Object(
    {
      set_metadata: Type.Object(
        {
          metadata: Type.Record(
            Type.String({ pattern: '^[a-zA-Z0-9-_:. ]{1,255}$' }),
            Type.Union([Type.String({ maxLength: 255, pattern: '^[^\\u0000]*$' }), Type.Null()]),
            { additionalProperties: false },
          ),
        },
        { additionalProperties: false },
      ),
    },
    { additionalProperties: false },
  ),
]);

export function aggregateHandlers(database: Database, ownHost: string) {
  async function find({ params }: Pick<Request, 'params'>): Promise<AggregateRow> {
    const id = params.aggregate ?? '';
    const row = /^\d{1,9}$/.test(id)
      ? await tables(database)
          .selectFrom('compute_aggregates')
          .selectAll()
          .where('id', '=', Number(id))
          .executeTakeFirst()
      : undefined;
    if (!row) throw errors.AggregateNotFound(id);
    return row;
  }

  /** Changes the row as it is at that moment. @throws ApiError */
  async function change(
    request: Request,
    edit: (now: AggregateRow) => { name?: string; metadata?: string; hosts?: readonly string[] },
  ) {
    const { id } = await find(request);
    const after = await database.transaction().execute(async (tx) => {
      const db = inTables(tx);
      const now = await db
        .selectFrom('compute_aggregates')
        .selectAll()
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst();
      if (!now) throw errors.AggregateNotFound(String(id));
      const changed = edit(now);
      if (changed.name !== undefined && changed.name !== now.name) {
        const taken = await db
          .selectFrom('compute_aggregates')
          .select('id')
          .where('name', '=', changed.name)
          .executeTakeFirst();
        if (taken) throw errors.AggregateExists(changed.name);
      }
      return db
        .updateTable('compute_aggregates')
        .set({ ...changed, updated_at: sql<Date>`now()` })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
    });
    return json({ aggregate: view(after, request.context) });
  }

  return {
    async list({ context }: Request) {
      const rows = await tables(database).selectFrom('compute_aggregates').selectAll().orderBy('id').execute();
      return json({ aggregates: rows.map((row) => view(row, context)) });
    },

    show: async (request: Request) => json({ aggregate: view(await find(request), request.context) }),

    async create({ body, context }: Request<Static<typeof newAggregate>>) {
      const given = body.aggregate;
      const row = await tables(database)
        .insertInto('compute_aggregates')
        .values({
          uuid: randomUUID(),
          name: given.name,
          metadata: JSON.stringify(withZone({}, given.availability_zone)),
          updated_at: null,
        })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returningAll()
        .executeTakeFirst();
      if (!row) throw errors.AggregateExists(given.name);
      // Upstream leaves hosts and metadata out of this one answer.
      const { hosts: _hosts, metadata: _metadata, ...shown } = view(row, context);
      return json({ aggregate: shown });
    },

    update: (request: Request<Static<typeof aggregateChange>>) =>
      change(request, (now) => {
        const given = request.body.aggregate;
        return {
          ...(given.name === undefined ? {} : { name: given.name }),
          metadata: JSON.stringify(withZone(now.metadata, given.availability_zone)),
        };
      }),

    async remove(request: Request) {
      const row = await find(request);
      if (row.hosts.length > 0) throw errors.AggregateInUse(row.name);
      await tables(database).deleteFrom('compute_aggregates').where('id', '=', row.id).execute();
      return empty(200);
    },

    action: (request: Request<Static<typeof aggregateAction>>) => {
      const { body } = request;
      return change(request, (now) => {
        if ('add_host' in body) {
          if (body.add_host.host !== ownHost) throw errors.HostNotFound(body.add_host.host);
          if (now.hosts.includes(ownHost)) throw errors.AggregateHasHost(now.name, ownHost);
          return { hosts: [...now.hosts, ownHost] };
        }
        if ('remove_host' in body) {
          const gone = body.remove_host.host;
          if (!now.hosts.includes(gone)) throw errors.AggregateHostNotFound(now.name, gone);
          return { hosts: now.hosts.filter((one) => one !== gone) };
        }
        const { availability_zone: wantedZone, ...metadata } = body.set_metadata.metadata;
        const merged = Object.entries({ ...now.metadata, ...metadata }).flatMap(([key, value]) =>
          value === null ? [] : [[key, value] as const],
        );
        return { metadata: JSON.stringify(withZone(Object.fromEntries(merged), wantedZone)) };
      });
    },
  };
}

/** An aggregate may name the one zone there is, no other. */
function withZone(metadata: Texts, wanted: string | null | undefined): Texts {
  if (wanted === undefined) return metadata;
  const { availability_zone: _before, ...rest } = metadata;
  if (wanted === null) return rest;
  if (wanted !== zoneName) throw errors.ZoneUnknown();
  return { ...rest, availability_zone: wanted };
}

function view(row: AggregateRow, { microversion }: RequestContext) {
  return {
    id: row.id,
    ...(atLeast(microversion, '2.41') ? { uuid: row.uuid } : {}),
    name: row.name,
    availability_zone: row.metadata.availability_zone ?? null,
    hosts: row.hosts,
    metadata: row.metadata,
    created_at: microseconds(row.created_at),
    updated_at: microseconds(row.updated_at),
    deleted: false,
    deleted_at: null,
  };
}
