// Makes an application credential: a secret with some of its user's roles on one project.
import { randomBytes } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import type { Caller } from '../../openstack/index.ts';
import { nameSchema, nullableText, timeSchema } from '../attributes.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { effectiveRoles, type RoleRef } from '../roles.ts';
import { all, type Connection, first, newId, sqlState } from '../store.ts';

const accessRule = Type.Union([
  Type.Object({ id: Type.String() }, { additionalProperties: false }),
  Type.Object(
    {
      path: Type.String({ minLength: 1, maxLength: 128, pattern: '^/' }),
      method: Type.String({ pattern: '^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE)$' }),
      service: Type.String({ minLength: 1, maxLength: 64 }),
    },
    { additionalProperties: false },
  ),
]);

export const newApplicationCredential = Type.Object({
  name: nameSchema,
  description: Type.Optional(nullableText),
  secret: Type.Optional(Type.Union([Type.String({ minLength: 1 }), Type.Null()])),
  expires_at: Type.Optional(Type.Union([timeSchema, Type.Null()])),
  unrestricted: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  roles: Type.Optional(
    Type.Array(Type.Object({ id: Type.Optional(Type.String()), name: Type.Optional(Type.String()) })),
  ),
  access_rules: Type.Optional(Type.Array(accessRule)),
});
type Wanted = Static<typeof newApplicationCredential>;

/** Returns the id and the secret, which is kept only as a hash. The project and the roles are those of the caller's token. */
export async function createApplicationCredential(
  parts: Parts,
  caller: Caller,
  wanted: Wanted,
): Promise<{ readonly id: string; readonly secret: string }> {
  const { userId, projectId } = caller;
  if (projectId === undefined) throw errors.Denied('An application credential is made with a project-scoped token.');
  const expiresAt = utc(wanted.expires_at);
  if (expiresAt !== null && new Date(expiresAt) <= parts.clock()) throw errors.Invalid('expires_at lies in the past.');
  const roleIds = await rolesFor(parts.database, userId, projectId, caller, wanted.roles);
  const secret = wanted.secret ?? randomBytes(64).toString('base64url');
  const hash = await parts.hasher.hash(secret);
  const id = newId();
  try {
    await parts.database.transaction().execute(async (tx) => {
      const ruleIds = wanted.access_rules ? await accessRules(tx, userId, wanted.access_rules) : null;
      await sql`insert into identity_application_credentials
        (id, name, secret_hash, user_id, project_id, description, expires_at, unrestricted, role_ids, access_rule_ids) values
        (${id}, ${wanted.name}, ${hash}, ${userId}, ${projectId}, ${wanted.description ?? null}, ${expiresAt}::timestamptz,
         ${wanted.unrestricted ?? false}, ${roleIds}::text[], ${ruleIds}::text[])`.execute(tx);
    });
  } catch (error) {
    if (sqlState(error) === '23505')
      throw errors.Conflict('application credential', `there is one with the name ${wanted.name} already`);
    throw error;
  }
  return { id, secret };
}

/** Times without a zone are UTC. */
export function utc(time: string | null | undefined): string | null {
  if (time === null || time === undefined) return null;
  return /(Z|[+-]\d{2}:\d{2})$/.test(time) ? time : `${time}Z`;
}

async function rolesFor(
  db: Connection,
  userId: string,
  projectId: string,
  caller: Caller,
  wanted: Wanted['roles'],
): Promise<string[]> {
  const held = (await effectiveRoles(db, userId, { kind: 'project', id: projectId })).filter((role) =>
    caller.roles.includes(role.name),
  );
  if (!wanted || wanted.length === 0) return held.map((role) => role.id);
  return wanted.map((one) => {
    const matches = (role: RoleRef) => (one.id === undefined ? role.name === one.name : role.id === one.id);
    const role = held.find(matches);
    if (!role) throw errors.Invalid(`The role ${one.id ?? one.name} is not among those of your token.`);
    return role.id;
  });
}

async function accessRules(
  tx: Transaction,
  userId: string,
  wanted: NonNullable<Wanted['access_rules']>,
): Promise<string[]> {
  const ids: string[] = [];
  for (const one of wanted) {
    if ('id' in one) {
      const known = await first(
        tx,
        sql`select 1 from identity_access_rules where id = ${one.id} and user_id = ${userId}`,
      );
      if (!known) throw errors.NotFound('access rule', one.id);
      ids.push(one.id);
      continue;
    }
    await sql`insert into identity_access_rules (id, user_id, service, path, method)
      values (${newId()}, ${userId}, ${one.service}, ${one.path}, ${one.method}) on conflict do nothing`.execute(tx);
    const rows = await all(
      tx,
      sql<{ id: string }>`select id from identity_access_rules where user_id = ${userId} and service = ${one.service}
        and path = ${one.path} and method = ${one.method}`,
    );
    ids.push(...rows.map((row) => row.id));
  }
  return ids;
}
