// Which resource classes and traits exist.
import { sql } from 'kysely';
import type { ProviderIndex } from './provider-index/index.ts';
import type { Executor } from './store.ts';

type Table = 'placement_resource_classes' | 'placement_traits';

/** Those of `names` that do not exist. A name that some provider uses is not looked up: it cannot have been deleted. */
export async function unknownNames(
  database: Executor,
  table: Table,
  names: Iterable<string>,
  index?: ProviderIndex,
): Promise<string[]> {
  const inUse = (name: string) =>
    index !== undefined && (table === 'placement_traits' ? index.usesTrait(name) : index.usesClass(name));
  const asked = [...new Set(names)].filter((name) => !inUse(name));
  if (asked.length === 0) return [];
  const { rows } = await sql<{
    name: string;
  }>`select name from unnest(${asked}::text[]) as name where name not in (select name from ${sql.table(table)})`.execute(
    database,
  );
  return rows.map((row) => row.name);
}

/** Makes the custom names among `names` that do not exist. */
export async function ensureCustomNames(database: Executor, table: Table, names: readonly string[]): Promise<void> {
  const custom = names.filter((name) => /^CUSTOM_[A-Z0-9_]+$/.test(name) && name.length <= 255);
  if (custom.length === 0) return;
  await sql`insert into ${sql.table(table)} (name) select unnest(${custom}::text[]) on conflict do nothing`.execute(
    database,
  );
}
