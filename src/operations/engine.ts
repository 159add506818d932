// The engine: takes queued operations, watches deadlines, takes over from dead processes.

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';
import { deadExecutors, heartbeat, heartbeatMs, inherit, leave } from './executors.ts';
import { type Journal, readJournal, sendMessage } from './journal.ts';
import { createNews } from './news.ts';
import type { Operation, OperationKind, Operations, StartOptions } from './operation.ts';
import { type Runner, runOperation, settle } from './run.ts';
import {
  ended,
  findOperation,
  insertOperation,
  listOperations,
  ownOperations,
  reportProgress,
  requeue,
  takeQueued,
} from './store.ts';

export interface OperationsOptions {
  readonly database: Database;
  readonly log?: { error(message: string, detail?: unknown): void; warn(message: string, detail?: unknown): void };
}

const tickMs = 500;
const takeAtOnce = 100;
/** A commit follows its start() within moments: look again soon, then ever later. */
const pokeDelaysMs = [1, 5, 20, 60, 200];
/** A run that could not write how it ended is begun again after this. */
const beginAgainMs = 15_000;
/** Other processes end operations too. */
const lookAgainMs = 500;

/** Makes the engine; nothing runs before `launch()`. */
export function createOperations({ database, log = console }: OperationsOptions): Operations {
  const self = randomUUID();
  /** Work that is found leaves the context of the request or operation that made the engine look. */
  const outside = AsyncLocalStorage.snapshot();
  const kinds = new Map<string, OperationKind>();
  const running = new Map<string, number>(); // operation id -> epoch, of this process
  const news = createNews();
  let timer: NodeJS.Timeout | undefined;
  let pokeTimer: NodeJS.Timeout | undefined;
  let pokeRow = 0;
  let ticking: Promise<void> = Promise.resolve();
  let lastHeartbeat = 0;
  let open = false;

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
    news,
    stopped: () => !open,
    log,
    start,
    async ended(operation) {
      news.tell(operation.id);
      await kinds.get(operation.kind)?.ended?.(operation);
      if (operation.parentId) await send(operation.parentId, `child:${operation.id}`, operation.state);
      if (operation.followed) poke();
    },
  };

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
      for (const operation of found) begin(operation, new Map());
      taken = found.length;
    }
  }
  function begin(operation: Operation, journal: Journal): void {
    const { id, epoch } = operation;
    running.set(id, epoch);
    const over = () => running.get(id) === epoch && running.delete(id);
    runOperation(runner, operation, journal).then(over, (error: unknown) => {
      if (open) log.error(`operations: the end of ${id} could not be written`, error);
      setTimeout(over, beginAgainMs).unref();
    });
  }

  async function tick(): Promise<void> {
    if (Date.now() - lastHeartbeat >= heartbeatMs) {
      await heartbeat(database, self);
      lastHeartbeat = Date.now();
      for (const dead of await deadExecutors(database, self)) await inherit(database, dead, self);
    }
    await takeWork();
    await lookAfterOwn();
    await endOverdue();
  }

  /** Begins what is ours by the table and does not run: it was inherited, or cut off. Tells runs what other processes did. */
  async function lookAfterOwn(): Promise<void> {
    const own = new Map((await ownOperations(database, self)).map((operation) => [operation.id, operation]));
    for (const { id, epoch, spoken } of own.values()) {
      if (running.get(id) === epoch) {
        if (spoken) news.tell(id);
        continue;
      }
      const operation = await findOperation(database, id);
      if (operation?.epoch === epoch) begin(operation, await readJournal(database, operation));
    }
    for (const [id, epoch] of running) if (own.get(id)?.epoch !== epoch) news.tell(id);
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
    }
  }

  const send: Operations['send'] = async (id, topic, message) => {
    await sendMessage(database, id, topic, message);
    news.tell(id);
  };

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
    },
    async resume(id) {
      const before = await findOperation(database, id);
      const deadlineMs = (before && kinds.get(before.kind)?.deadlineMs) ?? 3_600_000;
      await database.transaction().execute((tx) => requeue(tx, id, deadlineMs));
      poke();
    },
    get: (id) => findOperation(database, id),
    list: (filter = {}) => listOperations(database, filter),
    async wait(id, { timeoutMs }) {
      const end = await news.until(id, { timeoutMs, againMs: lookAgainMs }, async () => {
        const operation = await findOperation(database, id);
        return operation === undefined ? 'unknown' : ended(operation.state) ? operation : undefined;
      });
      return end === 'unknown' ? undefined : (end ?? findOperation(database, id));
    },
    async launch() {
      open = true;
      await exclusive(tick);
      timer = setInterval(() => void exclusive(tick), tickMs);
    },
    async shutdown() {
      open = false;
      clearInterval(timer);
      await ticking;
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
