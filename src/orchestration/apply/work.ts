// The work on one stack tree as it stands: vertices, resources, stacks; loaded whole, written back in bulk.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import type { Plain } from '../graph/index.ts';
import { type PlainMap, type ResourceRow, resourcesOfTree, type StackRow, stacksOfTree } from '../stack/store.ts';

export type VertexAction = 'converge' | 'delete' | 'visit';
export type VertexState = 'waiting' | 'running' | 'done' | 'failed' | 'parked';

export interface WorkVertex {
  readonly path: string;
  readonly action: VertexAction;
  state: VertexState;
  /** Keys (`ACTION:PATH`) of what must be done before. */
  requires: string[];
  attempt: number;
  operationId: string | null;
  reason: string | null;
}

export const vertexKey = (action: VertexAction, path: string) => `${action}:${path}`;

export interface StackEvent {
  readonly stackId: string;
  readonly name: string;
  readonly type: string;
  readonly physicalId: string | null;
  readonly action: string;
  readonly status: string;
  readonly reason: string;
  readonly properties: PlainMap;
}

/** The event of a resource that has come to this. */
export function eventOf(row: ResourceRow, action: string, status: string, reason: string): StackEvent {
  return {
    stackId: row.stack_id,
    name: row.name,
    type: row.type,
    physicalId: row.physical_id,
    action,
    status,
    reason,
    properties: status === 'IN_PROGRESS' ? row.properties : {},
  };
}

export interface Work {
  readonly root: StackRow;
  readonly vertices: Map<string, WorkVertex>;
  /** By path. */
  readonly resources: Map<string, ResourceRow>;
  /** By path; '' is the root. */
  readonly stacks: Map<string, StackRow>;
  /** Marks what must be written. */
  touchVertex(vertex: WorkVertex): void;
  putResource(row: ResourceRow): void;
  removeResource(path: string): void;
  /** Takes the row from its path, to be put under another. */
  removePath(path: string): void;
  putStack(row: StackRow): void;
  event(event: StackEvent): void;
  /** Writes all that was touched. */
  flush(tx: Transaction): Promise<void>;
}

interface VertexRow {
  path: string;
  action: VertexAction;
  state: VertexState;
  requires: string[];
  attempt: number;
  operation_id: string | null;
  reason: string | null;
}

export async function loadWork(tx: Transaction, root: StackRow): Promise<Work> {
  const vertexRows =
    await sql<VertexRow>`select path, action, state, requires, attempt, operation_id, reason from stack_vertices where root_id = ${root.id}`.execute(
      tx,
    );
  const vertices = new Map<string, WorkVertex>(
    vertexRows.rows.map((row) => [vertexKey(row.action, row.path), { ...row, operationId: row.operation_id }]),
  );
  const resources = new Map((await resourcesOfTree(tx, root.id)).map((row) => [row.path, row]));
  const stacks = new Map(
    (await stacksOfTree(tx, root.id))
      .filter((row) => row.deletion_time === null || row.id === root.id)
      .map((row) => [row.path, row]),
  );
  const touched = { vertices: new Set<WorkVertex>(), resources: new Set<ResourceRow>(), stacks: new Set<StackRow>() };
  const removed = new Set<string>();
  const events: StackEvent[] = [];
  return {
    root,
    vertices,
    resources,
    stacks,
    touchVertex: (vertex) => {
      vertices.set(vertexKey(vertex.action, vertex.path), vertex);
      touched.vertices.add(vertex);
    },
    putResource(row) {
      const before = resources.get(row.path);
      if (before) touched.resources.delete(before);
      resources.set(row.path, row);
      touched.resources.add(row);
    },
    removeResource(path) {
      const row = resources.get(path);
      if (!row) return;
      resources.delete(path);
      touched.resources.delete(row);
      removed.add(row.id);
    },
    removePath(path) {
      const row = resources.get(path);
      if (row) touched.resources.delete(row);
      resources.delete(path);
    },
    putStack(row) {
      const before = stacks.get(row.path);
      if (before) touched.stacks.delete(before);
      stacks.set(row.path, row);
      touched.stacks.add(row);
    },
    event: (event) => void events.push(event),
    async flush(tx) {
      await writeStacks(tx, [...touched.stacks]);
      await writeResources(tx, [...touched.resources], [...removed]);
      await writeVertices(tx, root.id, [...touched.vertices]);
      await writeEvents(tx, root, events);
    },
  };
}

