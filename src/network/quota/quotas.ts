// Quotas: how many of each resource a project may have; unlimited unless somebody sets one.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import { empty, json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { Resource } from '../resource/resource.ts';
import { all, type Connection, type Row, text } from '../store.ts';

/** Resource name -> table. */
const tables: Readonly<Record<string, string>> = {
  network: 'network_networks',
  subnet: 'network_subnets',
  port: 'network_ports',
  subnetpool: 'network_subnetpools',
  security_group: 'network_security_groups',
  security_group_rule: 'network_security_group_rules',
  trunk: 'network_trunks',
  rbac_policy: 'network_rbac_policies',
};

const unlimited = -1;

/** Throws OverQuota when the project of any of the rows would have more than it may. */
export async function refuseOverQuota(tx: Transaction, resource: Resource, rows: readonly Row[]): Promise<void> {
  const table = tables[resource.member];
  if (table === undefined) return;
  for (const projectId of new Set(rows.map((row) => text(row, 'project_id')))) {
    const [limit] = await all(
      tx,
      sql<{
        quota: number;
      }>`select quota from network_quotas where project_id = ${projectId} and resource = ${resource.member} for update`,
    );
    if (!limit || limit.quota < 0) continue;
    const [used] = await all(
      tx,
      sql<{ count: number }>`select count(*) as count from ${sql.table(table)} where project_id = ${projectId}`,
    );
    const wanted = rows.filter((row) => row.project_id === projectId).length;
    if ((used?.count ?? 0) + wanted > limit.quota) throw errors.OverQuota(resource.member);
  }
}

const quotaBody = Type.Object({
  quota: Type.Record(
    Type.String(),
    Type.Union([Type.Integer({ minimum: -1, maximum: 2_147_483_647 }), Type.String({ pattern: '^-?\\d{1,10}$' })]),
  ),
});

export function quotaRoutes(database: Database): Route[] {
  const path = '/v2.0/quotas/:project';
  return [
    route({
      method: 'GET',
      path: '/v2.0/quotas',
      policy: 'get_quota',
      summary: 'List the quotas that differ from the default',
      handler: async () => {
        const rows = await all(database, sql<{ project_id: string }>`select distinct project_id from network_quotas`);
        const quotas = await Promise.all(
          rows.map(async ({ project_id }) => ({
            project_id,
            tenant_id: project_id,
            ...(await quotaOf(database, project_id)),
          })),
        );
        return json({ quotas });
      },
    }),
    route({
      method: 'GET',
      path,
      policy: 'get_quota',
      enforcement: 'handler',
      summary: 'Show the quotas of a project',
      handler: async (request) => {
        const projectId = request.params.project ?? '';
        // Everybody may see the own project's.
        if (projectId !== request.context.caller.projectId) request.enforce('get_quota');
        return json({ quota: await quotaOf(database, projectId) });
      },
    }),
    route({
      method: 'GET',
      path: `${path}/default`,
      policy: 'get_quota',
      enforcement: 'handler',
      summary: 'Show the default quotas',
      handler: async (request) => {
        if (request.params.project !== request.context.caller.projectId) request.enforce('get_quota');
        return json({ quota: Object.fromEntries(Object.keys(tables).map((name) => [name, unlimited])) });
      },
    }),
    route({
      method: 'GET',
      path: `${path}/details.json`,
      policy: 'get_quota',
      enforcement: 'handler',
      summary: 'Show the quotas of a project with what is used',
      handler: async (request) => {
        const projectId = request.params.project ?? '';
        if (projectId !== request.context.caller.projectId) request.enforce('get_quota');
        return json({ quota: await details(database, projectId) });
      },
    }),
    route({
      method: 'PUT',
      path,
      policy: 'update_quota',
      summary: 'Set quotas of a project',
      body: quotaBody,
      handler: async ({ params, body }) => {
        const projectId = params.project ?? '';
        for (const [resource, quota] of Object.entries(body.quota)) {
          if (!(resource in tables)) throw errors.HTTPBadRequest(`Unrecognized attribute(s) '${resource}'.`);
          await sql`insert into network_quotas (project_id, resource, quota) values (${projectId}, ${resource}, ${Number(quota)})
            on conflict (project_id, resource) do update set quota = excluded.quota`.execute(database);
        }
        return json({ quota: await quotaOf(database, projectId) });
      },
    }),
    route({
      method: 'DELETE',
      path,
      policy: 'delete_quota',
      summary: 'Put the quotas of a project back to the default',
      handler: async ({ params }) => {
        await sql`delete from network_quotas where project_id = ${params.project ?? ''}`.execute(database);
        return empty();
      },
    }),
  ];
}

async function quotaOf(db: Connection, projectId: string): Promise<Record<string, number>> {
  const rows = await all(
    db,
    sql<{
      resource: string;
      quota: number;
    }>`select resource, quota from network_quotas where project_id = ${projectId}`,
  );
  const set = new Map(rows.map((row) => [row.resource, row.quota]));
  return Object.fromEntries(Object.keys(tables).map((name) => [name, set.get(name) ?? unlimited]));
}

async function details(db: Connection, projectId: string) {
  const limits = await quotaOf(db, projectId);
  const found: Record<string, { used: number; limit: number; reserved: number }> = {};
  for (const [name, table] of Object.entries(tables)) {
    const [row] = await all(
      db,
      sql<{ count: number }>`select count(*) as count from ${sql.table(table)} where project_id = ${projectId}`,
    );
    found[name] = { used: row?.count ?? 0, limit: limits[name] ?? unlimited, reserved: 0 };
  }
  return found;
}
