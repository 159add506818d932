// The last inspection of each node: begun, ended, and where it stands in the words of Ironic Inspector.
import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import { time } from '../document/fields.ts';
import { tables } from '../store.ts';
import { errors } from './errors.ts';

/** States of Inspector; not all of them are met here. */
export const introspectionStates = [
  'aborting',
  'enrolling',
  'error',
  'finished',
  'processing',
  'reapplying',
  'starting',
  'waiting',
] as const;
type State = (typeof introspectionStates)[number];

/** Notes that an inspection of the node begins, or that one is applied anew. */
export async function beginIntrospection(tx: Transaction, node: string): Promise<void> {
  const row = { started_at: new Date(), finished_at: null, error: null };
  await tables(tx)
    .insertInto('baremetal_introspections')
    .values({ node_uuid: node, ...row })
    .onConflict((conflict) => conflict.column('node_uuid').doUpdateSet(row))
    .execute();
}

/** Notes how it ended; `error` is null for success. */
export async function endIntrospection(tx: Transaction, node: string, error: string | null): Promise<void> {
  await tables(tx)
    .updateTable('baremetal_introspections')
    .set({ finished_at: new Date(), error })
    .where('node_uuid', '=', node)
    .execute();
}

export interface Introspection {
  readonly uuid: string;
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly error: string | null;
  readonly state: State;
}

/** An inspection that was parked and is taken up again has ended before: the node's own state counts first. */
const introspections = sql`
  select i.node_uuid as uuid, i.started_at, i.finished_at, i.error, case
    when n.provision_state = 'inspect wait' then 'waiting'
    when n.provision_state = 'inspecting' then 'processing'
    when i.finished_at is null then 'reapplying'
    when i.error is null then 'finished'
    else 'error' end as state
  from baremetal_introspections i join baremetal_nodes n on n.uuid = i.node_uuid`;

export async function findIntrospection(database: Database, node: string): Promise<Introspection | undefined> {
  const found = await sql<Introspection>`${introspections} where i.node_uuid = ${node}`.execute(database);
  return found.rows[0];
}

export interface StatusQuery {
  readonly limit: number;
  readonly marker: string | undefined;
  readonly states: readonly string[] | undefined;
}

/** The newest first. Throws IntrospectionNotFound for a marker that is gone. */
export async function listIntrospections(
  database: Database,
  { limit, marker, states }: StatusQuery,
): Promise<Introspection[]> {
  const after = marker === undefined ? undefined : await findIntrospection(database, marker);
  if (marker !== undefined && !after) throw errors.IntrospectionNotFound(marker);
  const conditions = [
    ...(after
      ? [sql`(started_at < ${after.started_at} or (started_at = ${after.started_at} and uuid > ${after.uuid}))`]
      : []),
    ...(states ? [sql`state = any(${states})`] : []),
  ];
  const where = conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
  const found = await sql<Introspection>`
    select * from (${introspections}) all_of_them where ${where} order by started_at desc, uuid limit ${limit}`.execute(
    database,
  );
  return found.rows;
}

/** As the API shows it. */
export function statusDocument(baseUrl: string, { uuid, started_at, finished_at, error, state }: Introspection) {
  const finished = state === 'finished' || state === 'error';
  return {
    uuid,
    state,
    finished,
    error: finished ? error : null,
    started_at: time(started_at),
    finished_at: finished ? time(finished_at) : null,
    links: [{ href: `${baseUrl}/v1/introspection/${uuid}`, rel: 'self' }],
  };
}
