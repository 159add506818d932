// Lists and finds the rows of bare metal's smaller collections: ports, port groups, chassis, allocations, templates, volumes.
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import { type BaremetalTables, tables } from '../store.ts';
import { behindMarker } from './behind-marker.ts';
import { isUuid } from './names.ts';
import type { ListQuery } from './paging.ts';

export type Collection =
  | 'baremetal_ports'
  | 'baremetal_portgroups'
  | 'baremetal_chassis'
  | 'baremetal_allocations'
  | 'baremetal_deploy_templates'
  | 'baremetal_runbooks'
  | 'baremetal_inspection_rules'
  | 'baremetal_volume_connectors'
  | 'baremetal_volume_targets';

/** A row of a collection, as its table declares it. */
export type RowOf<Name extends Collection> = Selectable<BaremetalTables[Name]> & {
  readonly id: number;
  readonly uuid: string;
};

/** A page of rows. Throws `notFound` for a marker that is gone. */
export async function listRows<Name extends Collection>(
  database: Database,
  collection: Name,
  filters: readonly RawBuilder<boolean>[],
  query: ListQuery,
  notFound: (ident: string) => Error,
): Promise<RowOf<Name>[]> {
  const conditions = [...filters];
  if (query.marker !== undefined) {
    const marker = await findRow(database, collection, query.marker);
    if (!marker) throw notFound(query.marker);
    conditions.push(behindMarker(collection, query.sortKey, query.sortDir, marker.id));
  }
  const where = conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
  const key = sql.ref(query.sortKey);
  const direction = sql.raw(query.sortDir);
  const found = await sql<
    RowOf<Name>
  >`select * from ${sql.table(collection)} where ${where} order by ${key} ${direction}, id ${direction} limit ${query.limit}`.execute(
    database,
  );
  return found.rows;
}

/** The row with this UUID, or with this name where the collection has names. `lock` holds it until the transaction ends. */
export async function findRow<Name extends Collection>(
  database: Database | Transaction,
  collection: Name,
  ident: string,
  { named = false, lock = false }: { named?: boolean; lock?: boolean } = {},
): Promise<RowOf<Name> | undefined> {
  const byUuid = isUuid(ident);
  if (!byUuid && !named) return undefined;
  const condition = byUuid ? sql`uuid = ${ident}` : sql`name = ${ident}`;
  const found = await sql<
    RowOf<Name>
  >`select * from ${sql.table(collection)} where ${condition} ${lock ? sql`for update` : sql``}`.execute(database);
  return found.rows[0];
}

export async function removeRow(tx: Transaction, collection: Collection, uuid: string): Promise<void> {
  await tables(tx).deleteFrom(collection).where('uuid', '=', uuid).execute();
}
