// The rows of operations: reading, and the few statements that change their state.
import { type Generated, type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';
import type { Failure, Json, Operation, OperationFilter, OperationState, StartOptions } from './operation.ts';

type OperationsTable = {
  id: string;
  sequence: Generated<number>;
  kind: string;
  target: string;
  project_id: string | null;
  requested_by: string;
  request_id: string | null;
  parent_id: string | null;
  state: OperationState;
  input: Json;
  result: Json | null;
  reason: string | null;
  progress_done: number | null;
  progress_total: number | null;
  progress_unit: string | null;
  progress_at: Date | null;
  deadline_at: Date | null;
  failure_cause: string | null;
  failure_hint: string | null;
  epoch: Generated<number>;
  executor_id: string | null;
  created_at: Generated<Date>;
  started_at: Date | null;
  updated_at: Generated<Date>;
  finished_at: Date | null;
};
export type OperationTables = {
  operations: OperationsTable;
};

const endedStates: readonly OperationState[] = ['parked', 'done', 'failed', 'cancelled'];
export function ended(state: OperationState): boolean {
  return endedStates.includes(state);
}

export function toOperation(row: Selectable<OperationsTable>): Operation {
  const progress =
    row.progress_done === null || row.progress_at === null
      ? null
      : { done: row.progress_done, total: row.progress_total, unit: row.progress_unit ?? '', at: row.progress_at };
  return {
    id: row.id,
    kind: row.kind,
    target: row.target,
    projectId: row.project_id,
    requestedBy: row.requested_by,
    requestId: row.request_id,
    parentId: row.parent_id,
    state: row.state,
    input: row.input,
    result: row.result,
    reason: row.reason,
    progress,
    deadlineAt: row.deadline_at,
    failure: row.failure_cause === null ? null : { cause: row.failure_cause, hint: row.failure_hint ?? '' },
    epoch: row.epoch,
    createdAt: row.created_at,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  };
}

/**
 * Inserts a queued operation; an operation with that id already there is left as it is. What was parked at the same work on
 * the same target is superseded: nobody will resume it any more.
 */
export async function insertOperation(
  tx: Transaction,
  id: string,
  options: StartOptions,
  deadlineMs: number,
): Promise<void> {
  await sql`
    with superseded as (
      update operations set state = 'cancelled', updated_at = clock_timestamp()
      where target = ${options.target} and kind = ${options.kind} and state = 'parked' and id <> ${id} returning id, project_id, request_id),
    told as (
      insert into events (kind, subject, project_id, request_id, operation_id, payload)
      select 'operation.cancelled', 'operation:' || id, project_id, request_id, id, jsonb_build_object('cause', 'superseded by operation ' || ${id}::text)
      from superseded)
    insert into operations (id, kind, target, project_id, requested_by, request_id, parent_id, state, input, reason, deadline_at) values (
      ${id}, ${options.kind}, ${options.target}, ${options.projectId ?? null}, ${options.requestedBy}, ${options.requestId ?? null},
      ${options.parentId ?? null}, 'queued', ${JSON.stringify(options.input)}::jsonb, 'waiting for its turn',
      now() + ${deadlineMs} * interval '1 millisecond')
    on conflict (id) do nothing`.execute(tx);
}

export async function findOperation(database: Database | Transaction, id: string): Promise<Operation | undefined> {
  const row = await database
    .withTables<OperationTables>()
    .selectFrom('operations')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toOperation(row);
}

/** The operation, if this epoch of it is under way; from now on it is `executor`'s, whoever had begun it. */
export async function claimOperation(
  database: Database,
  id: string,
  epoch: number,
  executor: string,
): Promise<Operation | undefined> {
  const found = await sql<Selectable<OperationsTable>>`
    with claimed as (
      update operations set executor_id = ${executor}
      where id = ${id} and epoch = ${epoch} and executor_id is distinct from ${executor} and state in ('running', 'waiting'))
    select * from operations where id = ${id} and epoch = ${epoch}`.execute(database);
  const [row] = found.rows;
  return row && toOperation(row);
}

export async function listOperations(database: Database, filter: OperationFilter): Promise<Operation[]> {
  let query = database.withTables<OperationTables>().selectFrom('operations').selectAll();
  if (filter.target !== undefined) query = query.where('target', '=', filter.target);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.parentId !== undefined) query = query.where('parent_id', '=', filter.parentId);
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
  if (filter.states !== undefined) query = query.where('state', 'in', [...filter.states]);
  const rows = await query
    .orderBy('sequence', 'desc')
    .limit(filter.limit ?? 1000)
    .execute();
  return rows.map(toOperation);
}

/** The oldest of those that ended before this time. The last on its target stays, and one whose children are there. */
export async function longOver(
  database: Database,
  before: Date,
  limit: number,
): Promise<Pick<Operation, 'id' | 'epoch'>[]> {
  const { rows } = await sql<Pick<Operation, 'id' | 'epoch'>>`
    select id, epoch from operations
    where state in ('done', 'failed', 'cancelled') and coalesce(finished_at, updated_at) < ${before}
      and exists (select from operations later
        where later.target = operations.target and later.sequence > operations.sequence)
      and not exists (select from operations child where child.parent_id = operations.id)
    order by sequence limit ${limit}`.execute(database);
  return rows;
}

export async function deleteOperations(database: Database, ids: readonly string[]): Promise<void> {
  await sql`delete from operations where id = any(${ids})`.execute(database);
}

