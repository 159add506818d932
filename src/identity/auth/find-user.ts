// Finds the user that a login or a request names.
import { type RawBuilder, sql } from 'kysely';
import { errors } from '../errors.ts';
import { type Connection, defaultDomainId, first, type UserRow } from '../store.ts';
import type { UserReference } from './schema.ts';

/** A user with what a login needs to know of its domain. */
export type FoundUser = UserRow & { readonly domain_enabled: boolean };

/** The user by id, or by name in a domain (the default one when none is named); undefined when there is none. */
export async function findUser(db: Connection, wanted: UserReference): Promise<FoundUser | undefined> {
  const query = (where: RawBuilder<unknown>) =>
    first(
      db,
      sql<FoundUser>`select u.*, d.enabled as domain_enabled from identity_users u join identity_projects d on d.id = u.domain_id where ${where}`,
    );
  if (wanted.id !== undefined) return query(sql`u.id = ${wanted.id}`);
  if (wanted.name === undefined) throw errors.Invalid('The user must be named by id, or by name and domain.');
  const byName = wanted.domain?.name;
  const domain =
    byName === undefined
      ? sql`${wanted.domain?.id ?? defaultDomainId}`
      : sql`(select id from identity_projects where is_domain and name = ${byName})`;
  return query(sql`u.name = ${wanted.name} and u.domain_id = ${domain}`);
}
