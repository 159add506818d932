// Policy documents that services may fetch: /v3/policies.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { empty, json, type Route, route } from '../../openstack/index.ts';
import { presentEndpoint } from '../catalog/endpoints.ts';
import { type Collection, type Row, record } from '../collection/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { all, first } from '../store.ts';

const blob = Type.Union([Type.String(), Type.Object({}, { additionalProperties: true })]);
const type = Type.String({ minLength: 1, maxLength: 255 });

export const policies: Collection = {
  path: '/v3/policies',
  member: 'policy',
  members: 'policies',
  noun: 'policy',
  table: 'identity_policies',
  columns: ['type', 'blob'],
  keepsExtra: true,
  filters: { type: 'text' },
  rules: {
    list: 'identity:list_policies',
    get: 'identity:get_policy',
    create: 'identity:create_policy',
    update: 'identity:update_policy',
    delete: 'identity:delete_policy',
  },
  create: Type.Object({ blob, type }),
  update: Type.Object({ blob: Type.Optional(blob), type: Type.Optional(type) }),
  present: (row, { context }) => presentPolicy(row, context.baseUrl),
  prepare: ({ values }) =>
    typeof values.blob === 'object' ? { ...values, blob: JSON.stringify(values.blob) } : values,
};

function presentPolicy(row: Row, baseUrl: string) {
  return {
    ...record(row, 'extra'),
    id: row.id,
    type: row.type,
    blob: row.blob,
    links: { self: `${baseUrl}/v3/policies/${String(row.id)}` },
  };
}

/** Which policy goes with which endpoint, service or service in a region (OS-ENDPOINT-POLICY). */
export function policyAssociationRoutes(parts: Parts): Route[] {
  const base = '/v3/policies/:id/OS-ENDPOINT-POLICY';
  const families = [
    { path: `${base}/endpoints/:endpoint`, rule: 'endpoint' },
    { path: `${base}/services/:service`, rule: 'service' },
    { path: `${base}/services/:service/regions/:region`, rule: 'region_and_service' },
  ];
  const place = (params: Readonly<Record<string, string>>) =>
    sql`endpoint_id is not distinct from ${params.endpoint ?? null} and service_id is not distinct from ${params.service ?? null}
      and region_id is not distinct from ${params.region ?? null}`;
  return [
    ...families.flatMap(({ path, rule }) => [
      route({
        method: 'PUT',
        path,
        policy: `identity:create_policy_association_for_${rule}`,
        summary: 'Associate a policy',
        handler: async ({ params }) => {
          await mustExist(parts, params);
          await sql`delete from identity_policy_associations where ${place(params)}`.execute(parts.database);
          await sql`insert into identity_policy_associations (policy_id, endpoint_id, service_id, region_id)
            values (${params.id}, ${params.endpoint ?? null}, ${params.service ?? null}, ${params.region ?? null})`.execute(
            parts.database,
          );
          return empty();
        },
      }),
      route({
        method: 'GET',
        path,
        policy: `identity:check_policy_association_for_${rule}`,
        summary: 'Check the association of a policy',
        handler: async ({ params }) => {
          const row = await first(
            parts.database,
            sql`select 1 from identity_policy_associations where policy_id = ${params.id} and ${place(params)}`,
          );
          if (!row) throw errors.NotFound('policy association', params.id ?? '');
          return empty();
        },
      }),
      route({
        method: 'DELETE',
        path,
        policy: `identity:delete_policy_association_for_${rule}`,
        summary: 'End the association of a policy',
        handler: async ({ params }) => {
          await mustExist(parts, params);
          await sql`delete from identity_policy_associations where policy_id = ${params.id} and ${place(params)}`.execute(
            parts.database,
          );
          return empty();
        },
      }),
    ]),
    route({
      method: 'GET',
      path: `${base}/endpoints`,
      policy: 'identity:list_endpoints_for_policy',
      summary: 'List the endpoints that a policy goes with',
      handler: async ({ params, context }) => {
        const rows = await all(
          parts.database,
          sql<Row>`select distinct e.* from identity_endpoints e join identity_policy_associations a on a.endpoint_id = e.id
            or (a.service_id = e.service_id and (a.region_id is null or a.region_id = e.region_id)) where a.policy_id = ${params.id} order by e.id`,
        );
        return json({
          endpoints: rows.map((row) => presentEndpoint(row, context.baseUrl)),
          links: {
            next: null,
            previous: null,
            self: `${context.baseUrl}/v3/policies/${params.id}/OS-ENDPOINT-POLICY/endpoints`,
          },
        });
      },
    }),
    route({
      method: 'GET',
      path: '/v3/endpoints/:id/OS-ENDPOINT-POLICY/policy',
      policy: 'identity:get_policy_for_endpoint',
      summary: 'Show the policy that goes with an endpoint',
      handler: async ({ params, context }) => {
        const row = await first(
          parts.database,
          sql<Row>`select p.* from identity_endpoints e join identity_policy_associations a on a.endpoint_id = e.id
              or (a.service_id = e.service_id and (a.region_id is null or a.region_id = e.region_id))
            join identity_policies p on p.id = a.policy_id where e.id = ${params.id}
            order by a.endpoint_id nulls last, a.region_id nulls last limit 1`,
        );
        if (!row) throw errors.NotFound('policy association for endpoint', params.id ?? '');
        return json({ policy: presentPolicy(row, context.baseUrl) });
      },
    }),
  ];
}

async function mustExist({ database }: Parts, params: Readonly<Record<string, string>>): Promise<void> {
  const named = [
    ['policy', 'identity_policies', params.id],
    ['endpoint', 'identity_endpoints', params.endpoint],
    ['service', 'identity_services', params.service],
    ['region', 'identity_regions', params.region],
  ] as const;
  for (const [noun, table, id] of named) {
    if (id === undefined) continue;
    if (!(await first(database, sql`select 1 from ${sql.table(table)} where id = ${id}`)))
      throw errors.NotFound(noun, id);
  }
}
