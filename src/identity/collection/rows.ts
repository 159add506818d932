// Reads and writes the rows of a collection.
import { sql } from 'kysely';
import { errors } from '../errors.ts';
import { all, type Connection, first, newId, sqlState } from '../store.ts';
import type { Collection, Row } from './collection.ts';

export function findRow(db: Connection, collection: Collection, id: string): Promise<Row | undefined> {
  return first(db, sql<Row>`select * from ${sql.table(collection.table)} where id = ${id}`);
}

/** Attributes of a body as columns: those without a column go to `extra`, on top of what is there. */
export function toColumns(collection: Collection, attributes: Row, before?: Row): Row {
  const values: Record<string, unknown> = {};
  const extra: Record<string, unknown> = { ...(before ? Object(before.extra) : {}) };
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'links' || (name === 'id' && (before || !collection.columns.includes('id')))) continue;
    if (collection.columns.includes(name)) values[name] = value;
    else if (collection.keepsExtra) extra[name] = value;
  }
  return collection.keepsExtra ? { ...values, extra } : values;
}

export async function insertRow(db: Connection, collection: Collection, values: Row): Promise<Row> {
  const row = { id: newId(), ...values };
  const names = Object.keys(row);
  const stored = await explained(collection, values, () =>
    first(
      db,
      sql<Row>`insert into ${sql.table(collection.table)} (${sql.join(names.map((name) => sql.ref(name)))})
        values (${sql.join(Object.values(row))}) returning *`,
    ),
  );
  if (!stored) throw new Error(`inserting into ${collection.table} returned no row`);
  return stored;
}

export async function updateRow(db: Connection, collection: Collection, before: Row, values: Row): Promise<Row> {
  const names = Object.keys(values);
  if (names.length === 0) return before;
  const assignments = names.map((name) => sql`${sql.ref(name)} = ${values[name]}`);
  const stored = await explained(collection, values, () =>
    first(
      db,
      sql<Row>`update ${sql.table(collection.table)} set ${sql.join(assignments)} where id = ${before.id} returning *`,
    ),
  );
  if (!stored) throw errors.NotFound(collection.noun, String(before.id));
  return stored;
}

export async function deleteRow(db: Connection, collection: Collection, id: string): Promise<void> {
  await explained(collection, { id }, () => all(db, sql`delete from ${sql.table(collection.table)} where id = ${id}`));
}

/** Turns what the database refuses into errors that name the thing. */
async function explained<T>(collection: Collection, values: Row, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    switch (sqlState(error)) {
      case '23505':
        throw errors.Conflict(
          collection.noun,
          collection.duplicate?.(values) ?? `Duplicate entry found with name ${String(values.name ?? values.id)}`,
        );
      case '23503':
        throw errors.InUse(collection.noun, String(values.id ?? values.name ?? ''), 'other resources');
      default:
        throw error;
    }
  }
}
