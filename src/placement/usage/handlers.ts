// The routes of usages: of one provider, and of a project over all providers.
import { sql } from 'kysely';
import { acceptsJson, answer, checkQuery, since } from '../http/index.ts';
import type { Handler, Parts } from '../parts.ts';
import { findProvider } from '../provider/find.ts';
import * as schemas from '../schemas.ts';
import type { Executor } from '../store.ts';

export function usageHandlers({ database, follower }: Parts): Record<'ofProvider' | 'total', Handler> {
  return {
    async ofProvider(request) {
      acceptsJson(request);
      const { provider } = await findProvider(follower, request.params.uuid ?? '');
      const usages = Object.fromEntries([...provider.inventories].map(([name, { used }]) => [name, used]));
      return answer(request, { resource_provider_generation: provider.generation, usages });
    },

    async total(request) {
      acceptsJson(request);
      request.enforce('placement:usages', { project_id: request.search.get('project_id') });
      const query = checkQuery(request, schemas.schemaAt(schemas.totalUsages, request.context.microversion.minor));
      const project = query.project_id ?? '';
      if (!since(request, 38)) {
        const sums = await sumUsages(database, project, query.user_id, 'all');
        return answer(request, { usages: sums.get('all')?.usages ?? {} });
      }
      const sums = await sumUsages(database, project, query.user_id, query.consumer_type);
      const usages: Record<string, Record<string, number>> = {};
      for (const [type, { consumers, usages: held }] of sums) usages[type] = { ...held, consumer_count: consumers };
      return answer(request, { usages });
    },
  };
}

interface Sum {
  /** Consumers of this type that hold anything. */
  readonly consumers: number;
  readonly usages: Record<string, number>;
}

/**
 * Sums by consumer type; `all` puts every type under one key, `unknown` takes only consumers without a type, another name
 * only those of that type.
 */
async function sumUsages(
  database: Executor,
  projectId: string,
  userId: string | undefined,
  consumerType: string | undefined,
): Promise<Map<string, Sum>> {
  const { rows } = await sql<{ type: string; consumers: number; resource_class: string; used: number }>`
    with held as (
      select ${
        consumerType === 'all' ? sql`'all'` : sql`coalesce(c.consumer_type, 'unknown')`
      } as type, c.uuid, a.resource_class, a.used
      from placement_consumers c join placement_allocations a on a.consumer_uuid = c.uuid
      where c.project_id = ${projectId} and (${userId === undefined} or c.user_id = ${userId ?? ''})),
    counted as (select type, count(distinct uuid) as consumers from held group by type)
    select held.type, counted.consumers, held.resource_class, sum(held.used) as used
    from held join counted using (type)
    where ${consumerType === undefined} or held.type = ${consumerType ?? ''}
    group by 1, 2, 3 order by 1, 3`.execute(database);
  const sums = new Map<string, Sum>();
  for (const row of rows) {
    const sum = sums.get(row.type) ?? { consumers: row.consumers, usages: {} };
    sum.usages[row.resource_class] = row.used;
    sums.set(row.type, sum);
  }
  return sums;
}
