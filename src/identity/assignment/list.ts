// GET /v3/role_assignments: who has which role where, as assigned or in effect.
import { sql } from 'kysely';
import { type Answer, type ApiRequest, json, type Route, route } from '../../openstack/index.ts';
import { isTrue } from '../collection/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { all, type Connection, projectById } from '../store.ts';

interface AssignmentRow {
  readonly role_id: string;
  readonly role_name: string;
  readonly role_domain_id: string | null;
  readonly user_id: string | null;
  readonly user_name: string | null;
  readonly user_domain_id: string | null;
  readonly user_domain_name: string | null;
  readonly group_id: string | null;
  readonly group_name: string | null;
  readonly group_domain_id: string | null;
  readonly group_domain_name: string | null;
  readonly project_id: string | null;
  readonly project_name: string | null;
  readonly project_domain_id: string | null;
  readonly project_domain_name: string | null;
  readonly domain_id: string | null;
  readonly domain_name: string | null;
  readonly inherited: boolean;
  /** What an effective assignment comes from, where that is another one. */
  readonly via_group_id: string | null;
  readonly via_role_id: string | null;
  readonly via_project_id: string | null;
  readonly via_domain_id: string | null;
}

export function assignmentRoutes(parts: Parts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v3/role_assignments',
      policy: 'identity:list_role_assignments',
      enforcement: 'handler',
      summary: 'List role assignments',
      handler: (request) => list(parts, request),
    }),
  ];
}

async function list(parts: Parts, request: ApiRequest): Promise<Answer> {
  const { search, context } = request;
  const flag = (name: string) => search.has(name) && isTrue(search.get(name) ?? '');
  const subtree = flag('include_subtree');
  const projectId = search.get('scope.project.id');
  const rule = subtree ? 'identity:list_role_assignments_for_tree' : 'identity:list_role_assignments';
  const target = subtree && projectId !== null ? await projectById(parts.database, projectId) : undefined;
  request.enforce(rule, { 'target.domain_id': target ? target.domain_id : context.caller.domainId });
  if (subtree && projectId === null) throw errors.Invalid('include_subtree needs scope.project.id.');
  refuseContradictions(search, flag('effective'));
  const rows = await select(parts.database, search, flag('effective'), subtree, context.caller.domainId);
  const names = flag('include_names');
  const self = `${context.baseUrl}/v3/role_assignments${search.size === 0 ? '' : `?${search}`}`;
  return json({
    role_assignments: rows.map((row) => present(row, context.baseUrl, names)),
    links: { self, next: null, previous: null },
  });
}

function refuseContradictions(search: URLSearchParams, effective: boolean): void {
  if (effective && search.has('group.id'))
    throw errors.Invalid('An effective list names users; it cannot be filtered by group.id.');
  if (search.has('group.id') && search.has('user.id'))
    throw errors.Invalid('Filter by user.id or by group.id, not by both.');
  const scopes = ['scope.project.id', 'scope.domain.id', 'scope.system'].filter((name) => search.has(name));
  if (scopes.length > 1) throw errors.Invalid(`Filter by one of ${scopes.join(', ')}.`);
}

