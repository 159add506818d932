// How much a project may have: limits in the database, what is used counted when it is asked.
import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import { inTables, tables } from '../tables.ts';

/** What is limited, each where it is created. */
export const limited = ['instances', 'cores', 'ram', 'key_pairs', 'server_groups'] as const;
export type Limited = (typeof limited)[number];
export type Amounts = Readonly<Record<Limited, number>>;

export const unlimited = -1;
const none: Amounts = { instances: 0, cores: 0, ram: 0, key_pairs: 0, server_groups: 0 };

export const scopeOf = { project: (id: string) => `project:${id}`, defaults: 'class:default' };

/** Limits of a scope: its own, then the defaults, then none. */
export async function limitsOf(connection: Database | Transaction, scope: string): Promise<Amounts> {
  const rows = await connection
    .withTables<{ compute_quotas: { scope: string; resource: string; hard_limit: number } }>()
    .selectFrom('compute_quotas')
    .selectAll()
    .where('scope', 'in', [scope, scopeOf.defaults])
    .execute();
  const limit = (resource: Limited) =>
    rows.find((row) => row.scope === scope && row.resource === resource)?.hard_limit ??
    rows.find((row) => row.resource === resource)?.hard_limit ??
    unlimited;
  return {
    instances: limit('instances'),
    cores: limit('cores'),
    ram: limit('ram'),
    key_pairs: limit('key_pairs'),
    server_groups: limit('server_groups'),
  };
}

/** What a project uses. Key pairs belong to users: their number is told where one is made. */
export async function usesOf(connection: Database | Transaction, projectId: string): Promise<Amounts> {
  const { rows } = await sql<{ instances: number; cores: number; ram: number; server_groups: number }>`
    select count(*)::int as instances, coalesce(sum((flavor->>'vcpus')::int), 0)::int as cores,
      coalesce(sum((flavor->>'ramMb')::bigint), 0)::float8 as ram,
      (select count(*)::int from compute_server_groups where project_id = ${projectId}) as server_groups
    from compute_servers where project_id = ${projectId}`.execute(connection);
  return { ...none, ...rows[0] };
}

/** Refuses what would be more than the project may have. Two requests at once are counted one after the other. @throws ApiError */
export async function claimQuota(
  tx: Transaction,
  projectId: string,
  wanted: Partial<Amounts>,
  used?: Partial<Amounts>,
): Promise<void> {
  const limits = await limitsOf(tx, scopeOf.project(projectId));
  const asked = limited.filter((name) => (wanted[name] ?? 0) > 0 && limits[name] !== unlimited);
  if (asked.length === 0) return;
  await sql`select pg_advisory_xact_lock(hashtext(${`compute quota ${projectId}`}))`.execute(tx);
  const uses = { ...(await usesOf(tx, projectId)), ...used };
  for (const name of asked) {
    const more = wanted[name] ?? 0;
    if (uses[name] + more > limits[name]) throw errors.QuotaExceeded(name, more, uses[name], limits[name]);
  }
}

export async function setLimits(database: Database, scope: string, limits: Partial<Amounts>): Promise<void> {
  const rows = limited.flatMap((resource) => {
    const hard_limit = limits[resource];
    return hard_limit === undefined ? [] : [{ scope, resource, hard_limit }];
  });
  if (rows.length === 0) return;
  await tables(database)
    .insertInto('compute_quotas')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['scope', 'resource']).doUpdateSet({ hard_limit: (row) => row.ref('excluded.hard_limit') }),
    )
    .execute();
}

export async function clearLimits(database: Database, scope: string): Promise<void> {
  await database
    .transaction()
    .execute((tx) => inTables(tx).deleteFrom('compute_quotas').where('scope', '=', scope).execute());
}
