// Application credentials and access rules: /v3/users/{id}/application_credentials, /v3/users/{id}/access_rules.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { all, first } from '../store.ts';
import type { AccessRule } from '../token/context.ts';
import { createApplicationCredential, newApplicationCredential } from './create.ts';

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly user_id: string;
  readonly project_id: string;
  readonly description: string | null;
  readonly expires: string | null;
  readonly unrestricted: boolean;
  readonly roles: readonly unknown[];
  readonly access_rules: readonly AccessRule[] | null;
}

export function applicationCredentialRoutes(parts: Parts): Route[] {
  const path = '/v3/users/:id/application_credentials';
  const owner = ({ params }: ApiRequest) => ({ user_id: params.id, 'target.user.id': params.id });
  return [
    route({
      method: 'GET',
      path,
      policy: 'identity:list_application_credentials',
      enforcement: 'handler',
      summary: 'List the application credentials of a user',
      handler: async (request) => {
        request.enforce('identity:list_application_credentials', owner(request));
        const name = request.search.get('name');
        const rows = await select(
          parts,
          sql`a.user_id = ${request.params.id} and (${name}::text is null or a.name = ${name})`,
        );
        const self = `${request.context.baseUrl}/v3/users/${request.params.id}/application_credentials`;
        return json({
          application_credentials: rows.map((row) => present(row, request)),
          links: { self, next: null, previous: null },
        });
      },
    }),
    route({
      method: 'POST',
      path,
      policy: 'identity:create_application_credential',
      enforcement: 'handler',
      summary: 'Make an application credential',
      body: Type.Object({ application_credential: newApplicationCredential }),
      handler: async (request) => {
        request.enforce('identity:create_application_credential', owner(request));
        await refuseRestricted(parts, request);
        const { caller } = request.context;
        const made = await createApplicationCredential(parts, caller, request.body.application_credential);
        const row = await find(parts, caller.userId, made.id);
        return json({ application_credential: { ...present(row, request), secret: made.secret } }, 201);
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:credential`,
      policy: 'identity:get_application_credential',
      enforcement: 'handler',
      summary: 'Show an application credential',
      handler: async (request) => {
        request.enforce('identity:get_application_credential', owner(request));
        const row = await find(parts, request.params.id ?? '', request.params.credential ?? '');
        return json({ application_credential: present(row, request) });
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/:credential`,
      policy: 'identity:delete_application_credential',
      enforcement: 'handler',
      summary: 'Delete an application credential',
      handler: async (request) => {
        request.enforce('identity:delete_application_credential', owner(request));
        await refuseRestricted(parts, request);
        const row = await find(parts, request.params.id ?? '', request.params.credential ?? '');
        await sql`delete from identity_application_credentials where id = ${row.id}`.execute(parts.database);
        return empty();
      },
    }),
  ];
}

export function accessRuleRoutes(parts: Parts): Route[] {
  const path = '/v3/users/:id/access_rules';
  const shown = (row: AccessRule, { context, params }: ApiRequest) => ({
    id: row.id,
    service: row.service,
    path: row.path,
    method: row.method,
    links: { self: `${context.baseUrl}/v3/users/${params.id}/access_rules/${row.id}` },
  });
  const rule = async (request: ApiRequest, name: string) => {
    request.enforce(name, { 'target.user.id': request.params.id });
    const { id, rule: ruleId = '' } = request.params;
    const row = await first(
      parts.database,
      sql<AccessRule>`select * from identity_access_rules where user_id = ${id} and id = ${ruleId}`,
    );
    if (!row) throw errors.NotFound('access rule', ruleId);
    return row;
  };
  return [
    route({
      method: 'GET',
      path,
      policy: 'identity:list_access_rules',
      enforcement: 'handler',
      summary: 'List the access rules of a user',
      handler: async (request) => {
        request.enforce('identity:list_access_rules', { 'target.user.id': request.params.id });
        const wanted = (name: string) => request.search.get(name);
        const rows = await all(
          parts.database,
          sql<AccessRule>`select * from identity_access_rules where user_id = ${request.params.id}
            and (${wanted('service')}::text is null or service = ${wanted('service')})
            and (${wanted('path')}::text is null or path = ${wanted('path')})
            and (${wanted('method')}::text is null or method = ${wanted('method')}) order by id`,
        );
        const self = `${request.context.baseUrl}/v3/users/${request.params.id}/access_rules`;
        return json({
          access_rules: rows.map((row) => shown(row, request)),
          links: { self, next: null, previous: null },
        });
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:rule`,
      policy: 'identity:get_access_rule',
      enforcement: 'handler',
      summary: 'Show an access rule',
      handler: async (request) =>
        json({ access_rule: shown(await rule(request, 'identity:get_access_rule'), request) }),
    }),
    route({
      method: 'DELETE',
      path: `${path}/:rule`,
      policy: 'identity:delete_access_rule',
      enforcement: 'handler',
      summary: 'Delete an access rule that no application credential uses',
      handler: async (request) => {
        const { id } = await rule(request, 'identity:delete_access_rule');
        const gone = await all(
          parts.database,
          sql`delete from identity_access_rules where id = ${id} and not exists
            (select 1 from identity_application_credentials where ${id} = any(access_rule_ids)) returning 1`,
        );
        if (gone.length === 0) throw errors.Denied(`Access rule ${id} is used by an application credential.`);
        return empty();
      },
    }),
  ];
}

/** A token made from an application credential makes and deletes others only when the credential is unrestricted. */
async function refuseRestricted({ tokens }: Parts, { context }: ApiRequest): Promise<void> {
  const token = context.caller.token === undefined ? undefined : await tokens.inspect(context.caller.token);
  if (token?.applicationCredential && !token.applicationCredential.unrestricted)
    throw errors.Denied('A restricted application credential manages no application credentials.');
}

function select({ database }: Parts, where: ReturnType<typeof sql>): Promise<Shown[]> {
  return all(
    database,
    sql<Shown>`select a.id, a.name, a.user_id, a.project_id, a.description, a.unrestricted,
        to_char(a.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as expires,
        (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'domain_id', r.domain_id) order by r.name), '[]')
          from identity_roles r where r.id = any(a.role_ids)) as roles,
        case when a.access_rule_ids is not null then (select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'service', u.service,
          'path', u.path, 'method', u.method)), '[]') from identity_access_rules u where u.id = any(a.access_rule_ids)) end as access_rules
      from identity_application_credentials a where ${where} order by a.name`,
  );
}

async function find(parts: Parts, userId: string, id: string): Promise<Shown> {
  const [row] = await select(parts, sql`a.user_id = ${userId} and a.id = ${id}`);
  if (!row) throw errors.NotFound('application credential', id);
  return row;
}

function present({ expires, access_rules: rules, ...row }: Shown, { context }: ApiRequest) {
  return {
    ...row,
    expires_at: expires,
    system: null,
    ...(rules === null ? {} : { access_rules: rules }),
    links: { self: `${context.baseUrl}/v3/users/${row.user_id}/application_credentials/${row.id}` },
  };
}
