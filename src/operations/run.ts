// Runs one operation's handler as a DBOS workflow and settles its outcome exactly once.
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Database, Transaction } from '../database/index.ts';
import { appendEvent } from '../events/index.ts';
import type { ChildOutcome, Failure, Json, Operation, OperationContext, OperationKind, Outcome } from './operation.ts';
import { OperationFailed } from './operation.ts';
import { type PausePoint, pausePoints } from './pause-point.ts';
import { claimOperation, type EndedOperation, endOperation, enterStep, findOperation, writeProgress } from './store.ts';

const progressEveryMs = 500;
const lookAgainMs = 30_000;

/** The DBOS workflow id of one epoch of an operation. */
export function workflowId(id: string, epoch: number): string {
  return `${id}:${epoch}`;
}

/** Another epoch, a cancel or a deadline has taken the operation away from this run. */
class Overtaken extends Error {
  override name = 'Overtaken';
}

export interface Runner {
  readonly database: Database;
  /** This process. */
  readonly executor: string;
  readonly kinds: ReadonlyMap<string, OperationKind>;
  readonly start: (
    tx: Transaction,
    options: { kind: string; target: string; input: Json; parentId: string; requestedBy: string; id: string },
  ) => Promise<string>;
  readonly ended: (operation: EndedOperation) => Promise<void>;
}

/** The body of the workflow: from the first step to the settled outcome. */
export async function runOperation(runner: Runner, id: string, epoch: number): Promise<void> {
  const operation = await claimOperation(runner.database, id, epoch, runner.executor);
  if (!operation) return;
  const kind = runner.kinds.get(operation.kind);
  const pausePoint = pausePoints(operation);
  await pausePoint('begin:before');
  const outcome = await outcomeOf(async () => {
    if (!kind)
      throw new OperationFailed(
        `no handler for operations of kind ${operation.kind}`,
        'Start the version of the program that began it.',
      );
    return kind.handler(contextOf(runner, operation, pausePoint), operation.input);
  });
  if (outcome === 'overtaken') return;
  await pausePoint('settle:before');
  await settle(runner, id, epoch, outcome);
  await pausePoint('settle:after');
}

async function outcomeOf(run: () => Promise<Json | undefined>): Promise<Outcome | 'overtaken'> {
  try {
    return { state: 'done', result: (await run()) ?? null };
  } catch (error) {
    if (!(error instanceof Error)) return { state: 'failed', failure: { cause: String(error), hint: '' } };
    // Errors that come back from the journal have lost their class, not their name.
    if (error.name === 'Overtaken' || error.name === 'DBOSWorkflowCancelledError') return 'overtaken';
    const state = error.name === 'OperationParked' ? 'parked' : 'failed';
    return { state, failure: failureOf(error) };
  }
}

function failureOf(error: Error): Failure {
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
  return { cause: error.message, hint };
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

function contextOf(runner: Runner, operation: Operation, pausePoint: PausePoint): OperationContext {
  const { database } = runner;
  const { id, epoch } = operation;
  let number = 0;
  let told = 0;
  const enter = async (name: string, state: 'running' | 'waiting') => {
    if (!(await enterStep(database, id, epoch, ++number, name, state)))
      throw new Overtaken(`operation ${id} was taken over`);
  };
  const context: OperationContext = {
    operation,
    get stepNumber() {
      return number;
    },
    pausePoint,
    async step(name, fn, options = {}) {
      await enter(options.reason ?? name, 'running');
      await pausePoint(`${name}:before`);
      const retries = options.retries ?? 0;
      const run = async () => {
        const result = await fn();
        await pausePoint(`${name}:unrecorded`);
        return result;
      };
      const result = await DBOS.runStep(run, {
        name,
        ...(retries > 0 ? { retriesAllowed: true, maxAttempts: retries + 1, intervalSeconds: 1 } : {}),
      });
      await pausePoint(`${name}:after`);
      return result;
    },
    async waitFor<Message extends Json>(topic: string, { reason, timeoutMs }: { reason: string; timeoutMs: number }) {
      await enter(reason, 'waiting');
      await pausePoint(`wait for ${topic}:before`);
      const message = await DBOS.recv<Message>(topic, { timeoutSeconds: timeoutMs / 1000 });
      await pausePoint(`wait for ${topic}:after`);
      return message ?? undefined;
    },
    async sleep(ms, reason) {
      await enter(reason, 'waiting');
      await pausePoint('sleep:before');
      await DBOS.sleepms(ms);
    },
    progress(done, total, unit) {
      const now = Date.now();
      if (now - told < progressEveryMs && done !== total) return;
      told = now;
      // Progress is for people: one that cannot be written is not worth the operation.
      writeProgress(database, id, epoch, Math.round(done), total === null ? null : Math.round(total), unit).catch(
        (error: unknown) => {
          DBOS.logger.warn(`progress of operation ${id}: ${String(error)}`);
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