/** All assignments, or in effective mode: groups turned into users, inheritance into projects, priors into implied roles. */
function select(
  db: Connection,
  search: URLSearchParams,
  effective: boolean,
  subtree: boolean,
  callerDomainId: string | undefined,
): Promise<AssignmentRow[]> {
  const value = (name: string) => search.get(name);
  const inheritedOnly = value('scope.OS-INHERIT:inherited_to') === 'projects';
  return all(
    db,
    sql<AssignmentRow>`
      with recursive
      assigned as (
        select user_id, group_id, project_id, domain_id, role_id, inherited, null::text as via_group_id,
          null::text as via_project_id, null::text as via_domain_id from identity_assignments
      ),
      by_user as (
        select coalesce(a.user_id, m.user_id) as user_id, null::text as group_id, a.project_id, a.domain_id, a.role_id, a.inherited,
          a.group_id as via_group_id, a.via_project_id, a.via_domain_id
        from assigned a left join identity_memberships m on m.group_id = a.group_id
        where coalesce(a.user_id, m.user_id) is not null
      ),
      tree (ancestor_id, id) as (
        select parent_id, id from identity_projects where parent_id is not null
        union select t.ancestor_id, p.id from identity_projects p join tree t on p.parent_id = t.id
      ),
      placed as (
        select user_id, group_id, project_id, domain_id, role_id, false as inherited, via_group_id, via_project_id, via_domain_id
        from by_user where not inherited
        union all
        select a.user_id, a.group_id, t.id, null, a.role_id, false, a.via_group_id, a.project_id, a.domain_id
        from by_user a join tree t on t.ancestor_id in (a.project_id, a.domain_id) where a.inherited
      ),
      closure (prior_id, id) as (
        select id, id from identity_roles
        union select c.prior_id, i.implied_role_id from closure c join identity_implied_roles i on i.prior_role_id = c.id
      ),
      effective as (
        select distinct p.user_id, p.group_id, p.project_id, p.domain_id, c.id as role_id, p.inherited, p.via_group_id,
          p.via_project_id, p.via_domain_id, case when c.id <> p.role_id then p.role_id end as via_role_id
        from placed p join closure c on c.prior_id = p.role_id
      ),
      chosen as (
        ${
          effective
            ? sql`select * from effective ${inheritedOnly ? sql`where via_project_id is not null or via_domain_id is not null` : sql``}`
            : sql`select *, null::text as via_role_id from assigned ${inheritedOnly ? sql`where inherited` : sql``}`
        }
      )
      select a.*, r.name as role_name, r.domain_id as role_domain_id,
        u.name as user_name, u.domain_id as user_domain_id, ud.name as user_domain_name,
        g.name as group_name, g.domain_id as group_domain_id, gd.name as group_domain_name,
        p.name as project_name, coalesce(p.domain_id, p.id) as project_domain_id, pd.name as project_domain_name, d.name as domain_name
      from chosen a join identity_roles r on r.id = a.role_id
        left join identity_users u on u.id = a.user_id left join identity_projects ud on ud.id = u.domain_id
        left join identity_groups g on g.id = a.group_id left join identity_projects gd on gd.id = g.domain_id
        left join identity_projects p on p.id = a.project_id left join identity_projects pd on pd.id = coalesce(p.domain_id, p.id)
        left join identity_projects d on d.id = a.domain_id
      where (not ${effective} or r.domain_id is null)
        and (${value('role.id')}::text is null or a.role_id = ${value('role.id')})
        and (${value('user.id')}::text is null or a.user_id = ${value('user.id')})
        and (${value('group.id')}::text is null or a.group_id = ${value('group.id')})
        and (${value('scope.domain.id')}::text is null or a.domain_id = ${value('scope.domain.id')})
        and (${!search.has('scope.system')} or (a.project_id is null and a.domain_id is null))
        and (${value('scope.project.id')}::text is null or a.project_id = ${value('scope.project.id')}
          or (${subtree} and a.project_id in (select id from tree where ancestor_id = ${value('scope.project.id')})))
        and (${callerDomainId ?? null}::text is null or a.domain_id = ${callerDomainId ?? null} or p.domain_id = ${callerDomainId ?? null})
      order by r.name, a.user_id, a.group_id, a.project_id, a.domain_id`,
  );
}

function present(row: AssignmentRow, baseUrl: string, names: boolean) {
  const named = (id: string, name: string | null, domainId?: string | null, domainName?: string | null) =>
    names
      ? {
          id,
          name,
          ...(domainId === undefined || domainId === null ? {} : { domain: { id: domainId, name: domainName } }),
        }
      : { id };
  return {
    role: named(row.role_id, row.role_name),
    ...(row.user_id === null
      ? {}
      : { user: named(row.user_id, row.user_name, row.user_domain_id, row.user_domain_name) }),
    ...(row.group_id === null
      ? {}
      : { group: named(row.group_id, row.group_name, row.group_domain_id, row.group_domain_name) }),
    scope: scopeOf(row, named),
    links: links(row, baseUrl),
  };
}

type Named = (id: string, name: string | null, domainId?: string | null, domainName?: string | null) => unknown;

function scopeOf(row: AssignmentRow, named: Named) {
  const inherited = row.inherited || row.via_project_id !== null || row.via_domain_id !== null;
  const mark = inherited ? { 'OS-INHERIT:inherited_to': 'projects' } : {};
  if (row.project_id !== null)
    return {
      project: named(row.project_id, row.project_name, row.project_domain_id, row.project_domain_name),
      ...mark,
    };
  if (row.domain_id !== null) return { domain: named(row.domain_id, row.domain_name), ...mark };
  return { system: { all: true } };
}

/** Where the assignment itself can be managed; in effective lists also the membership and the implication it comes by. */
function links(row: AssignmentRow, baseUrl: string) {
  const groupId = row.group_id ?? row.via_group_id;
  const actor = groupId === null ? `users/${row.user_id}` : `groups/${groupId}`;
  const role = row.via_role_id ?? row.role_id;
  const inherited = row.inherited || row.via_project_id !== null || row.via_domain_id !== null;
  const projectId = row.via_domain_id === null ? (row.via_project_id ?? row.project_id) : null;
  const domainId = row.via_domain_id ?? row.domain_id;
  const target = projectId !== null ? `projects/${projectId}` : domainId !== null ? `domains/${domainId}` : 'system';
  const path = `${target}/${actor}/roles/${role}`;
  return {
    assignment: inherited ? `${baseUrl}/v3/OS-INHERIT/${path}/inherited_to_projects` : `${baseUrl}/v3/${path}`,
    ...(row.via_group_id === null
      ? {}
      : { membership: `${baseUrl}/v3/groups/${row.via_group_id}/users/${row.user_id}` }),
    ...(row.via_role_id === null ? {} : { prior_role: `${baseUrl}/v3/roles/${row.via_role_id}` }),
  };
}
