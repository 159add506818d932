// How the parts of network run their SQL.
import { randomUUID } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';

/** A pool or a transaction of it. */
export type Connection = Database | Transaction;

/** A row with the API's attribute names. */
export type Row = Readonly<Record<string, unknown>>;

export function newId(): string {
  return randomUUID();
}

export async function first<T>(db: Connection, query: RawBuilder<T>): Promise<T | undefined> {
  return (await query.execute(db)).rows[0];
}

export async function all<T>(db: Connection, query: RawBuilder<T>): Promise<T[]> {
  return (await query.execute(db)).rows;
}

/** The PostgreSQL error code of a failed statement, and the constraint that refused it. */
export function refusal(error: unknown): { readonly code: string; readonly constraint: string } | undefined {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return undefined;
  const constraint = 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : '';
  return { code: error.code, constraint };
}

/** Inserts a row whose keys are column names. Objects and arrays of objects go to jsonb columns, arrays of text to text[]. */
export async function insert(db: Connection, table: string, row: Row): Promise<void> {
  const names = Object.keys(row).map((name) => sql.id(name));
  await sql`insert into ${sql.table(table)} (${sql.join(names)}) values (${sql.join(Object.values(row).map(parameter))})`.execute(
    db,
  );
}

/** Changes a row and raises its revision. */
export async function update(db: Connection, table: string, id: string, changes: Row): Promise<void> {
  const assignments = Object.entries(changes).map(([name, value]) => sql`${sql.id(name)} = ${parameter(value)}`);
  await sql`update ${sql.table(table)} set ${sql.join([...assignments, sql`revision_number = revision_number + 1`, sql`updated_at = now()`])}
    where id = ${id}`.execute(db);
}

function parameter(value: unknown): unknown {
  const nested = Array.isArray(value) && value.some((one) => typeof one === 'object');
  return nested ? JSON.stringify(value) : value;
}

/** A text attribute of a row. */
export function text(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw new TypeError(`attribute ${name} holds no text`);
  return value;
}

export function optionalText(row: Row, name: string): string | undefined {
  const value = row[name];
  return typeof value === 'string' ? value : undefined;
}

export function list(row: Row, name: string): readonly unknown[] {
  const value = row[name];
  return Array.isArray(value) ? value : [];
}

export function texts(row: Row, name: string): string[] {
  return list(row, name).map(String);
}
