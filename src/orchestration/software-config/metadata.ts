// What a machine is to run: the metadata document of a server, built from its deployments.
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import type { ConfigInput, ConfigOutput } from './store.ts';

export interface DeploymentMetadata {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly config: unknown;
  readonly inputs: readonly ConfigInput[];
  readonly outputs: readonly ConfigOutput[];
  readonly options: unknown;
  readonly creation_time: string;
}

interface Row {
  deployment_id: string;
  id: string;
  name: string;
  config_group: string;
  config: unknown;
  inputs: readonly ConfigInput[];
  outputs: readonly ConfigOutput[];
  options: unknown;
  creation_time: Date;
  input_values: Readonly<Record<string, unknown>> | null;
}

/**
 * Deployments of a server in the order they were made, as heat-config reads them: the config's own id (a changed config is
 * a new id and runs again), inputs with their values (Orchestration API, "Show server configuration metadata").
 */
export async function deploymentsOf(
  database: Database,
  serverId: string,
  projectId?: string,
): Promise<DeploymentMetadata[]> {
  const rows = await sql<Row>`
    select d.id as deployment_id, c.id, c.name, c.config_group, c.config, c.inputs, c.outputs, c.options, d.input_values, c.creation_time
    from software_deployments d join software_configs c on c.id = d.config_id
    where d.server_id = ${serverId} and d.status <> 'DELETED' ${projectId === undefined ? sql`` : sql`and d.project_id = ${projectId}`}
    order by d.creation_time, d.id`.execute(database);
  return rows.rows.map((row) => ({
    id: row.id,
    name: row.name,
    group: row.config_group,
    config: row.config,
    inputs: row.inputs.map((input) => withValue(input, row.input_values)),
    outputs: row.outputs,
    options: row.options,
    creation_time: row.creation_time.toISOString().replace(/\.\d+Z$/, 'Z'),
  }));
}

function withValue(input: ConfigInput, values: Row['input_values']): ConfigInput {
  if ('value' in input) return input;
  const given = values?.[input.name];
  return { ...input, value: given === undefined ? (input.default ?? null) : given };
}

export interface MachineMetadata {
  readonly document: Readonly<Record<string, unknown>>;
  /** Strong entity tag of the document, quotes included (RFC 9110, 8.8.3). */
  readonly etag: string;
}

/** The whole document of one machine: resource metadata, deployments, and where to ask for the next. */
export async function machineMetadata(
  database: Database,
  serverId: string,
  metadataUrl: string,
): Promise<MachineMetadata> {
  const own = await sql<{
    metadata: Readonly<Record<string, unknown>>;
  }>`select metadata from machine_reports where server_id = ${serverId}`.execute(database);
  const document = {
    ...own.rows[0]?.metadata,
    deployments: await deploymentsOf(database, serverId),
    'os-collect-config': { collectors: ['request', 'local'], request: { metadata_url: metadataUrl } },
  };
  return { document, etag: `"${createHash('sha256').update(JSON.stringify(document)).digest('hex').slice(0, 32)}"` };
}
