// The journal of operations: the steps that a run has entered, what they came to, and the messages it reads.
import { sql } from 'kysely';
import type { Database } from '../database/index.ts';
import type { Failure, Json } from './operation.ts';

/** An epoch of an operation in the hands of one process. What another has taken over or ended writes nothing here. */
export interface Run {
  readonly id: string;
  readonly epoch: number;
  readonly executor: string;
}

/** The steps and waits of an epoch that have ended, by their number. */
export type Journal = ReadonlyMap<number, { readonly name: string; readonly outcome: StepOutcome }>;

/** What a step came to, as JSON: its `result`, or the `error` that it threw. */
export type StepOutcome = string;

const alive = ({ id, epoch, executor }: Run) =>
  sql`id = ${id} and epoch = ${epoch} and executor_id = ${executor} and state in ('running', 'waiting')`;

export async function readJournal(database: Database, { id, epoch }: Pick<Run, 'id' | 'epoch'>): Promise<Journal> {
  const { rows } = await sql<{ number: number; name: string; outcome: StepOutcome }>`
    select number, name, outcome::text from operation_steps
    where operation_id = ${id} and epoch = ${epoch} and outcome is not null`.execute(database);
  return new Map(rows.map(({ number, name, outcome }) => [number, { name, outcome }]));
}

/**
 * Opens the step and shows it to people; closes the one before, with what it came to. Answers for how long the step has been
 * open, which is more than a moment where an earlier run was cut off in it; undefined when the run is not alive any more.
 */
export async function enterStep(
  database: Database,
  run: Run,
  step: { readonly number: number; readonly name: string; readonly state: 'running' | 'waiting' },
  before: StepOutcome | undefined,
): Promise<number | undefined> {
  const { number, name, state } = step;
  const entered = await sql<{ open_ms: number }>`
    with alive as (
      update operations set state = ${state}, reason = ${name}, updated_at = clock_timestamp()
      where ${alive(run)} returning id, epoch, project_id, request_id),
    closed as (
      update operation_steps set finished_at = clock_timestamp(), outcome = ${before ?? null}::json
      from alive where operation_id = alive.id and operation_steps.epoch = alive.epoch and finished_at is null and number < ${number}),
    opened as (
      insert into operation_steps (operation_id, epoch, number, name) select id, epoch, ${number}::integer, ${name} from alive
      on conflict (operation_id, epoch, number) do update set name = excluded.name returning started_at),
    told as (
      insert into events (kind, subject, project_id, request_id, operation_id, payload)
      select 'operation.step', 'operation:' || id, project_id, request_id, id, jsonb_build_object('state', ${state}::text, 'reason', ${name}::text) from alive)
    select (extract(epoch from clock_timestamp() - started_at) * 1000)::float8 as open_ms from opened`.execute(
    database,
  );
  return entered.rows[0]?.open_ms;
}

/** Puts a message where the operation's present run reads it. One that waits in line or has ended reads nothing. */
export async function sendMessage(database: Database, id: string, topic: string, message: Json): Promise<void> {
  await sql`
    insert into operation_messages (operation_id, epoch, topic, message)
    select id, epoch, ${topic}, ${JSON.stringify(message)}::json from operations
    where id = ${id} and state in ('running', 'waiting')`.execute(database);
}

/**
 * Takes the oldest message on the topic: in one statement it is gone and is what the wait of this number came to; null when
 * there is none. Undefined when the run is not alive any more.
 */
export async function takeMessage(
  database: Database,
  run: Run,
  number: number,
  topic: string,
): Promise<{ outcome: StepOutcome | null } | undefined> {
  const taken = await sql<{ outcome: StepOutcome | null }>`
    with alive as (select id, epoch from operations where ${alive(run)}),
    taken as (
      delete from operation_messages where id = (
        select oldest.id from operation_messages oldest join alive on operation_id = alive.id and oldest.epoch = alive.epoch
        where topic = ${topic} order by oldest.id limit 1) returning json_build_object('result', message) as outcome),
    kept as (
      update operation_steps set finished_at = clock_timestamp(), outcome = taken.outcome
      from taken where operation_id = ${run.id} and epoch = ${run.epoch} and number = ${number})
    select taken.outcome::text from alive left join taken on true`.execute(database);
  return taken.rows[0];
}

export function outcomeOfResult(result: unknown): StepOutcome {
  return JSON.stringify({ result });
}

export function outcomeOfError(error: unknown): StepOutcome {
  if (!(error instanceof Error)) return JSON.stringify({ error: { name: 'Error', message: String(error), hint: '' } });
  const { cause: message, hint } = failureOf(error);
  return JSON.stringify({ error: { name: error.name, message, hint } });
}

/** The result as a later run sees it; throws the error, which has lost its class. */
export function resultOf<Result>(outcome: StepOutcome): Result {
  const { result, error } = JSON.parse(outcome);
  if (error === undefined) return result;
  const { name, message, hint } = error;
  throw Object.assign(new Error(message), { name, hint });
}

/** What an error says to people. */
export function failureOf(error: Error): Failure {
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
  return { cause: error.message, hint };
}