/**
 * Takes the head of every target's queue for this executor, at most `limit` operations. An operation may run beside its
 * own parent. Two processes never take two operations of one target: both see the same head, and the second skips it.
 */
export async function takeQueued(
  database: Database,
  executor: string,
  limit: number,
): Promise<{ id: string; epoch: number }[]> {
  const taken = await sql<{ id: string; epoch: number }>`
    update operations set state = 'running', reason = 'starting', started_at = coalesce(started_at, now()), updated_at = now(), executor_id = ${executor}
    where id in (
      select q.id from operations q
      where q.state = 'queued'
        and not exists (select 1 from operations b where b.target = q.target and b.state in ('running', 'waiting') and b.id is distinct from q.parent_id)
        and not exists (select 1 from operations e where e.target = q.target and e.state = 'queued' and e.sequence < q.sequence)
      order by q.sequence limit ${limit} for update skip locked)
    returning id, epoch`.execute(database);
  return taken.rows;
}

/** Shows people the step that begins; closes the one before. Answers false when another epoch or an end has overtaken this run. */
export async function enterStep(
  database: Database,
  id: string,
  epoch: number,
  number: number,
  name: string,
  state: 'running' | 'waiting',
): Promise<boolean> {
  const entered = await sql`
    with alive as (
      update operations set state = ${state}, reason = ${name}, updated_at = clock_timestamp()
      where id = ${id} and epoch = ${epoch} and state in ('running', 'waiting') returning id, project_id, request_id),
    closed as (
      update operation_steps set finished_at = clock_timestamp() where operation_id = ${id} and epoch = ${epoch} and finished_at is null and number <> ${number}),
    opened as (
      insert into operation_steps (operation_id, epoch, number, name) select id, ${epoch}::integer, ${number}::integer, ${name} from alive
      on conflict (operation_id, epoch, number) do update set started_at = clock_timestamp(), finished_at = null),
    told as (
      insert into events (kind, subject, project_id, request_id, operation_id, payload)
      select 'operation.step', 'operation:' || id, project_id, request_id, id, jsonb_build_object('state', ${state}::text, 'reason', ${name}::text) from alive)
    select 1 from alive`.execute(database);
  return entered.rows.length > 0;
}

export async function writeProgress(
  database: Database,
  id: string,
  epoch: number,
  done: number,
  total: number | null,
  unit: string,
): Promise<void> {
  await sql`
    with alive as (
      update operations set progress_done = ${done}, progress_total = ${total}, progress_unit = ${unit}, progress_at = clock_timestamp()
      where id = ${id} and epoch = ${epoch} and state in ('running', 'waiting') returning id, project_id, request_id)
    insert into events (kind, subject, project_id, request_id, operation_id, payload)
    select 'operation.progress', 'operation:' || id, project_id, request_id, id,
      jsonb_build_object('done', ${done}::bigint, 'total', ${total}::bigint, 'unit', ${unit}::text) from alive`.execute(
    database,
  );
}

export interface EndedOperation extends Operation {
  /** Another waits on its target. */
  readonly followed: boolean;
}

/** Ends the operation and its last step if this epoch still owns it; the row as it is then, or undefined. */
export async function endOperation(
  tx: Transaction,
  id: string,
  epoch: number,
  state: OperationState,
  result: Json | undefined,
  failure: Failure | undefined,
): Promise<EndedOperation | undefined> {
  const found = await sql<Selectable<OperationsTable> & { followed: boolean }>`
    with over as (
      update operations set state = ${state}, result = ${result === undefined ? null : JSON.stringify(result)}::jsonb, reason = null,
        failure_cause = ${failure?.cause ?? null}, failure_hint = ${failure?.hint ?? null},
        finished_at = clock_timestamp(), updated_at = clock_timestamp()
      where id = ${id} and epoch = ${epoch} and state in ('queued', 'running', 'waiting') returning *),
    closed as (
      update operation_steps set finished_at = clock_timestamp() from over
      where operation_id = over.id and operation_steps.epoch = over.epoch and operation_steps.finished_at is null)
    select over.*, exists (select from operations next where next.target = over.target and next.state = 'queued' and next.id <> over.id) as followed
    from over`.execute(tx);
  const [row] = found.rows;
  return row && { ...toOperation(row), followed: row.followed };
}

/** Puts a parked or failed operation back in line under the next epoch, with a new deadline. */
export async function requeue(tx: Transaction, id: string, deadlineMs: number): Promise<Operation | undefined> {
  const row = await tx
    .withTables<OperationTables>()
    .updateTable('operations')
    .set({
      state: 'queued',
      epoch: sql`epoch + 1`,
      reason: 'waiting for its turn',
      failure_cause: null,
      failure_hint: null,
      finished_at: null,
      deadline_at: sql`now() + ${deadlineMs} * interval '1 millisecond'`,
      updated_at: sql`now()`,
    })
    .where('id', '=', id)
    .where('state', 'in', ['parked', 'failed'])
    .returningAll()
    .executeTakeFirst();
  return row && toOperation(row);
}

/** As writeProgress, for any epoch and without an event of its own: the transaction's own events tell of it. */
export async function reportProgress(
  tx: Transaction,
  id: string,
  done: number,
  total: number | null,
  unit: string,
): Promise<void> {
  await sql`update operations set progress_done = ${done}, progress_total = ${total}, progress_unit = ${unit}, progress_at = clock_timestamp() where id = ${id}`.execute(
    tx,
  );
}
