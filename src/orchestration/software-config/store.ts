// Rows of software configs, deployments and what machines report.
import { randomUUID } from 'node:crypto';
import { type Generated, type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';

type ConfigsTable = {
  id: string;
  project_id: string;
  name: string;
  config_group: string;
  config: unknown;
  inputs: readonly ConfigInput[];
  outputs: readonly ConfigOutput[];
  options: unknown;
  creation_time: Generated<Date>;
};
type DeploymentsTable = {
  id: string;
  project_id: string;
  server_id: string;
  config_id: string;
  stack_id: string | null;
  resource_name: string | null;
  action: string;
  status: string;
  status_reason: string;
  input_values: unknown;
  output_values: unknown;
  operation_id: string | null;
  creation_time: Generated<Date>;
  updated_time: Date | null;
};
export type SoftwareTables = { software_configs: ConfigsTable; software_deployments: DeploymentsTable };

export interface ConfigInput {
  readonly name: string;
  readonly type?: string;
  readonly description?: string | null;
  readonly default?: unknown;
  readonly replace_on_change?: boolean;
  readonly value?: unknown;
}
export interface ConfigOutput {
  readonly name: string;
  readonly type?: string;
  readonly description?: string | null;
  readonly error_output?: boolean;
}
export type ConfigRow = Selectable<ConfigsTable>;
export type DeploymentRow = Selectable<DeploymentsTable>;

type Connection = Database | Transaction;
const json = (value: unknown) =>
  value === undefined || value === null ? null : sql<never>`${JSON.stringify(value)}::jsonb`;
const tables = (connection: Connection) => connection.withTables<SoftwareTables>();

export interface NewConfig {
  readonly id?: string;
  readonly projectId: string;
  readonly name: string;
  readonly group: string;
  readonly config: unknown;
  readonly inputs: readonly ConfigInput[];
  readonly outputs: readonly ConfigOutput[];
  readonly options: unknown;
}

/** Inserts the config; with an id that is there already, the row is left as it is. */
export async function insertConfig(connection: Connection, config: NewConfig): Promise<ConfigRow> {
  const id = config.id ?? randomUUID();
  await tables(connection)
    .insertInto('software_configs')
    .values({
      id,
      project_id: config.projectId,
      name: config.name,
      config_group: config.group,
      config: json(config.config),
      inputs: sql`${JSON.stringify(config.inputs)}::jsonb`,
      outputs: sql`${JSON.stringify(config.outputs)}::jsonb`,
      options: json(config.options),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return tables(connection).selectFrom('software_configs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

export async function findConfig(
  connection: Connection,
  id: string,
  projectId?: string,
): Promise<ConfigRow | undefined> {
  let query = tables(connection).selectFrom('software_configs').selectAll().where('id', '=', id);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return query.executeTakeFirst();
}

export async function listConfigs(
  connection: Connection,
  projectId: string | undefined,
  limit: number,
  marker?: string,
): Promise<ConfigRow[]> {
  let query = tables(connection)
    .selectFrom('software_configs')
    .selectAll()
    .orderBy('creation_time')
    .orderBy('id')
    .limit(limit);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  if (marker !== undefined) {
    query = query.where(
      sql<boolean>`(creation_time, id) > (select creation_time, id from software_configs where id = ${marker})`,
    );
  }
  return query.execute();
}

export async function configInUse(connection: Connection, id: string): Promise<boolean> {
  const row = await tables(connection)
    .selectFrom('software_deployments')
    .select('id')
    .where('config_id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteConfig(connection: Connection, id: string): Promise<void> {
  await tables(connection).deleteFrom('software_configs').where('id', '=', id).execute();
}

export interface NewDeployment {
  readonly id: string;
  readonly projectId: string;
  readonly serverId: string;
  readonly configId: string;
  readonly stackId?: string;
  readonly resourceName?: string;
  readonly action: string;
  readonly status: string;
  readonly statusReason: string;
  readonly inputValues?: unknown;
  readonly operationId?: string;
}

/** Inserts the deployment or moves an existing one of that id to another config, action and status. */
export async function putDeployment(connection: Connection, deployment: NewDeployment): Promise<DeploymentRow> {
  return tables(connection)
    .insertInto('software_deployments')
    .values({
      id: deployment.id,
      project_id: deployment.projectId,
      server_id: deployment.serverId,
      config_id: deployment.configId,
      stack_id: deployment.stackId ?? null,
      resource_name: deployment.resourceName ?? null,
      action: deployment.action,
      status: deployment.status,
      status_reason: deployment.statusReason,
      input_values: json(deployment.inputValues),
      output_values: null,
      operation_id: deployment.operationId ?? null,
    })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((row) => ({
        config_id: row.ref('excluded.config_id'),
        action: row.ref('excluded.action'),
        status: row.ref('excluded.status'),
        status_reason: row.ref('excluded.status_reason'),
        input_values: row.ref('excluded.input_values'),
        operation_id: row.ref('excluded.operation_id'),
        output_values: null,
        updated_time: sql<Date>`now()`,
      })),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function updateDeployment(
  connection: Connection,
  id: string,
  change: Partial<{
    config_id: string;
    action: string;
    status: string;
    status_reason: string;
    input_values: unknown;
    output_values: unknown;
  }>,
): Promise<DeploymentRow | undefined> {
  const { input_values, output_values, ...plain } = change;
  return tables(connection)
    .updateTable('software_deployments')
    .set({
      ...plain,
      ...(input_values === undefined ? {} : { input_values: json(input_values) }),
      ...(output_values === undefined ? {} : { output_values: json(output_values) }),
      updated_time: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

export async function findDeployment(
  connection: Connection,
  id: string,
  projectId?: string,
): Promise<DeploymentRow | undefined> {
  let query = tables(connection).selectFrom('software_deployments').selectAll().where('id', '=', id);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return query.executeTakeFirst();
}

export async function listDeployments(
  connection: Connection,
  filter: { projectId?: string; serverId?: string },
): Promise<DeploymentRow[]> {
  let query = tables(connection).selectFrom('software_deployments').selectAll().orderBy('creation_time').orderBy('id');
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
  if (filter.serverId !== undefined) query = query.where('server_id', '=', filter.serverId);
  return query.execute();
}

export async function deleteDeployment(connection: Connection, id: string): Promise<void> {
  await tables(connection).deleteFrom('software_deployments').where('id', '=', id).execute();
}
