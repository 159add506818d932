// Grants: a role for a user or group on a project, a domain or the system, also inherited by what is below.
import { type RawBuilder, sql } from 'kysely';
import { type Transaction, transact } from '../../database/index.ts';
import { appendEvent } from '../../events/index.ts';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { findRow, type Row } from '../collection/index.ts';
import { errors } from '../errors.ts';
import { groups } from '../group/groups.ts';
import type { Parts } from '../parts.ts';
import { domains } from '../project/domains.ts';
import { projects } from '../project/projects.ts';
import { presentRole, roles } from '../role/roles.ts';
import { all } from '../store.ts';
import { users } from '../user/users.ts';

type ActorKind = 'user' | 'group';
type TargetKind = 'project' | 'domain' | 'system';

/** One family of paths: actor, target, and whether the grant is inherited. */
interface Family {
  readonly path: string;
  readonly suffix: string;
  readonly actor: ActorKind;
  readonly target: TargetKind;
  readonly inherited: boolean;
}

interface Grant {
  readonly actor: Row;
  readonly target: Row | undefined;
  readonly role: Row | undefined;
}

export function grantRoutes(parts: Parts): Route[] {
  return families().flatMap((family) => familyRoutes(parts, family));
}

function families(): Family[] {
  const found: Family[] = [];
  for (const actor of ['user', 'group'] as const) {
    for (const target of ['project', 'domain'] as const) {
      const path = `/${target}s/:target/${actor}s/:actor/roles`;
      found.push({ path: `/v3${path}`, suffix: '', actor, target, inherited: false });
      const suffix = '/inherited_to_projects';
      found.push({ path: `/v3/OS-INHERIT${path}`, suffix, actor, target, inherited: true });
    }
    found.push({ path: `/v3/system/${actor}s/:actor/roles`, suffix: '', actor, target: 'system', inherited: false });
  }
  return found;
}

function ruleFor(family: Family, verb: 'list' | 'check' | 'create' | 'revoke'): string {
  if (family.target === 'system')
    return `identity:${verb}_system_grant${verb === 'list' ? 's' : ''}_for_${family.actor}`;
  return verb === 'list' ? 'identity:list_grants' : `identity:${verb}_grant`;
}

function familyRoutes(parts: Parts, family: Family): Route[] {
  const one = `${family.path}/:role${family.suffix}`;
  const where = `on a ${family.target}${family.inherited ? ', inherited' : ''}`;
  const change = (
    method: 'PUT' | 'DELETE' | 'GET',
    verb: 'create' | 'revoke' | 'check',
    summary: string,
    act: (tx: Transaction, grant: Grant) => Promise<void>,
  ) =>
    route({
      method,
      path: one,
      policy: ruleFor(family, verb),
      enforcement: 'handler',
      summary,
      handler: async (request) => {
        const grant = await find(parts, request, family, ruleFor(family, verb));
        await transact(parts.database, async (tx) => {
          await act(tx, grant);
          if (verb !== 'check') await note(tx, family, grant, verb === 'create' ? 'granted' : 'revoked', request);
        });
        return empty();
      },
    });
  return [
    route({
      method: 'GET',
      path: `${family.path}${family.suffix}`,
      policy: ruleFor(family, 'list'),
      enforcement: 'handler',
      summary: `List the roles of a ${family.actor} ${where}`,
      handler: async (request) => {
        const grant = await find(parts, request, family, ruleFor(family, 'list'));
        const rows = await all(
          parts.database,
          sql<Row>`select r.* from identity_roles r join identity_assignments a on a.role_id = r.id
            where ${matching(family, grant)} order by r.name`,
        );
        const { baseUrl } = request.context;
        const self = `${baseUrl}${request.raw.url?.split('?')[0]?.replace(/^\/[^/]+/, '') ?? ''}`;
        return json({
          roles: rows.map((row) => presentRole(row, baseUrl)),
          links: { self, previous: null, next: null },
        });
      },
    }),
    change('PUT', 'create', `Give a role to a ${family.actor} ${where}`, (tx, grant) => give(tx, family, grant)),
    change('GET', 'check', `Check a role of a ${family.actor} ${where}`, async (tx, grant) => {
      const rows = await all(
        tx,
        sql`select 1 from identity_assignments a where ${matching(family, grant)} and a.role_id = ${grant.role?.id}`,
      );
      if (rows.length === 0) throw errors.NotFound('role assignment with role', String(grant.role?.id));
    }),
    change('DELETE', 'revoke', `Take a role from a ${family.actor} ${where}`, async (tx, grant) => {
      const rows = await all(
        tx,
        sql`delete from identity_assignments a where ${matching(family, grant)} and a.role_id = ${grant.role?.id} returning 1`,
      );
      if (rows.length === 0) throw errors.NotFound('role assignment with role', String(grant.role?.id));
    }),
  ];
}

