// Lists traits by name, prefix and use.
import { sql } from 'kysely';
import { errors } from '../errors.ts';
import type { Executor } from '../store.ts';

export interface TraitListFilter {
  readonly names?: readonly string[];
  readonly prefix?: string;
  /** True: only traits that some provider has; false: only those that none has. */
  readonly associated?: boolean;
}

/** Reads `name` (`in:A,B` or `startswith:PREFIX`) and `associated`. Throws BadTraitFilter, BadAssociated. */
export function readTraitFilter(query: Readonly<Record<string, string>>): TraitListFilter {
  const filter: { names?: string[]; prefix?: string; associated?: boolean } = {};
  if (query.name !== undefined) {
    const colon = query.name.indexOf(':');
    if (colon < 0) throw errors.BadTraitFilter(query.name);
    const value = query.name.slice(colon + 1);
    if (query.name.startsWith('in:')) filter.names = value.split(',');
    else if (query.name.startsWith('startswith:')) filter.prefix = value;
  }
  if (query.associated !== undefined) {
    const text = query.associated.toLowerCase();
    if (text !== 'true' && text !== 'false') throw errors.BadAssociated();
    filter.associated = text === 'true';
  }
  return filter;
}

/** Names in order, and when the newest of them was made (milliseconds; now when there is none). */
export async function listTraits(
  database: Executor,
  { names, prefix, associated }: TraitListFilter,
): Promise<{ names: string[]; modified: number }> {
  const { rows } = await sql<{ name: string; at: Date }>`select name, updated_at as at from placement_traits t
    where (${names === undefined} or name = any (${names ?? []}::text[]))
      and starts_with(name, ${prefix ?? ''})
      and (${associated === undefined} or ${associated === true} = exists
        (select from placement_provider_traits p where p.trait = t.name))
    order by name`.execute(database);
  const modified = rows.reduce((latest, row) => Math.max(latest, row.at.getTime()), 0) || Date.now();
  return { names: rows.map((row) => row.name), modified };
}
