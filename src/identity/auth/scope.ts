// Turns the scope that a login asks for into claims, and spends a use of a trust.
import { type RawBuilder, sql } from 'kysely';
import { errors } from '../errors.ts';
import type { Generation } from '../generation.ts';
import type { Parts } from '../parts.ts';
import { effectiveRoles } from '../roles.ts';
import { defaultDomainId, first } from '../store.ts';
import type { Claims, Scope } from '../token/claims.ts';
import type { ScopeRequest } from './schema.ts';

export type ScopeClaims = Pick<Claims, 'userId' | 'scope'> & Partial<Pick<Claims, 'trustId' | 'expiresAt'>>;

/** Throws Unauthorized for a project or domain that does not exist, alike for one that the user has no role on. */
export async function chooseScope(
  parts: Parts,
  userId: string,
  asked: ScopeRequest | undefined,
  at: Generation,
): Promise<ScopeClaims> {
  if (asked === undefined) return { userId, scope: await defaultScope(parts, userId) };
  if (asked === 'unscoped' || asked.unscoped) return { userId, scope: { kind: 'unscoped' } };
  const wishes = [asked.project, asked.domain, asked['OS-TRUST:trust'], asked.system].filter(Boolean);
  if (wishes.length !== 1)
    throw errors.Invalid('scope names exactly one of project, domain, system and OS-TRUST:trust.');
  if (asked.project) return { userId, scope: { kind: 'project', id: await projectId(parts, asked.project, at) } };
  if (asked.domain) return { userId, scope: { kind: 'domain', id: await domainId(parts, asked.domain, at) } };
  if (asked['OS-TRUST:trust']) return trustScope(parts, userId, asked['OS-TRUST:trust'].id);
  if (!asked.system?.all) throw errors.Invalid('The only system scope is {"all": true}.');
  return { userId, scope: { kind: 'system' } };
}

/** The user's default project where it can be used, else nothing. */
async function defaultScope(parts: Parts, userId: string): Promise<Scope> {
  const row = await first(
    parts.database,
    sql<{ id: string }>`select p.id from identity_users u join identity_projects p on p.id = u.default_project_id
      join identity_projects d on d.id = coalesce(p.domain_id, p.id) where u.id = ${userId} and p.enabled and d.enabled`,
  );
  if (!row) return { kind: 'unscoped' };
  const scope = { kind: 'project', id: row.id } as const;
  return (await effectiveRoles(parts.database, userId, scope)).length > 0 ? scope : { kind: 'unscoped' };
}

interface Named {
  readonly id?: string;
  readonly name?: string;
}

async function projectId(parts: Parts, project: Named & { readonly domain?: Named }, at: Generation): Promise<string> {
  if (project.id !== undefined) return project.id;
  if (project.name === undefined) throw errors.Invalid('scope.project is named by id, or by name and domain.');
  const domain = project.domain ? await domainId(parts, project.domain, at) : defaultDomainId;
  const { name } = project;
  const id = await parts.ids(at, ['project', domain, name], () =>
    idOf(parts, sql`select id from identity_projects where name = ${name} and domain_id = ${domain}`),
  );
  if (id === undefined) throw errors.Unauthorized();
  return id;
}

async function domainId(parts: Parts, domain: Named, at: Generation): Promise<string> {
  if (domain.id !== undefined) return domain.id;
  if (domain.name === undefined) throw errors.Invalid('A domain is named by id or by name.');
  const { name } = domain;
  const id = await parts.ids(at, ['domain', name], () =>
    idOf(parts, sql`select id from identity_projects where is_domain and name = ${name}`),
  );
  if (id === undefined) throw errors.Unauthorized();
  return id;
}

async function idOf({ database }: Parts, query: RawBuilder<unknown>): Promise<string | undefined> {
  const row = await first(database, sql<{ id: string }>`${query}`);
  return row?.id;
}

async function trustScope(parts: Parts, userId: string, trustId: string): Promise<ScopeClaims> {
  // One statement spends a use, so that parallel logins cannot exceed what is left.
  const row = await first(
    parts.database,
    sql<{ trustor_user_id: string; project_id: string | null; impersonation: boolean; expires_at: Date | null }>`
      update identity_trusts set remaining_uses = remaining_uses - 1
      where id = ${trustId} and trustee_user_id = ${userId} and deleted_at is null
        and (remaining_uses is null or remaining_uses > 0) and (expires_at is null or expires_at > ${parts.clock()})
      returning trustor_user_id, project_id, impersonation, expires_at`,
  );
  if (!row) throw errors.Denied('The trust cannot be used: it is gone, used up, or not for this user.');
  return {
    userId: row.impersonation ? row.trustor_user_id : userId,
    scope: row.project_id === null ? { kind: 'unscoped' } : { kind: 'project', id: row.project_id },
    trustId,
    ...(row.expires_at ? { expiresAt: row.expires_at } : {}),
  };
}