async function find(parts: Parts, request: ApiRequest, family: Family, rule: string): Promise<Grant> {
  const { actor: actorId = '', target: targetId = '', role: roleId } = request.params;
  const actor = await findRow(parts.database, family.actor === 'user' ? users : groups, actorId);
  const target =
    family.target === 'system'
      ? undefined
      : await findRow(parts.database, family.target === 'project' ? projects : domains, targetId);
  const role = roleId === undefined ? undefined : await findRow(parts.database, roles, roleId);
  request.enforce(rule, {
    [`target.${family.actor}.domain_id`]: actor?.domain_id,
    [`target.${family.actor}.id`]: actor?.id,
    ...(family.target === 'project'
      ? { 'target.project.domain_id': target?.domain_id, 'target.project.id': target?.id }
      : {}),
    ...(family.target === 'domain' ? { 'target.domain.id': target?.id } : {}),
    ...(role ? { 'target.role.domain_id': role.domain_id, 'target.role.name': role.name } : {}),
  });
  if (roleId !== undefined && !role) throw errors.NotFound('role', roleId);
  if (!actor) throw errors.NotFound(family.actor, actorId);
  if (family.target !== 'system' && (!target || (family.target === 'domain' && target.is_domain !== true)))
    throw errors.NotFound(family.target, targetId);
  return { actor, target, role };
}

/** The assignments of this actor on this target. A domain may be named as a project too: it is one. */
function matching(family: Family, { actor, target }: Grant): RawBuilder<unknown> {
  const who = family.actor === 'user' ? sql`a.user_id = ${actor.id}` : sql`a.group_id = ${actor.id}`;
  return sql`${who} and ${onTarget(family, target)} and a.inherited = ${family.inherited}`;
}

function onTarget(family: Family, target: Row | undefined): RawBuilder<unknown> {
  switch (family.target) {
    case 'system':
      return sql`a.project_id is null and a.domain_id is null`;
    case 'project':
      return sql`a.project_id = ${target?.id}`;
    case 'domain':
      return sql`a.domain_id = ${target?.id}`;
  }
}

async function give(tx: Transaction, family: Family, { actor, target, role }: Grant): Promise<void> {
  if (role?.domain_id !== null && role?.domain_id !== undefined) refuseForeignRole(family, target, role);
  const column = (kind: TargetKind) => (family.target === kind ? target?.id : null);
  await sql`insert into identity_assignments (user_id, group_id, project_id, domain_id, role_id, inherited) values (
      ${family.actor === 'user' ? actor.id : null}, ${family.actor === 'group' ? actor.id : null},
      ${column('project')}, ${column('domain')}, ${role?.id}, ${family.inherited})
    on conflict do nothing`.execute(tx);
}

/** A role of a domain can be given within that domain only. */
function refuseForeignRole(family: Family, target: Row | undefined, role: Row): void {
  const home = family.target === 'project' ? target?.domain_id : target?.id;
  if (family.target === 'system' || home !== role.domain_id)
    throw errors.Denied(
      `Role ${String(role.name)} belongs to domain ${String(role.domain_id)} and can be given there only.`,
    );
}

function note(tx: Transaction, family: Family, grant: Grant, what: string, { context }: ApiRequest): Promise<void> {
  return appendEvent(tx, {
    kind: `identity.role.${what}`,
    subject: `${family.actor}:${String(grant.actor.id)}`,
    projectId: context.caller.projectId ?? null,
    requestId: context.requestId,
    payload: {
      role: grant.role?.name ?? null,
      [family.target]: grant.target?.id ?? 'all',
      inherited: family.inherited,
      by: context.caller.userId,
    },
  });
}
