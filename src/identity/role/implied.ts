// Implied roles: who has the prior role has the implied one too.
import { sql } from 'kysely';
import { type Answer, type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { mustFind, type Row } from '../collection/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { all, type Connection } from '../store.ts';
import { roleRef, roles } from './roles.ts';

export function impliedRoleRoutes(parts: Parts): Route[] {
  const path = '/v3/roles/:id/implies';
  const shown = (
    method: 'GET' | 'PUT',
    rule: string,
    summary: string,
    act: (prior: Row, implied: Row) => Promise<void>,
  ) =>
    route({
      method,
      path: `${path}/:implied`,
      policy: rule,
      enforcement: 'handler',
      summary,
      handler: async (request) => {
        const { prior, implied } = await pair(parts, request, rule);
        await act(prior, implied);
        return inference(request, prior, implied, method === 'PUT' ? 201 : 200);
      },
    });
  return [
    route({
      method: 'GET',
      path,
      policy: 'identity:list_implied_roles',
      enforcement: 'handler',
      summary: 'List what a role implies',
      handler: async (request) => {
        const prior = await mustFind(roles, parts, request, 'identity:list_implied_roles');
        const implied = await all(
          parts.database,
          sql<Row>`select r.* from identity_roles r join identity_implied_roles i on i.implied_role_id = r.id
            where i.prior_role_id = ${prior.id} order by r.name`,
        );
        return json({
          role_inference: {
            prior_role: roleRef(prior, request),
            implies: implied.map((row) => roleRef(row, request)),
          },
          links: { self: `${request.context.baseUrl}/v3/roles/${String(prior.id)}/implies` },
        });
      },
    }),
    shown('GET', 'identity:get_implied_role', 'Show an implied role', (prior, implied) =>
      mustImply(parts, prior, implied),
    ),
    route({
      method: 'HEAD',
      path: `${path}/:implied`,
      policy: 'identity:check_implied_role',
      enforcement: 'handler',
      summary: 'Check an implied role',
      handler: async (request) => {
        const { prior, implied } = await pair(parts, request, 'identity:check_implied_role');
        await mustImply(parts, prior, implied);
        return empty();
      },
    }),
    shown('PUT', 'identity:create_implied_role', 'Let a role imply another', async (prior, implied) => {
      if (await implies(parts.database, String(implied.id), String(prior.id)))
        throw errors.Denied(
          `Role ${String(prior.name)} is implied by ${String(implied.name)} already: that would go in a circle.`,
        );
      await sql`insert into identity_implied_roles (prior_role_id, implied_role_id) values (${prior.id}, ${implied.id}) on conflict do nothing`.execute(
        parts.database,
      );
    }),
    route({
      method: 'DELETE',
      path: `${path}/:implied`,
      policy: 'identity:delete_implied_role',
      enforcement: 'handler',
      summary: 'End an implication',
      handler: async (request) => {
        const { prior, implied } = await pair(parts, request, 'identity:delete_implied_role');
        await mustImply(parts, prior, implied);
        await sql`delete from identity_implied_roles where prior_role_id = ${prior.id} and implied_role_id = ${implied.id}`.execute(
          parts.database,
        );
        return empty();
      },
    }),
    inferences(parts),
  ];
}

function inferences(parts: Parts): Route {
  return route({
    method: 'GET',
    path: '/v3/role_inferences',
    policy: 'identity:list_role_inference_rules',
    enforcement: 'handler',
    summary: 'List all implied roles',
    handler: async (request) => {
      request.enforce('identity:list_role_inference_rules', {});
      const rows = await all(
        parts.database,
        sql<{
          prior: Row;
          implied: Row;
        }>`select to_jsonb(p) as prior, to_jsonb(r) as implied from identity_implied_roles i
          join identity_roles p on p.id = i.prior_role_id join identity_roles r on r.id = i.implied_role_id order by p.name, r.name`,
      );
      const priors = new Map(rows.map((row) => [String(row.prior.id), row.prior]));
      const rules = [...priors].map(([id, prior]) => ({
        prior_role: roleRef(prior, request),
        implies: rows.filter((row) => row.prior.id === id).map((row) => roleRef(row.implied, request)),
      }));
      return json({ role_inferences: rules, links: { self: `${request.context.baseUrl}/v3/role_inferences` } });
    },
  });
}

async function pair(parts: Parts, request: ApiRequest, rule: string): Promise<{ prior: Row; implied: Row }> {
  const prior = await mustFind(roles, parts, request, rule);
  const implied = await mustFind(roles, parts, request, rule, request.params.implied ?? '');
  return { prior, implied };
}

function inference(request: ApiRequest, prior: Row, implied: Row, status: number): Answer {
  const self = `${request.context.baseUrl}/v3/roles/${String(prior.id)}/implies/${String(implied.id)}`;
  return json(
    {
      role_inference: { prior_role: roleRef(prior, request), implies: roleRef(implied, request) },
      links: { self },
    },
    status,
  );
}

async function mustImply({ database }: Parts, prior: Row, implied: Row): Promise<void> {
  const rows = await all(
    database,
    sql`select 1 from identity_implied_roles where prior_role_id = ${prior.id} and implied_role_id = ${implied.id}`,
  );
  if (rows.length === 0) throw errors.NotFound('implied role', `${String(prior.name)} implies ${String(implied.name)}`);
}

/** Does `from` imply `to`, directly or over others? A role implies itself. */
async function implies(db: Connection, from: string, to: string): Promise<boolean> {
  const rows = await all(
    db,
    sql`with recursive held (id) as (values (${from}::text) union
        select implied_role_id from identity_implied_roles join held on prior_role_id = held.id)
      select 1 from held where id = ${to}`,
  );
  return rows.length > 0;
}
