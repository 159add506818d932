// Turns the query of a list into SQL: attribute filters with Keystone's comparators, limit and marker.
import { type RawBuilder, sql } from 'kysely';
import { errors } from '../errors.ts';
import type { Collection, FilterKind } from './collection.ts';

const comparators: Readonly<Record<string, { readonly pattern: (text: string) => string; readonly fold: boolean }>> = {
  contains: { pattern: (text) => `%${text}%`, fold: false },
  icontains: { pattern: (text) => `%${text}%`, fold: true },
  startswith: { pattern: (text) => `${text}%`, fold: false },
  istartswith: { pattern: (text) => `${text}%`, fold: true },
  endswith: { pattern: (text) => `%${text}`, fold: false },
  iendswith: { pattern: (text) => `%${text}`, fold: true },
};

/** The conditions that the query asks for; names that are no filter of the collection are ignored, as Keystone does. */
export function conditions(collection: Collection, search: URLSearchParams): RawBuilder<unknown>[] {
  const found: RawBuilder<unknown>[] = [];
  for (const [name, value] of search) {
    const [attribute = '', comparator] = name.split('__');
    const kind = collection.filters[attribute];
    if (kind === undefined) continue;
    found.push(condition(attribute, kind, comparator, value));
  }
  return found;
}

function condition(
  attribute: string,
  kind: FilterKind,
  comparator: string | undefined,
  value: string,
): RawBuilder<unknown> {
  if (typeof kind === 'function') return kind(value);
  if (kind === 'boolean') return sql`${sql.ref(attribute)} = ${isTrue(value)}`;
  if (comparator === undefined) return sql`${sql.ref(attribute)} = ${value}`;
  const how = comparators[comparator];
  if (!how)
    throw errors.Invalid(
      `The comparator ${comparator} of ${attribute} is not one of ${Object.keys(comparators).join(', ')}.`,
    );
  const pattern = how.pattern(value.replace(/[\\%_]/g, '\\$&'));
  return how.fold ? sql`${sql.ref(attribute)} ilike ${pattern}` : sql`${sql.ref(attribute)} like ${pattern}`;
}

/** A flag in a query: `?enabled` alone is true; `0`, `false`, `no` and their like are false. */
export function isTrue(value: string): boolean {
  return !['0', 'false', 'no', 'off', 'f', 'n'].includes(value.toLowerCase());
}

/** `limit` of the query, rows; undefined when there is none. */
export function pageLimit(search: URLSearchParams): number | undefined {
  const text = search.get('limit');
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw errors.Invalid(`limit is a whole number, not ${text}.`);
  return Number(text) === 0 ? undefined : Number(text);
}
