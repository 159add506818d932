// Rows of stacks, their generations and their resources.
import { type Generated, type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import type { Plain } from '../graph/index.ts';
import type { StackInputs } from './inputs.ts';

export type PlainMap = { readonly [name: string]: Plain };

type StacksTable = {
  id: string;
  root_id: string;
  parent_id: string | null;
  path: string;
  name: string;
  project_id: string;
  owner_id: string;
  owner_name: string;
  owner_roles: Generated<string[]>;
  description: string;
  action: string;
  status: string;
  status_reason: string;
  disable_rollback: boolean;
  timeout_mins: number | null;
  tags: string[];
  generation: number;
  /** The last generation that was reached whole: a rollback goes back to it, or to nothing where there is none. */
  complete_generation: number | null;
  /** Results have come in since the last round of the apply. */
  stirred: Generated<boolean>;
  operation_id: string | null;
  creation_time: Generated<Date>;
  updated_time: Date | null;
  deletion_time: Date | null;
};
type GenerationsTable = { stack_id: string; generation: number; inputs: StackInputs; created_at: Generated<Date> };
type ResourcesTable = {
  id: string;
  root_id: string;
  stack_id: string;
  path: string;
  name: string;
  type: string;
  action: string;
  status: string;
  status_reason: string;
  physical_id: string | null;
  properties: PlainMap;
  attributes: PlainMap;
  metadata: PlainMap;
  data: PlainMap;
  requires: string[];
  deletion_policy: string;
  generation: number;
  creation_time: Generated<Date>;
  updated_time: Generated<Date>;
};
type EventsTable = {
  id: string;
  sequence: Generated<number>;
  root_id: string;
  stack_id: string;
  resource_name: string;
  resource_type: string;
  physical_id: string | null;
  action: string;
  status: string;
  status_reason: string;
  properties: PlainMap;
  at: Generated<Date>;
};
export type StackTables = {
  stacks: StacksTable;
  stack_generations: GenerationsTable;
  resources: ResourcesTable;
  stack_events: EventsTable;
};
export type StackRow = Selectable<StacksTable>;
export type ResourceRow = Selectable<ResourcesTable>;
export type StackEventRow = Selectable<EventsTable>;

export type Connection = Database | Transaction;
export const stackTables = (connection: Connection) => connection.withTables<StackTables>();

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** By id, or by name among the live root stacks of the project. */
export async function findStack(
  connection: Connection,
  idOrName: string,
  projectId: string | undefined,
): Promise<StackRow | undefined> {
  const byProject = projectId === undefined ? sql`` : sql`and project_id = ${projectId}`;
  const wanted = uuid.test(idOrName)
    ? sql`(id = ${idOrName}::uuid or (name = ${idOrName} and parent_id is null and deletion_time is null))`
    : sql`name = ${idOrName} and parent_id is null and deletion_time is null`;
  const rows =
    await sql<StackRow>`select * from stacks where ${wanted} ${byProject} order by deletion_time nulls first limit 1`.execute(
      connection,
    );
  return rows.rows[0];
}

/** The row, held against every other change of this tree until the transaction ends. */
export async function lockRoot(tx: Transaction, rootId: string): Promise<StackRow> {
  return stackTables(tx)
    .selectFrom('stacks')
    .selectAll()
    .where('id', '=', rootId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export async function stacksOfTree(connection: Connection, rootId: string): Promise<StackRow[]> {
  return stackTables(connection)
    .selectFrom('stacks')
    .selectAll()
    .where('root_id', '=', rootId)
    .orderBy('path')
    .execute();
}

export async function resourcesOfTree(connection: Connection, rootId: string): Promise<ResourceRow[]> {
  return stackTables(connection)
    .selectFrom('resources')
    .selectAll()
    .where('root_id', '=', rootId)
    .orderBy('path')
    .execute();
}

export async function resourcesOfStack(connection: Connection, stackId: string): Promise<ResourceRow[]> {
  return stackTables(connection)
    .selectFrom('resources')
    .selectAll()
    .where('stack_id', '=', stackId)
    .orderBy('path')
    .execute();
}

export async function inputsOf(
  connection: Connection,
  stackId: string,
  generation: number,
): Promise<StackInputs | undefined> {
  const row = await stackTables(connection)
    .selectFrom('stack_generations')
    .select('inputs')
    .where('stack_id', '=', stackId)
    .where('generation', '=', generation)
    .executeTakeFirst();
  return row?.inputs;
}

export async function insertGeneration(
  tx: Transaction,
  stackId: string,
  generation: number,
  inputs: StackInputs,
): Promise<void> {
  await stackTables(tx)
    .insertInto('stack_generations')
    .values({ stack_id: stackId, generation, inputs: sql`${JSON.stringify(inputs)}::jsonb` })
    .execute();
}
