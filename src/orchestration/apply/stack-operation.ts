// The durable operation on a whole stack: lays out the work, then moves it on as results come in.
import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import {
  type Json,
  type Operation,
  type OperationContext,
  OperationFailed,
  type OperationKind,
  OperationParked,
  type Outcome,
} from '../../operations/index.ts';
import { findStack, lockRoot, type StackRow, stackTables } from '../stack/store.ts';
import { advance, giveUp } from './advance.ts';
import { actionOn, tellStack } from './conclude.ts';
import { type ApplyDependencies, defaultTimeoutMins, resourceOperationKind } from './dependencies.ts';
import { layOutDeletions, syncVertices } from './prepare.ts';
import { goesAway } from './start.ts';
import { knownValues } from './values.ts';
import { isVisit, layOutVisits } from './visit.ts';
import { loadWork, plainMap } from './work.ts';

const lookAgainMs = 10_000;

export function stackOperation(deps: ApplyDependencies, database: Database): OperationKind {
  return {
    deadlineMs: defaultTimeoutMins * 60_000,
    handler: async (context, input) => {
      const rootId = String(plainMap(input).rootId);
      const applyId = context.operation.id;
      await context.step('stop what runs', () =>
        stopResources(deps, database, rootId, sql<boolean>`input->>'applyId' <> ${applyId}`),
      );
      await context.step('lay out the work', () => layOut(deps, database, rootId, context));
      return watch(deps, context, database, rootId);
    },
    settle: async (tx, operation, outcome) => {
      const root = await lockRoot(tx, String(plainMap(operation.input).rootId));
      if (outcome.state === 'done' || root.operation_id !== operation.id || root.status !== 'IN_PROGRESS') return;
      await giveUp(deps, tx, root, reasonOf(root, operation, outcome), {
        mayGoBack: outcome.state !== 'cancelled',
      });
    },
    ended: async (operation) => {
      if (operation.state === 'done' || operation.state === 'parked') return;
      const rootId = String(plainMap(operation.input).rootId);
      await stopResources(deps, database, rootId, sql<boolean>`input->>'applyId' = ${operation.id}`);
    },
  };
}

/** Heat's words for a time that is over; else what went wrong. */
function reasonOf(root: StackRow, operation: Operation, outcome: Exclude<Outcome, { state: 'done' }>): string {
  const name = `${root.action.slice(0, 1)}${root.action.slice(1).toLowerCase()}`;
  if (outcome.state === 'cancelled') return `Stack ${root.action} cancelled: ${outcome.failure.cause}`;
  if (operation.deadlineAt && operation.deadlineAt.getTime() <= Date.now()) return `${name} timed out`;
  return `Stack ${root.action} failed: ${outcome.failure.cause}`;
}

/** Cancels work on resources: of an earlier apply, or of one that has been given up. */
async function stopResources(
  deps: ApplyDependencies,
  database: Database,
  rootId: string,
  whose: ReturnType<typeof sql<boolean>>,
): Promise<void> {
  const found = await sql<{
    id: string;
  }>`select id from operations where kind = ${resourceOperationKind} and target like ${`stack:${rootId}/%`}
    and state in ('queued', 'running', 'waiting') and ${whose}`.execute(database);
  for (const { id } of found.rows) await deps.operations.cancel(id, 'the stack moves to something else');
}

async function layOut(
  deps: ApplyDependencies,
  database: Database,
  rootId: string,
  { operation }: OperationContext,
): Promise<void> {
  await database.transaction().execute(async (tx) => {
    const root = await lockRoot(tx, rootId);
    if (root.operation_id !== operation.id)
      throw new OperationFailed(`stack ${root.name} has been given other work`, 'Follow its newest operation.');
    // A repeat after a crash finds its vertices; a resume finds those that failed or were parked.
    const own = await sql`select 1 from stack_vertices where root_id = ${rootId} limit 1`.execute(tx);
    if (own.rows.length === 0) await layOutAnew(deps, tx, root);
    else if (operation.epoch > 1) await retry(tx, rootId, root);
    await advance(deps, tx, rootId, operation.id);
  });
}

async function retry(tx: Transaction, rootId: string, root: StackRow): Promise<void> {
  await sql`update stack_vertices set state = 'waiting', reason = null where root_id = ${rootId} and state in ('failed', 'parked')`.execute(
    tx,
  );
  await stackTables(tx)
    .updateTable('stacks')
    .set({ status: 'IN_PROGRESS', status_reason: `Stack ${root.action} resumed` })
    .where('root_id', '=', rootId)
    .where('status', '=', 'FAILED')
    .where('deletion_time', 'is', null)
    .execute();
}

async function layOutAnew(deps: ApplyDependencies, tx: Transaction, root: StackRow): Promise<void> {
  const work = await loadWork(tx, root);
  // Nothing is converged yet: what depends on another resource is looked at when that one has been.
  const visiting = isVisit(root.action);
  const graph =
    visiting || goesAway(root)
      ? undefined
      : await deps.graphOf(
          tx,
          root,
          knownValues(work.resources, () => false, deps.secrets),
        );
  if (graph) syncVertices(work, graph);
  if (visiting) layOutVisits(work);
  else layOutDeletions(work, graph);
  for (const stack of [...work.stacks.values()]) {
    const action = actionOn(stack, root);
    const reason = stack.path === '' ? root.status_reason : `Stack ${action} started`;
    work.putStack({ ...stack, action, status: 'IN_PROGRESS', status_reason: reason });
    tellStack(work, stack, action, 'IN_PROGRESS', reason);
  }
  await work.flush(tx);
}

async function watch(
  deps: ApplyDependencies,
  context: OperationContext,
  database: Database,
  rootId: string,
): Promise<Json> {
  for (;;) {
    const state = await context.step('look at the stack', () => moveOn(deps, database, rootId, context.operation.id), {
      reason: 'its resources are being worked on',
    });
    if (state.status === 'COMPLETE') return state;
    if (state.status === 'FAILED') {
      const hint = `See: undercloud status ${state.name}. When the cause is gone: undercloud resume ${state.name}`;
      throw state.parked ? new OperationParked(state.reason, hint) : new OperationFailed(state.reason, hint);
    }
    await context.waitFor('progress', { reason: 'its resources are being worked on', timeoutMs: lookAgainMs });
  }
}

/** A round where results have come in; then how the stack stands. */
async function moveOn(
  deps: ApplyDependencies,
  database: Database,
  rootId: string,
  applyId: string,
): Promise<{ name: string; status: string; reason: string; parked: boolean }> {
  let root = await findStack(database, rootId, undefined);
  if (root?.stirred === true && root.operation_id === applyId && root.status === 'IN_PROGRESS') {
    await database.transaction().execute((tx) => advance(deps, tx, rootId, applyId));
    root = await findStack(database, rootId, undefined);
  }
  if (!root) return { name: rootId, status: 'FAILED', reason: 'the stack is gone', parked: false };
  if (root.operation_id !== applyId)
    return { name: root.name, status: 'FAILED', reason: root.status_reason, parked: false };
  const parked = await sql`select 1 from stack_vertices where root_id = ${rootId} and state = 'parked' limit 1`.execute(
    database,
  );
  return { name: root.name, status: root.status, reason: root.status_reason, parked: parked.rows.length > 0 };
}
