// Which roles a user has somewhere: direct, by group, inherited, implied.
import { sql } from 'kysely';
import { all, type Connection } from './store.ts';

export interface RoleRef {
  readonly id: string;
  readonly name: string;
}

/** Where roles are asked for. */
export type Target =
  | { readonly kind: 'project'; readonly id: string }
  | { readonly kind: 'domain'; readonly id: string }
  | { readonly kind: 'system' };

/**
 * The effective roles of a user on a target, sorted by name; domain-specific roles are followed to what they imply and
 * left out themselves (Keystone: they never show in a token).
 */
export function effectiveRoles(db: Connection, userId: string, target: Target): Promise<RoleRef[]> {
  return all(
    db,
    sql<RoleRef>`
      with recursive above (id, parent_id, is_domain, distance) as (
        select id, parent_id, is_domain, 0 from identity_projects where id = ${target.kind === 'project' ? target.id : null}
        union all
        select p.id, p.parent_id, p.is_domain, distance + 1 from identity_projects p join above on p.id = above.parent_id
      ), held (id) as (
        select a.role_id from identity_assignments a
        where (a.user_id = ${userId} or a.group_id in (select group_id from identity_memberships where user_id = ${userId}))
          and ${onTarget(target)}
        union
        select implied_role_id from identity_implied_roles join held on prior_role_id = held.id
      )
      select r.id, r.name from held join identity_roles r on r.id = held.id where r.domain_id is null order by r.name`,
  );
}

function onTarget(target: Target) {
  switch (target.kind) {
    case 'system':
      return sql`a.project_id is null and a.domain_id is null`;
    case 'domain':
      return sql`a.domain_id = ${target.id} and not a.inherited`;
    case 'project':
      return sql`((a.project_id = ${target.id} and not a.inherited)
        or (a.inherited and (a.project_id in (select id from above where distance > 0) or a.domain_id in (select id from above where distance > 0))))`;
  }
}

/** `roleIds` with everything that they imply. */
export function withImplied(db: Connection, roleIds: readonly string[]): Promise<RoleRef[]> {
  return all(
    db,
    sql<RoleRef>`
      with recursive held (id) as (
        select id from identity_roles where id = any(${[...roleIds]}::text[])
        union
        select implied_role_id from identity_implied_roles join held on prior_role_id = held.id
      )
      select r.id, r.name from held join identity_roles r on r.id = held.id where r.domain_id is null order by r.name`,
  );
}
