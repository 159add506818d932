// Lists nodes: filters, order, paging.
import { type ExpressionBuilder, sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { atLeast, type Microversion } from '../../openstack/index.ts';
import { behindMarker } from '../document/behind-marker.ts';
import type { Versioned } from '../document/cache.ts';
import { isName, isUuid } from '../document/names.ts';
import { flag, type ListQuery, listing } from '../document/paging.ts';
import { errors } from '../errors.ts';
import { type BaremetalTables, type NodeRow, tables } from '../store.ts';
import { isProvisionState } from './states.ts';

export type Where = (on: ExpressionBuilder<BaremetalTables, 'baremetal_nodes'>) => ReturnType<typeof sql<boolean>>;

/** Query key -> the first microversion that has it. */
const since: Readonly<Record<string, string>> = {
  provision_state: '1.9',
  driver: '1.16',
  resource_class: '1.21',
  fault: '1.42',
  conductor_group: '1.46',
  conductor: '1.49',
  owner: '1.50',
  description_contains: '1.51',
  retired: '1.61',
  lessee: '1.65',
  shard: '1.82',
  sharded: '1.82',
  parent_node: '1.83',
  include_children: '1.83',
};

/** What lists of nodes may be asked. */
export const nodeQueries = [
  ...listing,
  ...Object.keys(since),
  'associated',
  'chassis_uuid',
  'instance_uuid',
  'maintenance',
  'project',
];

const faults = ['power failure', 'power deviation', 'clean failure', 'rescue abort failure', 'service failure'];

/** Filters of GET /v1/nodes. Throws 406 for one that the version does not have, 400 for bad values. */
export function nodeFilters(
  search: URLSearchParams,
  version: Microversion,
  host: string,
  /** Only nodes that this project owns or leases. */
  project?: string,
): Where[] {
  for (const [key, first] of Object.entries(since)) {
    if (search.has(key) && !atLeast(version, first)) {
      throw errors.NotAcceptable(`Filtering by ${key} needs microversion ${first} or newer.`);
    }
  }
  const filters: Where[] = [];
  if (project !== undefined) filters.push(() => sql<boolean>`(owner = ${project} or lessee = ${project})`);
  const exact = (key: string, column: string, value = search.get(key)) => {
    if (value !== null) filters.push(() => sql<boolean>`${sql.ref(column)} = ${value}`);
  };
  const yesNo = (key: string, condition: string) => {
    const value = flag(search, key);
    if (value !== undefined) filters.push(() => sql<boolean>`(${sql.raw(condition)}) = ${value}`);
  };
  const instance = search.get('instance_uuid');
  if (instance !== null) {
    if (!isUuid(instance)) throw errors.InvalidUuid(instance);
    exact('instance_uuid', 'instance_uuid');
  }
  const state = search.get('provision_state');
  if (state !== null && !isProvisionState(state)) throw errors.Invalid(`Provision state "${state}" is not valid`);
  exact('provision_state', 'provision_state');
  exact('driver', 'driver');
  exact('resource_class', 'resource_class');
  const fault = search.get('fault');
  if (fault !== null && !faults.includes(fault)) {
    throw errors.Invalid(`Unrecognized fault "${fault}" is specified, allowed faults are ${faults.join(', ')}`);
  }
  exact('fault', 'fault');
  exact('conductor_group', 'conductor_group', search.get('conductor_group')?.toLowerCase() ?? null);
  exact('owner', 'owner');
  exact('lessee', 'lessee');
  yesNo('associated', 'instance_uuid is not null');
  yesNo('maintenance', 'maintenance');
  yesNo('retired', 'retired');
  yesNo('sharded', 'shard is not null');
  const conductor = search.get('conductor');
  if (conductor !== null && conductor !== host) filters.push(() => sql<boolean>`false`);
  const words = search.get('description_contains');
  if (words !== null) filters.push(() => sql<boolean>`position(${words.toLowerCase()} in lower(description)) > 0`);
  const shards = search.getAll('shard').flatMap((text) => text.split(','));
  if (shards.length > 0) filters.push(() => sql<boolean>`shard = any(${shards})`);
  const parent = search.get('parent_node');
  if (parent !== null) {
    if (!isUuid(parent) && !isName(parent)) throw errors.InvalidIdent(parent);
    const column = sql.ref(isUuid(parent) ? 'uuid' : 'name');
    filters.push(
      () =>
        sql<boolean>`parent_node = (select uuid from baremetal_nodes as parents where parents.${column} = ${parent})`,
    );
  } else if (flag(search, 'include_children') !== true) filters.push(() => sql<boolean>`parent_node is null`);
  const chassis = search.get('chassis_uuid');
  if (chassis !== null) {
    if (!isUuid(chassis)) throw errors.InvalidUuid(chassis);
    exact('chassis_uuid', 'chassis_uuid');
  }
  return filters;
}

/** A page of nodes. Throws NodeNotFound for a marker that is gone. */
export async function listNodes(
  database: Database,
  filters: readonly Where[],
  query: ListQuery,
  columns: readonly (keyof NodeRow)[] | undefined,
): Promise<NodeRow[]> {
  const { ordered } = await pageOfNodes(database, filters, query);
  if (columns === undefined) return ordered.selectAll().execute();
  return ordered
    .select([...new Set<keyof NodeRow>(['id', 'uuid', ...columns])])
    .$castTo<NodeRow>()
    .execute();
}

export interface NodeVersion extends Versioned {
  readonly uuid: string;
}

/** The same page as row versions alone: xmin is the transaction that wrote a row last (PostgreSQL, "System Columns"). */
export async function listNodeVersions(
  database: Database,
  filters: readonly Where[],
  query: ListQuery,
): Promise<NodeVersion[]> {
  const { ordered } = await pageOfNodes(database, filters, query);
  return ordered.select(['id', 'uuid', sql<string>`xmin::text || ctid::text`.as('version')]).execute();
}

async function pageOfNodes(database: Database, filters: readonly Where[], query: ListQuery) {
  const { sortDir } = query;
  let rows = tables(database).selectFrom('baremetal_nodes');
  for (const filter of filters) rows = rows.where(filter);
  if (query.marker !== undefined) {
    if (!isUuid(query.marker)) throw errors.InvalidUuid(query.marker);
    const marker = await tables(database)
      .selectFrom('baremetal_nodes')
      .select('id')
      .where('uuid', '=', query.marker)
      .executeTakeFirst();
    if (!marker) throw errors.NodeNotFound(query.marker);
    rows = rows.where(behindMarker('baremetal_nodes', query.sortKey, sortDir, marker.id));
  }
  if (query.sortKey !== 'id')
    rows = rows.orderBy(sql.ref(query.sortKey), (by) => (sortDir === 'asc' ? by.asc() : by.desc()));
  // In an object, for a query is not to be awaited before it is whole.
  return { ordered: rows.orderBy('id', sortDir).limit(query.limit) };
}
