// Runs one operation's handler over its journal and settles its outcome exactly once.
import type { Database, Transaction } from '../database/index.ts';
import { appendEvent } from '../events/index.ts';
import {
  enterStep,
  failureOf,
  type Journal,
  outcomeOfError,
  outcomeOfResult,
  type Run,
  resultOf,
  type StepOutcome,
  takeMessage,
} from './journal.ts';
import type { News } from './news.ts';
import type { ChildOutcome, Json, Operation, OperationContext, OperationKind, Outcome } from './operation.ts';
import { OperationFailed } from './operation.ts';
import { type PausePoint, pausePoints } from './pause-point.ts';
import { type EndedOperation, endOperation, findOperation, writeProgress } from './store.ts';

const progressEveryMs = 500;
const lookAgainMs = 30_000;
/** The engine's rounds tell of what other processes do; this is for a timer's range alone. */
const listenMs = 600_000;

/** Another process, another epoch, a cancel or a deadline has taken the operation away from this run. */
class Overtaken extends Error {
  override name = 'Overtaken';
}

export interface Runner {
  readonly database: Database;
  /** This process. */
  readonly executor: string;
  readonly kinds: ReadonlyMap<string, OperationKind>;
  readonly news: News;
  /** The process is to end: its runs stop at their next step, and whoever comes next goes on with them. */
  readonly stopped: () => boolean;
  readonly log: { warn(message: string, detail?: unknown): void };
  readonly start: (
    tx: Transaction,
    options: { kind: string; target: string; input: Json; parentId: string; requestedBy: string; id: string },
  ) => Promise<string>;
  readonly ended: (operation: EndedOperation) => Promise<void>;
}

/** From the first step that is not in the journal to the settled outcome. */
export async function runOperation(runner: Runner, operation: Operation, journal: Journal): Promise<void> {
  const kind = runner.kinds.get(operation.kind);
  const pausePoint = pausePoints(operation);
  await pausePoint('begin:before');
  const outcome = await outcomeOf(async () => {
    if (!kind)
      throw new OperationFailed(
        `no handler for operations of kind ${operation.kind}`,
        'Start the version of the program that began it.',
      );
    return kind.handler(contextOf(runner, operation, journal, pausePoint), operation.input);
  });
  if (outcome === 'overtaken') return;
  await pausePoint('settle:before');
  await settle(runner, operation.id, operation.epoch, outcome);
  await pausePoint('settle:after');
}

async function outcomeOf(run: () => Promise<Json | undefined>): Promise<Outcome | 'overtaken'> {
  try {
    return { state: 'done', result: (await run()) ?? null };
  } catch (error) {
    if (!(error instanceof Error)) return { state: 'failed', failure: { cause: String(error), hint: '' } };
    // Errors that come back from the journal have lost their class, not their name.
    if (error.name === 'Overtaken') return 'overtaken';
    const state = error.name === 'OperationParked' ? 'parked' : 'failed';
    return { state, failure: failureOf(error) };
  }
}

/** Ends the operation in one transaction with the kind's own changes. Nothing happens when it has ended already. */
export async function settle(runner: Runner, id: string, epoch: number, outcome: Outcome): Promise<void> {
  const result = outcome.state === 'done' ? outcome.result : undefined;
  const failure = outcome.state === 'done' ? undefined : outcome.failure;
  const operation = await runner.database.transaction().execute(async (tx) => {
    const row = await endOperation(tx, id, epoch, outcome.state, result, failure);
    if (!row) return undefined;
    await runner.kinds.get(row.kind)?.settle?.(tx, row, outcome);
    await appendEvent(tx, {
      kind: `operation.${outcome.state}`,
      subject: `operation:${id}`,
      projectId: row.projectId,
      requestId: row.requestId,
      operationId: id,
      payload: { kind: row.kind, target: row.target, ...(failure ? { cause: failure.cause, hint: failure.hint } : {}) },
    });
    return row;
  });
  if (operation) await runner.ended(operation);
}

