// The users of a group: /v3/groups/{id}/users.
import { sql } from 'kysely';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { findRow, mustFind, type Row } from '../collection/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { all } from '../store.ts';
import { presentUser, users } from '../user/users.ts';
import { groups } from './groups.ts';

export function memberRoutes(parts: Parts): Route[] {
  const path = '/v3/groups/:id/users';
  return [
    route({
      method: 'GET',
      path,
      policy: 'identity:list_users_in_group',
      enforcement: 'handler',
      summary: 'List the users of a group',
      handler: async (request) => {
        const group = await mustFind(groups, parts, request, 'identity:list_users_in_group');
        const { baseUrl, caller } = request.context;
        const domainId = caller.domainId ?? null;
        const name = request.search.get('name');
        const rows = await all(
          parts.database,
          sql<Row>`select u.* from identity_users u join identity_memberships m on m.user_id = u.id
            where m.group_id = ${group.id} and (${domainId}::text is null or u.domain_id = ${domainId})
              and (${name}::text is null or u.name = ${name}) order by u.name, u.id`,
        );
        const self = `${baseUrl}/v3/groups/${String(group.id)}/users`;
        return json({
          users: rows.map((row) => presentUser(row, baseUrl)),
          links: { self, next: null, previous: null },
        });
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:user`,
      policy: 'identity:check_user_in_group',
      enforcement: 'handler',
      summary: 'Check whether a user is in a group',
      handler: async (request) => {
        const { group, user } = await pair(parts, request, 'identity:check_user_in_group');
        const rows = await all(
          parts.database,
          sql`select 1 from identity_memberships where group_id = ${group.id} and user_id = ${user.id}`,
        );
        if (rows.length === 0) throw errors.NotFound('user in the group', String(user.id));
        return empty();
      },
    }),
    route({
      method: 'PUT',
      path: `${path}/:user`,
      policy: 'identity:add_user_to_group',
      enforcement: 'handler',
      summary: 'Add a user to a group',
      handler: async (request) => {
        const { group, user } = await pair(parts, request, 'identity:add_user_to_group');
        await sql`insert into identity_memberships (group_id, user_id) values (${group.id}, ${user.id}) on conflict do nothing`.execute(
          parts.database,
        );
        return empty();
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/:user`,
      policy: 'identity:remove_user_from_group',
      enforcement: 'handler',
      summary: 'Remove a user from a group',
      handler: async (request) => {
        const { group, user } = await pair(parts, request, 'identity:remove_user_from_group');
        const gone = await all(
          parts.database,
          sql`delete from identity_memberships where group_id = ${group.id} and user_id = ${user.id} returning 1`,
        );
        if (gone.length === 0) throw errors.NotFound('user in the group', String(user.id));
        return empty();
      },
    }),
  ];
}

async function pair(parts: Parts, request: ApiRequest, rule: string): Promise<{ group: Row; user: Row }> {
  const { id = '', user: userId = '' } = request.params;
  const group = await findRow(parts.database, groups, id);
  const user = await findRow(parts.database, users, userId);
  request.enforce(rule, {
    'target.group.domain_id': group?.domain_id,
    'target.user.domain_id': user?.domain_id,
  });
  if (!group) throw errors.NotFound('group', id);
  if (!user) throw errors.NotFound('user', userId);
  return { group, user };
}
