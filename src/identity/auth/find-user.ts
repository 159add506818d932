// Finds the user that a login or a request names.
import { sql } from 'kysely';
import { errors } from '../errors.ts';
import { type Connection, defaultDomainId, first, type UserRow } from '../store.ts';
import type { UserReference } from './schema.ts';

/** The user by id, or by name in a domain (the default one when none is named); undefined when there is none. */
export async function findUser(db: Connection, wanted: UserReference): Promise<UserRow | undefined> {
  if (wanted.id !== undefined) return first(db, sql<UserRow>`select * from identity_users where id = ${wanted.id}`);
  if (wanted.name === undefined) throw errors.Invalid('The user must be named by id, or by name and domain.');
  const byName = wanted.domain?.name;
  const domain =
    byName === undefined
      ? sql`${wanted.domain?.id ?? defaultDomainId}`
      : sql`(select id from identity_projects where is_domain and name = ${byName})`;
  return first(db, sql<UserRow>`select * from identity_users where name = ${wanted.name} and domain_id = ${domain}`);
}
