// The service catalogue of a token: enabled endpoints with the caller's ids filled in.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import type { Generation } from '../generation.ts';
import { all } from '../store.ts';
import { type EndpointFilter, endpointsOfProject } from './filter.ts';

export interface CatalogEntry {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly {
    readonly id: string;
    readonly interface: string;
    readonly region: string | null;
    readonly region_id: string | null;
    readonly url: string;
  }[];
}

export interface EndpointRow {
  readonly id: string;
  readonly interface: string;
  readonly region_id: string | null;
  readonly url: string;
  readonly service_id: string;
  readonly service_type: string;
  readonly service_name: string | null;
}

export interface Catalog {
  /** The catalogue for a caller; endpoints whose URL needs an id that the caller lacks are left out. */
  entries(
    caller: { readonly userId: string; readonly projectId?: string | undefined },
    at?: Generation,
  ): Promise<CatalogEntry[]>;
}

export function createCatalog(database: Database, generation: () => Promise<number>): Catalog {
  let cached: { generation: number; endpoints: readonly EndpointRow[]; filter: EndpointFilter } | undefined;

  async function load(at: Generation | undefined): Promise<NonNullable<typeof cached>> {
    const current = at ?? (await generation());
    if (cached?.generation === current) return cached;
    const endpoints = await all(
      database,
      sql<EndpointRow>`select e.id, e.interface, e.region_id, e.url, s.id as service_id, s.type as service_type, s.name as service_name
        from identity_endpoints e join identity_services s on s.id = e.service_id
        where e.enabled and s.enabled order by s.type, s.id, e.interface, e.id`,
    );
    cached = { generation: current, endpoints, filter: await endpointsOfProject(database) };
    return cached;
  }
  return {
    async entries({ userId, projectId }, at) {
      const { endpoints, filter } = await load(at);
      const ids: Readonly<Record<string, string | undefined>> = {
        user_id: userId,
        project_id: projectId,
        tenant_id: projectId,
      };
      return group(projectId === undefined ? endpoints : filter(projectId, endpoints), ids);
    },
  };
}

function group(endpoints: readonly EndpointRow[], ids: Readonly<Record<string, string | undefined>>): CatalogEntry[] {
  const byService = new Map<string, CatalogEntry & { endpoints: CatalogEntry['endpoints'][number][] }>();
  for (const row of endpoints) {
    const url = fillIn(row.url, ids);
    if (url === undefined) continue;
    const service = byService.get(row.service_id) ?? {
      id: row.service_id,
      type: row.service_type,
      name: row.service_name ?? '',
      endpoints: [],
    };
    byService.set(row.service_id, service);
    service.endpoints.push({
      id: row.id,
      interface: row.interface,
      region: row.region_id,
      region_id: row.region_id,
      url,
    });
  }
  return [...byService.values()];
}

const variable = /[$%]\((\w+)\)s/g;

/** The URL with `$(project_id)s` and its like filled in; undefined when a value is missing. */
function fillIn(url: string, ids: Readonly<Record<string, string | undefined>>): string | undefined {
  for (const [, name = ''] of url.matchAll(variable)) if (ids[name] === undefined) return undefined;
  return url.replace(variable, (_match, name: string) => ids[name] ?? '');
}
