// Makes what every cloud begins with: the default domain, the roles, the administrator, the catalogue.
import { sql } from 'kysely';
import type { Transaction } from '../database/index.ts';
import type { PasswordHasher } from './password/hash.ts';
import { type Connection, defaultDomainId, first, newId } from './store.ts';

export interface BootstrapOptions {
  readonly adminPassword: string;
  readonly region: string;
  readonly endpoints: readonly { readonly type: string; readonly name: string; readonly url: string }[];
}

export const adminUserName = 'admin';
/** Prior roles with the role that each implies. */
const impliedRoles: Readonly<Record<string, string | undefined>> = {
  admin: 'manager',
  manager: 'member',
  member: 'reader',
  reader: undefined,
  service: undefined,
};

/** Idempotent; a password or URL that differs from the stored one replaces it. Safe when several processes start at once. */
export async function bootstrap(
  database: Connection,
  hasher: PasswordHasher,
  now: Date,
  options: BootstrapOptions,
): Promise<void> {
  await database.transaction().execute(async (tx) => {
    await sql`lock table identity_projects in share row exclusive mode`.execute(tx);
    await sql`insert into identity_projects (id, name, is_domain, description)
      values (${defaultDomainId}, 'Default', true, 'The default domain') on conflict do nothing`.execute(tx);
    const projectId = await project(tx, 'admin', 'Bootstrap project for initializing the cloud.');
    await project(tx, 'service', 'The services of the cloud.');
    const roleIds = await roles(tx);
    const userId = await administrator(tx, hasher, now, options.adminPassword);
    for (const target of [projectId, null]) {
      await sql`insert into identity_assignments (user_id, project_id, role_id) values (${userId}, ${target}, ${roleIds.admin})
        on conflict do nothing`.execute(tx);
    }
    await sql`insert into identity_regions (id) values (${options.region}) on conflict do nothing`.execute(tx);
    for (const endpoint of options.endpoints) await service(tx, options.region, endpoint);
  });
}

async function project(tx: Transaction, name: string, description: string): Promise<string> {
  await sql`insert into identity_projects (id, name, domain_id, parent_id, description)
    values (${newId()}, ${name}, ${defaultDomainId}, ${defaultDomainId}, ${description}) on conflict do nothing`.execute(
    tx,
  );
  return idOf(tx, sql`select id from identity_projects where name = ${name} and domain_id = ${defaultDomainId}`);
}

async function roles(tx: Transaction): Promise<Readonly<Record<string, string>>> {
  const ids: Record<string, string> = {};
  for (const name of Object.keys(impliedRoles)) {
    await sql`insert into identity_roles (id, name, options) values (${newId()}, ${name}, '{"immutable": true}') on conflict do nothing`.execute(
      tx,
    );
    ids[name] = await idOf(tx, sql`select id from identity_roles where name = ${name} and domain_id is null`);
  }
  for (const [prior, implied] of Object.entries(impliedRoles)) {
    if (implied === undefined) continue;
    await sql`insert into identity_implied_roles (prior_role_id, implied_role_id) values (${ids[prior]}, ${ids[implied]}) on conflict do nothing`.execute(
      tx,
    );
  }
  return ids;
}

async function administrator(tx: Transaction, hasher: PasswordHasher, now: Date, password: string): Promise<string> {
  await sql`insert into identity_users (id, name, domain_id) values (${newId()}, ${adminUserName}, ${defaultDomainId})
    on conflict do nothing`.execute(tx);
  const user = await first(
    tx,
    sql<{ id: string; password_hash: string | null }>`select id, password_hash from identity_users
      where name = ${adminUserName} and domain_id = ${defaultDomainId} for update`,
  );
  if (!user) throw new Error('the administrator was not stored');
  if (user.password_hash === null || !(await hasher.verify(password, user.password_hash))) {
    await sql`update identity_users set password_hash = ${await hasher.hash(password)}, password_created_at = ${now},
      password_expires_at = null, enabled = true, failed_auths = 0 where id = ${user.id}`.execute(tx);
  }
  return user.id;
}

async function service(
  tx: Transaction,
  region: string,
  { type, name, url }: BootstrapOptions['endpoints'][number],
): Promise<void> {
  await sql`insert into identity_services (id, type, name) select ${newId()}, ${type}, ${name}
    where not exists (select 1 from identity_services where type = ${type} and name = ${name})`.execute(tx);
  const serviceId = await idOf(
    tx,
    sql`select id from identity_services where type = ${type} and name = ${name} order by id limit 1`,
  );
  for (const face of ['public', 'internal', 'admin']) {
    const moved = sql`update identity_endpoints set url = ${url}
      where service_id = ${serviceId} and region_id = ${region} and interface = ${face} and url <> ${url}`;
    await moved.execute(tx);
    await sql`insert into identity_endpoints (id, service_id, region_id, interface, url)
      select ${newId()}, ${serviceId}, ${region}, ${face}, ${url} where not exists
        (select 1 from identity_endpoints where service_id = ${serviceId} and region_id = ${region} and interface = ${face})`.execute(
      tx,
    );
  }
}

async function idOf(
  tx: Transaction,
  query: ReturnType<typeof sql<{ id: string }>> | ReturnType<typeof sql>,
): Promise<string> {
  const row = await first<unknown>(tx, query);
  if (typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'string') return row.id;
  throw new Error('a row that was just stored is missing');
}
