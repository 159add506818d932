// The condition that a page's rows meet: they stand behind the marker, in whatever order, also where keys are null.
import { type RawBuilder, sql } from 'kysely';

/**
 * `markerId`: `id` of the row that the page before ended with. Its key is compared where it stands: in this program's hands
 * a time would lose its microseconds. PostgreSQL puts nulls last when ascending, first when descending.
 */
export function behindMarker(
  table: string,
  sortKey: string,
  sortDir: 'asc' | 'desc',
  markerId: number,
): RawBuilder<boolean> {
  const than = sql.raw(sortDir === 'asc' ? '>' : '<');
  const behindId = sql<boolean>`id ${than} ${markerId}`;
  if (sortKey === 'id') return behindId;
  const key = sql.ref(sortKey);
  const marker = sql`(select ${key} from ${sql.table(table)} where id = ${markerId})`;
  const nulls =
    sortDir === 'asc'
      ? sql`(${key} is null and ${marker} is not null)`
      : sql`(${key} is not null and ${marker} is null)`;
  return sql<boolean>`(${key} ${than} ${marker} or ${nulls} or (${key} is not distinct from ${marker} and ${behindId}))`;
}
