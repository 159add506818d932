// The engine: takes queued operations, watches deadlines, takes over from dead processes.

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { DBOS, type DBOSConfig } from '@dbos-inc/dbos-sdk';
import { sql } from 'kysely';
import { type Database, openPool, type Transaction } from '../database/index.ts';
import { deadExecutors, heartbeat, heartbeatMs, inherit, leave } from './executors.ts';
import type { Json, Operation, OperationKind, Operations, StartOptions } from './operation.ts';
import { type Runner, runOperation, settle, workflowId } from './run.ts';
import {
  deleteOperations,
  ended,
  findOperation,
  insertOperation,
  listOperations,
  longOver,
  reportProgress,
  requeue,
  takeQueued,
} from './store.ts';

export interface OperationsOptions {
  readonly database: Database;
  /** Connection string for the journal, which keeps its tables in the schema `dbos`. */
  readonly url: string;
  readonly log?: { error(message: string, detail?: unknown): void; warn(message: string, detail?: unknown): void };
}

/** Journals of workflows name this version; it changes only when old journals cannot be replayed any more. */
const journalVersion = '1';
const tickMs = 500;
const takeAtOnce = 100;
const forgetAtOnce = 200;
/** A commit follows its start() within moments: look again soon, then ever later. */
const pokeDelaysMs = [1, 5, 20, 60, 200];
const adoptAgainMs = 15_000;