function contextOf(runner: Runner, operation: Operation, journal: Journal, pausePoint: PausePoint): OperationContext {
  const { database, news } = runner;
  const { id, epoch } = operation;
  const run: Run = { id, epoch, executor: runner.executor };
  let number = 0;
  let told = 0;
  /** What the last step came to: it goes into the journal with the step after it, or the operation ends and nobody asks. */
  let last: StepOutcome | undefined;

  /** Goes on to the next step: what it came to in an earlier run, or else for how long it has been open. */
  async function enter(
    name: string,
    state: 'running' | 'waiting',
  ): Promise<{ came: StepOutcome } | { openMs: number }> {
    const known = journal.get(++number);
    if (known) {
      if (known.name === name) return { came: known.outcome };
      throw new OperationFailed(
        `Step ${number} of its journal is "${known.name}", where this version of the program has "${name}".`,
        'Resume it: it begins anew.',
      );
    }
    const openMs = runner.stopped() ? undefined : await enterStep(database, run, { number, name, state }, last);
    if (openMs === undefined) throw new Overtaken(`operation ${id} was taken over`);
    last = undefined;
    return { openMs };
  }
  async function waitFor(topic: string, reason: string, timeoutMs: number): Promise<StepOutcome> {
    const entered = await enter(reason, 'waiting');
    if ('came' in entered) return entered.came;
    await pausePoint(`wait for ${topic}:before`);
    const time = { timeoutMs: timeoutMs - entered.openMs, againMs: listenMs };
    const heard = await news.until(id, time, async () => {
      const taken = await takeMessage(database, run, number, topic);
      if (!taken) throw new Overtaken(`operation ${id} was taken over`);
      return taken.outcome ?? undefined;
    });
    await pausePoint(`wait for ${topic}:after`);
    if (heard !== undefined) return heard;
    last = outcomeOfResult(undefined);
    return last;
  }
  const context: OperationContext = {
    operation,
    get stepNumber() {
      return number;
    },
    pausePoint,
    async step(name, fn, options = {}) {
      const entered = await enter(options.reason ?? name, 'running');
      if ('came' in entered) return resultOf(entered.came);
      await pausePoint(`${name}:before`);
      try {
        last = outcomeOfResult(await fn());
      } catch (error) {
        last = outcomeOfError(error);
        throw error;
      }
      await pausePoint(`${name}:unrecorded`);
      await pausePoint(`${name}:after`);
      return resultOf(last);
    },
    async waitFor(topic, { reason, timeoutMs }) {
      return resultOf(await waitFor(topic, reason, timeoutMs));
    },
    async sleep(ms, reason) {
      // Nobody sends on this topic: the wait passes with its time, or ends with the operation.
      await waitFor('sleep', reason, ms);
    },
    progress(done, total, unit) {
      const now = Date.now();
      if (now - told < progressEveryMs && done !== total) return;
      told = now;
      // Progress is for people: one that cannot be written is not worth the operation.
      writeProgress(database, id, epoch, Math.round(done), total === null ? null : Math.round(total), unit).catch(
        (error: unknown) => {
          runner.log.warn(`progress of operation ${id}`, error);
        },
      );
    },
    async outcomeOf(id, reason) {
      for (;;) {
        const end = await context.step(`look at ${id}`, () => childEnd(database, id), { reason });
        if (end !== null) return end;
        // The engine tells parents of their children's ends; looking again covers a message that was lost.
        await context.waitFor(`child:${id}`, { reason, timeoutMs: lookAgainMs });
      }
    },
    async child(options) {
      const childId = await context.step(`start ${options.kind}`, () => startChild(runner, operation, options), {
        reason: `starting ${options.kind}`,
      });
      return context.outcomeOf(childId, options.reason);
    },
  };
  return context;
}

async function startChild(
  runner: Runner,
  parent: Operation,
  options: { kind: string; target: string; input: Json; id: string },
): Promise<string> {
  return runner.database.transaction().execute((tx) =>
    runner.start(tx, {
      kind: options.kind,
      target: options.target,
      input: options.input,
      id: options.id,
      parentId: parent.id,
      requestedBy: parent.requestedBy,
    }),
  );
}

async function childEnd(database: Database, id: string): Promise<ChildOutcome | null> {
  const child = await findOperation(database, id);
  if (!child) return { state: 'failed', failure: { cause: `operation ${id} is gone`, hint: '' } };
  switch (child.state) {
    case 'queued':
    case 'running':
    case 'waiting':
      return null;
    case 'done':
      return { state: 'done', result: child.result };
    case 'failed':
    case 'parked':
    case 'cancelled':
      return { state: child.state, failure: child.failure ?? { cause: child.state, hint: '' } };
  }
}
