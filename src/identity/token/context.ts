// Everything a token stands for now: its user, scope and roles, read from the database.
import { sql } from 'kysely';
import { effectiveRoles, type RoleRef, withImplied } from '../roles.ts';
import { all, type Connection, first, type UserRow } from '../store.ts';
import type { Claims, Scope } from './claims.ts';

export interface NamedRef {
  readonly id: string;
  readonly name: string;
}

export interface ProjectRef extends NamedRef {
  readonly domain: NamedRef;
  readonly isDomain: boolean;
}

export interface AccessRule {
  readonly id: string;
  readonly service: string;
  readonly path: string;
  readonly method: string;
}

export interface TrustRef {
  readonly id: string;
  readonly impersonation: boolean;
  readonly trustorUserId: string;
  readonly trusteeUserId: string;
  readonly redelegationCount: number | null;
  readonly allowRedelegation: boolean;
}

export interface TokenContext {
  readonly claims: Claims;
  readonly user: UserRow & { readonly domain_name: string };
  readonly project?: ProjectRef;
  readonly domain?: NamedRef;
  readonly roles: readonly RoleRef[];
  readonly trust?: TrustRef;
  readonly applicationCredential?: NamedRef & {
    readonly unrestricted: boolean;
    readonly accessRules: readonly AccessRule[] | null;
  };
}

/** What the claims stand for; undefined when user or scope are gone or disabled, no role is left, or the token is revoked. */
export async function loadContext(db: Connection, claims: Claims, now: Date): Promise<TokenContext | undefined> {
  const user = await enabledUser(db, claims.userId);
  if (!user || claims.issuedAt < user.tokens_valid_from || (await isRevoked(db, claims))) return undefined;
  const scope = await loadScope(db, claims.scope);
  if (!scope) return undefined;
  const context: TokenContext = { claims, user, roles: [], ...scope };
  if (claims.trustId !== undefined) return withTrust(db, context, claims.trustId, now);
  if (claims.scope.kind === 'unscoped') return context;
  const roles = await effectiveRoles(db, user.id, claims.scope);
  if (roles.length === 0) return undefined;
  if (claims.applicationCredentialId === undefined) return { ...context, roles };
  return withApplicationCredential(db, { ...context, roles }, claims.applicationCredentialId, now);
}

/** An enabled user of an enabled domain. */
export function enabledUser(db: Connection, id: string): Promise<TokenContext['user'] | undefined> {
  return first(
    db,
    sql<TokenContext['user']>`select u.*, d.name as domain_name from identity_users u
      join identity_projects d on d.id = u.domain_id where u.id = ${id} and u.enabled and d.enabled`,
  );
}

async function isRevoked(db: Connection, { auditIds }: Claims): Promise<boolean> {
  const chain = auditIds.at(-1) ?? null;
  const found = await first(
    db,
    sql`select 1 from identity_revocations where audit_id = ${auditIds[0] ?? null} or audit_chain_id = ${chain} limit 1`,
  );
  return found !== undefined;
}

async function loadScope(db: Connection, scope: Scope): Promise<Pick<TokenContext, 'project' | 'domain'> | undefined> {
  if (scope.kind === 'unscoped' || scope.kind === 'system') return {};
  const row = await first(
    db,
    sql<{ id: string; name: string; is_domain: boolean; domain_id: string; domain_name: string }>`
      select p.id, p.name, p.is_domain, d.id as domain_id, d.name as domain_name from identity_projects p
      join identity_projects d on d.id = coalesce(p.domain_id, p.id)
      where p.id = ${scope.id} and p.enabled and d.enabled and (${scope.kind === 'project'} or p.is_domain)`,
  );
  if (!row) return undefined;
  if (scope.kind === 'domain') return { domain: { id: row.id, name: row.name } };
  const domain = { id: row.domain_id, name: row.domain_name };
  return { project: { id: row.id, name: row.name, domain, isDomain: row.is_domain } };
}

async function withTrust(
  db: Connection,
  context: TokenContext,
  trustId: string,
  now: Date,
): Promise<TokenContext | undefined> {
  const row = await first(
    db,
    sql<{
      id: string;
      impersonation: boolean;
      trustor_user_id: string;
      trustee_user_id: string;
      project_id: string | null;
      redelegation_count: number | null;
      allow_redelegation: boolean;
      role_ids: string[];
    }>`select * from identity_trusts where id = ${trustId} and deleted_at is null and (expires_at is null or expires_at > ${now})`,
  );
  if (!row) return undefined;
  const trustor = await enabledUser(db, row.trustor_user_id);
  const trustee = await enabledUser(db, row.trustee_user_id);
  if (!trustor || !trustee) return undefined;
  const trust: TrustRef = {
    id: row.id,
    impersonation: row.impersonation,
    trustorUserId: row.trustor_user_id,
    trusteeUserId: row.trustee_user_id,
    redelegationCount: row.redelegation_count,
    allowRedelegation: row.allow_redelegation,
  };
  if (row.project_id === null) return { ...context, trust };
  const held = await effectiveRoles(db, trustor.id, { kind: 'project', id: row.project_id });
  const roles = await narrowed(db, row.role_ids, held);
  return roles.length === 0 ? undefined : { ...context, roles, trust };
}

async function withApplicationCredential(
  db: Connection,
  context: TokenContext,
  id: string,
  now: Date,
): Promise<TokenContext | undefined> {
  const row = await first(
    db,
    sql<{ id: string; name: string; unrestricted: boolean; role_ids: string[]; access_rule_ids: string[] | null }>`
      select id, name, unrestricted, role_ids, access_rule_ids from identity_application_credentials
      where id = ${id} and user_id = ${context.user.id} and (expires_at is null or expires_at > ${now})`,
  );
  if (!row) return undefined;
  const roles = await narrowed(db, row.role_ids, context.roles);
  // Keystone withdraws the credential as soon as the user has lost one of its roles.
  if (!row.role_ids.every((wanted) => context.roles.some((held) => held.id === wanted))) return undefined;
  const accessRules =
    row.access_rule_ids === null
      ? null
      : await all(
          db,
          sql<AccessRule>`select id, service, path, method from identity_access_rules where id = any(${row.access_rule_ids}::text[])`,
        );
  return {
    ...context,
    roles,
    applicationCredential: { id: row.id, name: row.name, unrestricted: row.unrestricted, accessRules },
  };
}

/** `wanted` with what they imply, as far as `held` goes. */
async function narrowed(db: Connection, wanted: readonly string[], held: readonly RoleRef[]): Promise<RoleRef[]> {
  const implied = await withImplied(db, wanted);
  return implied.filter((role) => held.some((one) => one.id === role.id));
}