async function writeVertices(tx: Transaction, rootId: string, vertices: readonly WorkVertex[]): Promise<void> {
  if (vertices.length === 0) return;
  const rows = JSON.stringify(vertices.map((vertex) => ({ ...vertex, operation_id: vertex.operationId })));
  await sql`insert into stack_vertices (root_id, path, action, state, requires, attempt, operation_id, reason)
    select ${rootId}::uuid, path, action, state, requires, attempt, operation_id, reason
    from jsonb_to_recordset(${rows}::jsonb) as v (path text, action text, state text, requires text[], attempt int, operation_id uuid, reason text)
    on conflict (root_id, path, action) do update set state = excluded.state, requires = excluded.requires, attempt = excluded.attempt,
      operation_id = excluded.operation_id, reason = excluded.reason`.execute(tx);
}

async function writeResources(
  tx: Transaction,
  rows: readonly ResourceRow[],
  removed: readonly string[],
): Promise<void> {
  if (removed.length > 0) await sql`delete from resources where id = any(${removed}::uuid[])`.execute(tx);
  if (rows.length === 0) return;
  // Paths move when a resource is replaced: first out of the way, so that no two rows claim one path.
  await sql`insert into resources (id, root_id, stack_id, path, name, type, action, status, status_reason, physical_id, properties, attributes, metadata,
      data, requires, deletion_policy, generation, creation_time, updated_time)
    select id, root_id, stack_id, path, name, type, action, status, status_reason, physical_id, properties, attributes, metadata,
      data, requires, deletion_policy, generation, creation_time, updated_time
    from jsonb_to_recordset(${JSON.stringify(rows.toSorted((a, b) => b.path.indexOf('@') - a.path.indexOf('@')))}::jsonb) as r (id uuid, root_id uuid, stack_id uuid, path text, name text, type text, action text, status text,
      status_reason text, physical_id text, properties jsonb, attributes jsonb, metadata jsonb, data jsonb, requires text[], deletion_policy text,
      generation int, creation_time timestamptz, updated_time timestamptz)
    on conflict (id) do update set path = excluded.path, type = excluded.type, action = excluded.action, status = excluded.status,
      status_reason = excluded.status_reason, physical_id = excluded.physical_id, properties = excluded.properties, attributes = excluded.attributes,
      metadata = excluded.metadata, data = excluded.data, requires = excluded.requires, deletion_policy = excluded.deletion_policy,
      generation = excluded.generation, updated_time = excluded.updated_time`.execute(tx);
}

async function writeStacks(tx: Transaction, rows: readonly StackRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into stacks (id, root_id, parent_id, path, name, project_id, owner_id, owner_name, owner_roles, description, action, status, status_reason,
      disable_rollback, timeout_mins, tags, generation, complete_generation, operation_id, creation_time, updated_time, deletion_time)
    select id, root_id, parent_id, path, name, project_id, owner_id, owner_name, owner_roles, description, action, status, status_reason,
      disable_rollback, timeout_mins, tags, generation, complete_generation, operation_id, creation_time, updated_time, deletion_time
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as s (id uuid, root_id uuid, parent_id uuid, path text, name text, project_id text,
      owner_id text, owner_name text, owner_roles text[], description text, action text, status text, status_reason text, disable_rollback boolean, timeout_mins int,
      tags text[], generation int, complete_generation int, operation_id uuid, creation_time timestamptz, updated_time timestamptz, deletion_time timestamptz)
    on conflict (id) do update set name = excluded.name, description = excluded.description, action = excluded.action, status = excluded.status, status_reason = excluded.status_reason,
      generation = excluded.generation, complete_generation = excluded.complete_generation, updated_time = excluded.updated_time, deletion_time = excluded.deletion_time, operation_id = excluded.operation_id`.execute(
    tx,
  );
}

/** Events of resources and stacks, into the API's list and the live stream. */
export async function writeEvents(tx: Transaction, root: StackRow, events: readonly StackEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = JSON.stringify(
    events.map((event) => ({ ...event, id: randomUUID(), stack_id: event.stackId, physical_id: event.physicalId })),
  );
  await sql`insert into stack_events (id, root_id, stack_id, resource_name, resource_type, physical_id, action, status, status_reason, properties)
    select id, ${root.id}::uuid, stack_id, name, type, physical_id, action, status, reason, properties
    from jsonb_to_recordset(${rows}::jsonb) as e (id uuid, stack_id uuid, name text, type text, physical_id text, action text, status text, reason text, properties jsonb)`.execute(
    tx,
  );
  await sql`insert into events (kind, subject, project_id, operation_id, payload)
    select 'orchestration.resource', ${`stack:${root.id}`}, ${root.project_id}, ${root.operation_id}::uuid,
      jsonb_build_object('stack', ${root.name}::text, 'resource', name, 'type', type, 'status', action || '_' || status, 'reason', reason)
    from jsonb_to_recordset(${rows}::jsonb) as e (name text, type text, action text, status text, reason text)`.execute(
    tx,
  );
}

export function plainMap(value: unknown): PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (JSON.parse(JSON.stringify(value)) as { [name: string]: Plain })
    : {};
}