/** Makes the engine; nothing runs before `launch()`. One engine a process: DBOS is one to a process. */
export function createOperations({ database, url, log = console }: OperationsOptions): Operations {
  const self = randomUUID();
  /** The engine's own calls leave the context of the workflow they are made from: DBOS would take them for part of it. */
  const outside = AsyncLocalStorage.snapshot();
  const kinds = new Map<string, OperationKind>();
  const running = new Map<string, string>(); // operation id -> workflow id, of this process
  const adopted = new Map<string, number>(); // workflow id -> when we asked DBOS to run it
  const ends = new EventEmitter().setMaxListeners(0);
  let timer: NodeJS.Timeout | undefined;
  let pokeTimer: NodeJS.Timeout | undefined;
  let pokeRow = 0;
  let ticking: Promise<void> = Promise.resolve();
  let lastHeartbeat = 0;
  let open = false;
  let pool: ReturnType<typeof openPool> | undefined;

  const start = async (tx: Transaction, options: StartOptions): Promise<string> => {
    const kind = kinds.get(options.kind);
    if (!kind) throw new Error(`operations of kind ${options.kind} are not defined`);
    const id = options.id ?? randomUUID();
    await insertOperation(tx, id, options, options.deadlineMs ?? kind.deadlineMs);
    poke();
    return id;
  };
  const runner: Runner = {
    database,
    executor: self,
    kinds,
    start,
    async ended(operation) {
      ends.emit(operation.id, operation);
      await kinds.get(operation.kind)?.ended?.(operation);
      if (operation.parentId) await send(operation.parentId, `child:${operation.id}`, operation.state);
      if (operation.followed) poke();
    },
  };

  const workflow = DBOS.registerWorkflow(
    async (id: string, epoch: number) => {
      running.set(id, workflowId(id, epoch));
      try {
        await runOperation(runner, id, epoch);
      } finally {
        running.delete(id);
      }
    },
    { name: 'operation', maxRecoveryAttempts: 1000 },
  );

  /** Looks for work soon, then ever later; a poke while looks are under way begins their row anew instead of adding one. */
  function poke(): void {
    clearTimeout(pokeTimer);
    const row = ++pokeRow;
    const look = (index: number): void => {
      const delay = pokeDelaysMs[index];
      if (delay === undefined || !open || row !== pokeRow) return;
      pokeTimer = setTimeout(() => void exclusive(takeWork).then(() => look(index + 1)), delay).unref();
    };
    outside(() => look(0));
  }
  /** One at a time, so that a piece of work is looked at once; errors are logged and the next tick tries again. */
  function exclusive(work: () => Promise<void>): Promise<void> {
    ticking = ticking
      .then(() => (open ? work() : undefined))
      .catch((error: unknown) => log.error('operations: a round failed', error));
    return ticking;
  }

  async function takeWork(): Promise<void> {
    for (let taken = takeAtOnce; taken === takeAtOnce; ) {
      const found = await takeQueued(database, self, takeAtOnce);
      for (const { id, epoch } of found) await begin(id, epoch);
      taken = found.length;
    }
  }
  async function begin(id: string, epoch: number): Promise<void> {
    adopted.set(workflowId(id, epoch), Date.now());
    await DBOS.startWorkflow(workflow, { workflowID: workflowId(id, epoch) })(id, epoch);
  }

  async function tick(): Promise<void> {
    if (Date.now() - lastHeartbeat >= heartbeatMs) {
      await heartbeat(database, self);
      lastHeartbeat = Date.now();
      for (const dead of await deadExecutors(database, self)) await inherit(database, dead, self);
    }
    await takeWork();
    await adoptOrphans();
    await endOverdue();
  }

  /** Operations that are ours by the table and run nowhere: inherited ones, and those taken just before a crash. */
  async function adoptOrphans(): Promise<void> {
    const mine = await sql<{
      id: string;
      epoch: number;
    }>`select id, epoch from operations where executor_id = ${self} and state in ('running', 'waiting')`.execute(
      database,
    );
    for (const { id, epoch } of mine.rows) {
      const flow = workflowId(id, epoch);
      if (running.get(id) === flow || Date.now() - (adopted.get(flow) ?? 0) < adoptAgainMs) continue;
      const status = await DBOS.getWorkflowStatus(flow);
      if (status === null) await begin(id, epoch);
      else if (status.status === 'PENDING' || status.status === 'ENQUEUED') {
        adopted.set(flow, Date.now());
        await DBOS.resumeWorkflow(flow);
      } else {
        await settle(runner, id, epoch, {
          state: 'failed',
          failure: {
            cause: `its journal ended as ${status.status} without an outcome`,
            hint: 'Resume it; if it ends like this again, report it with the log.',
          },
        });
      }
    }
    for (const [flow, at] of adopted) if (Date.now() - at > adoptAgainMs * 2) adopted.delete(flow);
  }

  async function endOverdue(): Promise<void> {
    const overdue = await sql<{ id: string; epoch: number; reason: string | null; started: boolean }>`
      select id, epoch, reason, started_at is not null as started from operations where deadline_at < now() and state in ('queued', 'running', 'waiting')`.execute(
      database,
    );
    for (const { id, epoch, reason, started } of overdue.rows) {
      await settle(runner, id, epoch, {
        state: 'failed',
        failure: {
          cause: `its deadline passed ${started ? 'at' : 'while'}: ${reason ?? 'no step yet'}`,
          hint: 'See what that step waits for, then start it again.',
        },
      });
      await stopWorkflow(id, epoch);
    }
  }
  async function stopWorkflow(id: string, epoch: number): Promise<void> {
    if ((await outside(() => DBOS.getWorkflowStatus(workflowId(id, epoch)))) === null) return;
    await outside(() => DBOS.cancelWorkflow(workflowId(id, epoch)));
  }

  async function send(id: string, topic: string, message: Json): Promise<void> {
    const operation = await findOperation(database, id);
    // Nobody will read it: an operation that waits in line or has ended has no journal to put it in.
    if (!operation || operation.state === 'queued' || ended(operation.state)) return;
    await outside(() => DBOS.send(workflowId(id, operation.epoch), message, topic));
  }

  return {
    define(kind, definition) {
      if (kinds.has(kind)) throw new Error(`operations of kind ${kind} are defined twice`);
      kinds.set(kind, definition);
    },
    start,
    send,
    report: (tx, id, { done, total, unit }) => reportProgress(tx, id, done, total, unit),
    async cancel(id, reason) {
      const operation = await findOperation(database, id);
      if (!operation || ended(operation.state)) return;
      await settle(runner, id, operation.epoch, { state: 'cancelled', failure: { cause: reason, hint: '' } });
      await stopWorkflow(id, operation.epoch);
    },
    async resume(id) {
      const before = await findOperation(database, id);
      const deadlineMs = (before && kinds.get(before.kind)?.deadlineMs) ?? 3_600_000;
      await database.transaction().execute((tx) => requeue(tx, id, deadlineMs));
      poke();
    },
    get: (id) => findOperation(database, id),
    list: (filter = {}) => listOperations(database, filter),
    async forget(before) {
      let count = 0;
      for (let old = await longOver(database, before, forgetAtOnce); old.length > 0 && open; ) {
        // The journals first: without their operation nobody would find them again.
        const flows = old.flatMap(({ id, epoch }) =>
          Array.from({ length: epoch }, (_, past) => workflowId(id, past + 1)),
        );
        await outside(() => DBOS.deleteWorkflows(flows));
        await deleteOperations(
          database,
          old.map(({ id }) => id),
        );
        count += old.length;
        old = await longOver(database, before, forgetAtOnce);
      }
      return count;
    },
    wait: (id, { timeoutMs }) => waitForEnd(database, ends, id, timeoutMs),
    async launch() {
      pool = openPool(
        url,
        { idle_in_transaction_session_timeout: 60_000 },
        { onError: (error) => log.warn('operations: an idle database connection was lost', error) },
      );
      const config: DBOSConfig = {
        name: 'undercloud',
        systemDatabaseUrl: url,
        systemDatabaseSchemaName: 'dbos',
        systemDatabasePool: pool,
        applicationVersion: journalVersion,
        executorID: self,
        logLevel: 'error',
      };
      DBOS.setConfig(config);
      await DBOS.launch();
      open = true;
      await exclusive(tick);
      timer = setInterval(() => void exclusive(tick), tickMs);
    },
    async shutdown() {
      open = false;
      clearInterval(timer);
      await ticking;
      await DBOS.shutdown();
      await pool?.end();
      // Leaving last: a survivor may take over from here.
      await leaveWithWork(database, self);
    },
  };
}

/** A process that stops while operations run stays in the table, so that the next one finds its pid dead and takes over. */
async function leaveWithWork(database: Database, self: string): Promise<void> {
  const left =
    await sql`select 1 from operations where executor_id = ${self} and state in ('running', 'waiting') limit 1`.execute(
      database,
    );
  if (left.rows.length === 0) await leave(database, self);
}

async function waitForEnd(
  database: Database,
  ends: EventEmitter,
  id: string,
  timeoutMs: number,
): Promise<Operation | undefined> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const operation = await findOperation(database, id);
    const left = deadline - Date.now();
    if (!operation || ended(operation.state) || left <= 0) return operation;
    await new Promise<void>((wake) => {
      // Other processes end operations too: look again from time to time.
      const timer = setTimeout(done, Math.min(left, 500));
      function done() {
        clearTimeout(timer);
        ends.off(id, done);
        wake();
      }
      ends.once(id, done);
    });
  }
}
