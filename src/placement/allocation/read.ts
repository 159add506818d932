// Reads what consumers hold.
import { sql } from 'kysely';
import type { Executor } from '../store.ts';

export interface ConsumerRow {
  readonly project_id: string;
  readonly user_id: string;
  readonly consumer_type: string | null;
  readonly generation: number;
}

/** Keyed by provider; the consumer is undefined when it holds nothing. Times in milliseconds since 1970. */
export async function allocationsOfConsumer(database: Executor, consumerUuid: string) {
  const { rows } = await sql<
    ConsumerRow & { uuid: string; provider_generation: number; resource_class: string; used: number; at: Date }
  >`select c.project_id, c.user_id, c.consumer_type, c.generation, p.uuid, p.generation as provider_generation,
      a.resource_class, a.used, a.created_at as at
    from placement_consumers c join placement_allocations a on a.consumer_uuid = c.uuid
    join placement_providers p on p.id = a.provider_id
    where c.uuid = ${consumerUuid} order by p.id, a.resource_class`.execute(database);
  const allocations: Record<string, { resources: Record<string, number>; generation: number }> = {};
  for (const row of rows) {
    const entry = allocations[row.uuid] ?? { resources: {}, generation: row.provider_generation };
    allocations[row.uuid] = entry;
    entry.resources[row.resource_class] = row.used;
  }
  const consumer: ConsumerRow | undefined = rows[0];
  return { allocations, consumer, modified: newest(rows) };
}

/** Keyed by consumer. */
export async function allocationsOnProvider(database: Executor, providerId: number, withGeneration: boolean) {
  const { rows } = await sql<{
    uuid: string;
    generation: number;
    resource_class: string;
    used: number;
    at: Date;
  }>`select c.uuid, c.generation, a.resource_class, a.used, a.created_at as at
    from placement_allocations a join placement_consumers c on c.uuid = a.consumer_uuid
    where a.provider_id = ${providerId} order by c.uuid, a.resource_class`.execute(database);
  const allocations: Record<string, { resources: Record<string, number>; consumer_generation?: number }> = {};
  for (const row of rows) {
    const entry = allocations[row.uuid] ?? {
      resources: {},
      ...(withGeneration ? { consumer_generation: row.generation } : {}),
    };
    allocations[row.uuid] = entry;
    entry.resources[row.resource_class] = row.used;
  }
  return { allocations, modified: newest(rows) };
}

function newest(rows: readonly { readonly at: Date }[]): number {
  return rows.reduce((latest, row) => Math.max(latest, row.at.getTime()), 0) || Date.now();
}
