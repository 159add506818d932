// Endpoint filtering (OS-EP-FILTER): projects that are associated with endpoints see only those.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { all } from '../store.ts';
import type { EndpointRow } from './catalog.ts';

export type EndpointFilter = (projectId: string, endpoints: readonly EndpointRow[]) => readonly EndpointRow[];

type GroupFilters = Readonly<Record<string, unknown>>;

/** Does an endpoint belong to an endpoint group? Filters name endpoint attributes, all of which must match. */
export function inGroup(
  endpoint: Pick<EndpointRow, 'interface' | 'region_id' | 'service_id'>,
  filters: GroupFilters,
): boolean {
  return Object.entries(filters).every(([key, value]) => {
    if (key === 'interface') return endpoint.interface === value;
    if (key === 'region_id') return endpoint.region_id === value;
    return key === 'service_id' ? endpoint.service_id === value : false;
  });
}

/** Reads all associations. A project without any sees every endpoint (Keystone's return_all_endpoints_if_no_filter). */
export async function endpointsOfProject(database: Database): Promise<EndpointFilter> {
  const single = await all(
    database,
    sql<{ project_id: string; endpoint_id: string }>`select project_id, endpoint_id from identity_project_endpoints`,
  );
  const groups = await all(
    database,
    sql<{ project_id: string; filters: GroupFilters }>`select pg.project_id, g.filters
      from identity_project_endpoint_groups pg join identity_endpoint_groups g on g.id = pg.endpoint_group_id`,
  );
  return (projectId, endpoints) => {
    const ids = new Set(single.filter((one) => one.project_id === projectId).map((one) => one.endpoint_id));
    const mine = groups.filter((one) => one.project_id === projectId);
    if (ids.size === 0 && mine.length === 0) return endpoints;
    return endpoints.filter(
      (endpoint) => ids.has(endpoint.id) || mine.some(({ filters }) => inGroup(endpoint, filters)),
    );
  };
}
