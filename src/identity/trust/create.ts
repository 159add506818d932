// Makes a trust: a user lets another act with some of its roles on a project.
import { type Static, Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { utc } from '../application-credential/create.ts';
import { timeSchema } from '../attributes.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { effectiveRoles } from '../roles.ts';
import { type Connection, first, newId, projectById, userById } from '../store.ts';
import type { TokenContext } from '../token/context.ts';

const nullableText = Type.Union([Type.String(), Type.Null()]);

export const newTrust = Type.Object({
  trustor_user_id: Type.String(),
  trustee_user_id: Type.String(),
  impersonation: Type.Boolean(),
  project_id: Type.Optional(nullableText),
  expires_at: Type.Optional(Type.Union([timeSchema, Type.Null()])),
  remaining_uses: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()])),
  roles: Type.Optional(
    Type.Array(Type.Object({ id: Type.Optional(Type.String()), name: Type.Optional(Type.String()) })),
  ),
  allow_redelegation: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  redelegation_count: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
});
type Wanted = Static<typeof newTrust>;

const maximumRedelegations = 3;

/** Returns the id. `token` is the trustor's own: a trust made with a token of a trust is a redelegation. */
export async function createTrust(parts: Parts, token: TokenContext | undefined, wanted: Wanted): Promise<string> {
  const db = parts.database;
  if (!(await userById(db, wanted.trustee_user_id))) throw errors.NotFound('user', wanted.trustee_user_id);
  const projectId = wanted.project_id ?? null;
  if (projectId !== null && !(await projectById(db, projectId))) throw errors.NotFound('project', projectId);
  if (projectId !== null && (wanted.roles ?? []).length === 0)
    throw errors.Denied('At least one role should be specified.');
  const expiresAt = utc(wanted.expires_at);
  if (expiresAt !== null && new Date(expiresAt) <= parts.clock()) throw errors.Invalid('expires_at lies in the past.');
  if (wanted.allow_redelegation === true && typeof wanted.remaining_uses === 'number')
    throw errors.Invalid('remaining_uses must not be set if redelegation is allowed.');
  const roleIds = projectId === null ? [] : await rolesFor(db, wanted, projectId, token);
  const redelegation = redelegationOf(token, wanted);
  const id = newId();
  await sql`insert into identity_trusts (id, trustor_user_id, trustee_user_id, project_id, impersonation, expires_at, remaining_uses,
      allow_redelegation, redelegation_count, redelegated_trust_id, role_ids) values
    (${id}, ${wanted.trustor_user_id}, ${wanted.trustee_user_id}, ${projectId}, ${wanted.impersonation}, ${expiresAt}::timestamptz,
     ${wanted.remaining_uses ?? null}, ${wanted.allow_redelegation ?? false}, ${redelegation.count}, ${redelegation.from}, ${roleIds}::text[])`.execute(
    db,
  );
  return id;
}

async function rolesFor(
  db: Connection,
  wanted: Wanted,
  projectId: string,
  token: TokenContext | undefined,
): Promise<string[]> {
  const all = await effectiveRoles(db, wanted.trustor_user_id, { kind: 'project', id: projectId });
  const held = token?.trust ? all.filter((role) => token.roles.some((one) => one.id === role.id)) : all;
  const ids: string[] = [];
  for (const one of wanted.roles ?? []) {
    const known = await first(
      db,
      sql<{
        id: string;
      }>`select id from identity_roles where id = ${one.id ?? null} or (${one.id ?? null}::text is null and name = ${one.name ?? null})`,
    );
    if (!known) throw errors.NotFound('role', one.id ?? one.name ?? '');
    if (!held.some((role) => role.id === known.id))
      throw errors.Denied(`The trustor does not have the role ${one.id ?? one.name} on the project.`);
    ids.push(known.id);
  }
  return ids;
}

function redelegationOf(
  token: TokenContext | undefined,
  wanted: Wanted,
): { count: number | null; from: string | null } {
  if (!token?.trust) {
    const count = wanted.redelegation_count ?? maximumRedelegations;
    if (count > maximumRedelegations)
      throw errors.Denied(`A trust is passed on ${maximumRedelegations} times at the most.`);
    return { count: wanted.allow_redelegation === true ? count : 0, from: null };
  }
  const left = token.trust.redelegationCount ?? 0;
  if (!token.trust.allowRedelegation || left < 1) throw errors.Denied('This trust may not be passed on.');
  const count = wanted.redelegation_count ?? left - 1;
  if (count >= left) throw errors.Denied(`This trust may be passed on ${left - 1} more times only.`);
  if (wanted.impersonation && !token.trust.impersonation)
    throw errors.Denied('A trust without impersonation passes none on.');
  return { count, from: token.trust.id };
}
