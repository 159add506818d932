// What hangs on one user: the password change, its groups and its projects.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { ApiError, empty, json, type Route, route } from '../../openstack/index.ts';
import { findUser } from '../auth/find-user.ts';
import { checkPassword } from '../auth/password-login.ts';
import { reachableProjects } from '../auth/reach.ts';
import { mustFind, type Row } from '../collection/index.ts';
import { errors } from '../errors.ts';
import { presentGroup } from '../group/groups.ts';
import type { Parts } from '../parts.ts';
import { passwordColumns, refuseByHistory, rememberPassword } from '../password/set.ts';
import { all } from '../store.ts';
import { users } from './users.ts';

export function ownRoutes(parts: Parts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v3/users/:id/password',
      // Open: a user whose password has expired has no token; the old password is the proof.
      policy: null,
      summary: 'Change the own password',
      body: Type.Object({
        user: Type.Object({ original_password: Type.String(), password: Type.String({ minLength: 1 }) }),
      }),
      handler: async ({ params, body }) => {
        await changePassword(parts, params.id ?? '', body.user.original_password, body.user.password);
        return empty();
      },
    }),
    route({
      method: 'GET',
      path: '/v3/users/:id/groups',
      policy: 'identity:list_groups_for_user',
      enforcement: 'handler',
      summary: 'List the groups of a user',
      handler: async (request) => {
        const user = await mustFind(users, parts, request, 'identity:list_groups_for_user');
        const { baseUrl, caller } = request.context;
        const rows = await all(
          parts.database,
          sql<Row>`select g.* from identity_groups g join identity_memberships m on m.group_id = g.id
            where m.user_id = ${user.id} and (${caller.domainId ?? null}::text is null or g.domain_id = ${caller.domainId ?? null})
              and (${request.search.get('name')}::text is null or g.name = ${request.search.get('name')})
            order by g.name, g.id`,
        );
        const self = `${baseUrl}/v3/users/${String(user.id)}/groups`;
        return json({
          groups: rows.map((row) => presentGroup(row, baseUrl)),
          links: { self, next: null, previous: null },
        });
      },
    }),
    route({
      method: 'GET',
      path: '/v3/users/:id/projects',
      policy: 'identity:list_user_projects',
      enforcement: 'handler',
      summary: 'List the projects of a user',
      handler: async (request) => {
        const user = await mustFind(users, parts, request, 'identity:list_user_projects');
        const { baseUrl } = request.context;
        const projects = await reachableProjects(parts.database, String(user.id), baseUrl);
        const self = `${baseUrl}/v3/users/${String(user.id)}/projects`;
        return json({ projects, links: { self, next: null, previous: null } });
      },
    }),
  ];
}

async function changePassword(parts: Parts, id: string, original: string, password: string): Promise<void> {
  const user = await findUser(parts.database, { id });
  if (user?.options.lock_password === true)
    throw errors.Invalid('The password of this user is locked; an administrator can change it.');
  try {
    await checkPassword(parts, user, original);
  } catch (error) {
    // An expired password is just what the change is for.
    if (!(error instanceof ApiError && error.kind === 'PasswordExpired')) throw error;
  }
  if (!user) throw errors.Unauthorized();
  await refuseByHistory(parts, parts.database, user, password);
  const columns = await passwordColumns(parts, password, false);
  await parts.database.transaction().execute(async (tx) => {
    await rememberPassword(parts, tx, user);
    await sql`update identity_users set password_hash = ${columns.password_hash}, password_created_at = ${columns.password_created_at},
        password_expires_at = ${columns.password_expires_at}, password_by_admin = false, failed_auths = 0, failed_auth_at = null,
        tokens_valid_from = ${parts.clock()}
      where id = ${id} and password_hash = ${user.password_hash}`.execute(tx);
  });
}
