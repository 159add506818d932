// Trusts: /v3/OS-TRUST/trusts.
import { Type } from '@sinclair/typebox';
import { type RawBuilder, sql } from 'kysely';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import type { Row } from '../collection/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { roleRef } from '../role/roles.ts';
import { all } from '../store.ts';
import { keystoneTime } from '../token/render.ts';
import { createTrust, newTrust } from './create.ts';

const path = '/v3/OS-TRUST/trusts';

export function trustRoutes(parts: Parts): Route[] {
  return [
    route({
      method: 'GET',
      path,
      policy: 'identity:list_trusts',
      enforcement: 'handler',
      summary: 'List trusts',
      handler: (request) => list(parts, request),
    }),
    route({
      method: 'POST',
      path,
      policy: 'identity:create_trust',
      enforcement: 'handler',
      summary: 'Make a trust',
      body: Type.Object({ trust: newTrust }),
      handler: async (request) => {
        const { caller } = request.context;
        const token = caller.token === undefined ? undefined : await parts.tokens.inspect(caller.token);
        if (token?.applicationCredential && !token.applicationCredential.unrestricted)
          throw errors.Denied('A restricted application credential makes no trusts.');
        request.enforce('identity:create_trust', {
          'target.trust.trustor_user_id': request.body.trust.trustor_user_id,
        });
        const id = await createTrust(parts, token, request.body.trust);
        const [row] = await select(parts, sql`t.id = ${id}`);
        return json({ trust: row ? present(row, request, true) : {} }, 201);
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:id`,
      policy: 'identity:get_trust',
      enforcement: 'handler',
      summary: 'Show a trust',
      handler: async (request) =>
        json({ trust: present(await mustFind(parts, request, 'identity:get_trust'), request, true) }),
    }),
    route({
      method: 'DELETE',
      path: `${path}/:id`,
      policy: 'identity:delete_trust',
      enforcement: 'handler',
      summary: 'End a trust, and those made from it',
      handler: async (request) => {
        const row = await mustFind(parts, request, 'identity:delete_trust');
        await sql`with recursive gone (id) as (values (${row.id}::text)
            union select t.id from identity_trusts t join gone on t.redelegated_trust_id = gone.id)
          update identity_trusts set deleted_at = ${parts.clock()} where id in (select id from gone)`.execute(
          parts.database,
        );
        return empty();
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:id/roles`,
      policy: 'identity:list_roles_for_trust',
      enforcement: 'handler',
      summary: 'List the roles of a trust',
      handler: async (request) => {
        const row = await mustFind(parts, request, 'identity:list_roles_for_trust');
        const self = `${request.context.baseUrl}${path}/${String(row.id)}/roles`;
        return json({ roles: rolesOf(row, request), links: { self, next: null, previous: null } });
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:id/roles/:role`,
      policy: 'identity:get_role_for_trust',
      enforcement: 'handler',
      summary: 'Show a role of a trust',
      handler: async (request) => {
        const row = await mustFind(parts, request, 'identity:get_role_for_trust');
        const role = rolesOf(row, request).find((one) => one.id === request.params.role);
        if (!role) throw errors.NotFound('role', request.params.role ?? '');
        return json({ role });
      },
    }),
  ];
}

async function list(parts: Parts, request: ApiRequest) {
  const trustor = request.search.get('trustor_user_id');
  const trustee = request.search.get('trustee_user_id');
  const target = { 'target.trust.trustor_user_id': trustor, 'target.trust.trustee_user_id': trustee };
  if (trustor === null && trustee === null) request.enforce('identity:list_trusts', {});
  if (trustor !== null) request.enforce('identity:list_trusts_for_trustor', target);
  if (trustee !== null) request.enforce('identity:list_trusts_for_trustee', target);
  const rows = await select(
    parts,
    sql`(${trustor}::text is null or t.trustor_user_id = ${trustor}) and (${trustee}::text is null or t.trustee_user_id = ${trustee})`,
  );
  return json({
    trusts: rows.map((row) => present(row, request, false)),
    links: { self: `${request.context.baseUrl}${path}`, next: null, previous: null },
  });
}

function select({ database, clock }: Parts, where: RawBuilder<unknown>): Promise<Row[]> {
  return all(
    database,
    sql<Row>`select t.*, (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name) order by r.name), '[]')
        from identity_roles r where r.id = any(t.role_ids)) as roles
      from identity_trusts t where t.deleted_at is null and (t.expires_at is null or t.expires_at > ${clock()})
        and (t.remaining_uses is null or t.remaining_uses > 0) and ${where} order by t.created_at, t.id`,
  );
}

async function mustFind(parts: Parts, request: ApiRequest, rule: string): Promise<Row> {
  const id = request.params.id ?? '';
  const [row] = await select(parts, sql`t.id = ${id}`);
  if (!row) throw errors.NotFound('trust', id);
  request.enforce(rule, {
    'target.trust.trustor_user_id': row.trustor_user_id,
    'target.trust.trustee_user_id': row.trustee_user_id,
  });
  return row;
}

function rolesOf(row: Row, request: ApiRequest) {
  return Array.isArray(row.roles) ? row.roles.map((role) => roleRef({ ...Object(role) }, request)) : [];
}

function present(row: Row, request: ApiRequest, withRoles: boolean) {
  const self = `${request.context.baseUrl}${path}/${String(row.id)}`;
  return {
    id: row.id,
    trustor_user_id: row.trustor_user_id,
    trustee_user_id: row.trustee_user_id,
    project_id: row.project_id,
    impersonation: row.impersonation,
    expires_at: row.expires_at instanceof Date ? keystoneTime(row.expires_at) : null,
    remaining_uses: row.remaining_uses,
    redelegation_count: row.redelegation_count,
    ...(row.redelegated_trust_id === null ? {} : { redelegated_trust_id: row.redelegated_trust_id }),
    deleted_at: null,
    ...(withRoles
      ? { roles: rolesOf(row, request), roles_links: { self: `${self}/roles`, next: null, previous: null } }
      : {}),
    links: { self },
  };
}
