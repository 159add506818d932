// Which projects, domains and system a user has any role on.
import { sql } from 'kysely';
import { presentDomain, presentProject } from '../project/present.ts';
import { all, type Connection, type ProjectRow } from '../store.ts';

/** Enabled projects, direct, by group or by inheritance. */
export async function reachableProjects(db: Connection, userId: string, baseUrl: string) {
  const rows = await all(
    db,
    sql<ProjectRow>`
      with recursive mine as (
        select * from identity_assignments where user_id = ${userId}
          or group_id in (select group_id from identity_memberships where user_id = ${userId})
      ), below (id) as (
        select p.id from identity_projects p join mine on mine.inherited and p.parent_id in (mine.project_id, mine.domain_id)
        union
        select p.id from identity_projects p join below on p.parent_id = below.id
      )
      select p.* from identity_projects p join identity_projects d on d.id = coalesce(p.domain_id, p.id)
      where not p.is_domain and p.enabled and d.enabled
        and (p.id in (select project_id from mine where not inherited) or p.id in (select id from below))
      order by p.name, p.id`,
  );
  return rows.map((row) => presentProject(row, baseUrl));
}

export async function reachableDomains(db: Connection, userId: string, baseUrl: string) {
  const rows = await all(
    db,
    sql<ProjectRow>`select * from identity_projects where is_domain and enabled and id in (
      select domain_id from identity_assignments where not inherited and (user_id = ${userId}
        or group_id in (select group_id from identity_memberships where user_id = ${userId}))) order by name`,
  );
  return rows.map((row) => presentDomain(row, baseUrl));
}

export async function reachesSystem(db: Connection, userId: string): Promise<boolean> {
  const rows = await all(
    db,
    sql`select 1 from identity_assignments where project_id is null and domain_id is null and (user_id = ${userId}
      or group_id in (select group_id from identity_memberships where user_id = ${userId})) limit 1`,
  );
  return rows.length > 0;
}
