// Rows of identity's tables, and how the parts run their SQL.
import { randomUUID } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';

/** A pool or a transaction of it. */
export type Connection = Database | Transaction;

/** A new id as Keystone writes them: a UUID in 32 hexadecimal digits. */
export function newId(): string {
  return randomUUID().replaceAll('-', '');
}

/** The id of the domain that exists from the start. */
export const defaultDomainId = 'default';

export type ProjectRow = {
  readonly id: string;
  readonly name: string;
  readonly is_domain: boolean;
  readonly domain_id: string | null;
  readonly parent_id: string | null;
  readonly description: string;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly extra: Readonly<Record<string, unknown>>;
};

export type UserRow = {
  readonly id: string;
  readonly name: string;
  readonly domain_id: string;
  readonly default_project_id: string | null;
  readonly enabled: boolean;
  readonly password_hash: string | null;
  readonly password_created_at: Date | null;
  readonly password_expires_at: Date | null;
  readonly password_by_admin: boolean;
  readonly failed_auths: number;
  readonly failed_auth_at: Date | null;
  readonly last_active_on: Date | null;
  readonly tokens_valid_from: Date;
  readonly options: Readonly<Record<string, unknown>>;
};

/** The first row of a query, or undefined. */
export async function first<Row>(db: Connection, query: RawBuilder<Row>): Promise<Row | undefined> {
  return (await query.execute(db)).rows[0];
}

export async function all<Row>(db: Connection, query: RawBuilder<Row>): Promise<Row[]> {
  return (await query.execute(db)).rows;
}

export function projectById(db: Connection, id: string): Promise<ProjectRow | undefined> {
  return first(db, sql<ProjectRow>`select * from identity_projects where id = ${id}`);
}

export function userById(db: Connection, id: string): Promise<UserRow | undefined> {
  return first(db, sql<UserRow>`select * from identity_users where id = ${id}`);
}

/** The PostgreSQL error code of a failed statement, such as `23505` for a duplicate. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
