// The durable operation on a whole stack: lays out the work, then watches it end.
import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import {
  type Json,
  type OperationContext,
  OperationFailed,
  type OperationKind,
  OperationParked,
} from '../../operations/index.ts';
import { findStack, lockRoot, type StackRow, stackTables } from '../stack/store.ts';
import { type ApplyDependencies, advance, resourceOperationKind } from './advance.ts';
import { layOutDeletions, syncVertices } from './prepare.ts';
import { knownValues } from './values.ts';
import { loadWork, plainMap } from './work.ts';

export const stackOperationKind = 'stack.apply';

/** Heat's default for a stack without timeout_mins. */
export const defaultTimeoutMins = 240;
const lookAgainMs = 10_000;

export function stackOperation(deps: ApplyDependencies, database: Database): OperationKind {
  return {
    deadlineMs: defaultTimeoutMins * 60_000,
    handler: async (context, input) => {
      const rootId = String(plainMap(input).rootId);
      await context.step('stop what runs', () => stopOthers(deps, database, rootId, context.operation.id));
      await context.step('lay out the work', () => layOut(deps, database, rootId, context));
      return watch(context, database, rootId);
    },
    settle: async (tx, operation, outcome) => {
      const root = await lockRoot(tx, String(plainMap(operation.input).rootId));
      if (outcome.state === 'done' || root.operation_id !== operation.id || root.status !== 'IN_PROGRESS') return;
      await stackTables(tx)
        .updateTable('stacks')
        .set({ status: 'FAILED', status_reason: `${root.action} ${outcome.state}: ${outcome.failure.cause}` })
        .where('root_id', '=', root.id)
        .where('status', '=', 'IN_PROGRESS')
        .execute();
    },
    ended: async (operation) => {
      if (operation.state === 'done' || operation.state === 'parked') return;
      await stopOthers(deps, database, String(plainMap(operation.input).rootId), '');
    },
  };
}

/** Cancels what an earlier apply of this stack still does: it would work towards what is not wanted any more. */
async function stopOthers(deps: ApplyDependencies, database: Database, rootId: string, applyId: string): Promise<void> {
  const others = await sql<{
    id: string;
  }>`select id from operations where kind = ${resourceOperationKind} and target like ${`stack:${rootId}/%`}
    and state in ('queued', 'running', 'waiting') and input->>'applyId' <> ${applyId}`.execute(database);
  for (const { id } of others.rows) await deps.operations.cancel(id, 'the stack moves to something else');
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
    if (own.rows.length > 0 && operation.epoch > 1) await retry(tx, rootId, root);
    else if (own.rows.length === 0) await layOutAnew(deps, tx, root);
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
    .execute();
}

async function layOutAnew(deps: ApplyDependencies, tx: Transaction, root: StackRow): Promise<void> {
  const work = await loadWork(tx, root);
  // Nothing is converged yet: what depends on another resource is looked at when that one has been.
  const graph =
    root.action === 'DELETE'
      ? undefined
      : await deps.graphOf(
          tx,
          root,
          knownValues(work.resources, () => false),
        );
  if (graph) syncVertices(work, graph);
  layOutDeletions(work, graph);
  for (const stack of [...work.stacks.values()])
    work.putStack({
      ...stack,
      action: root.action,
      status: 'IN_PROGRESS',
      status_reason: `Stack ${root.action} started`,
    });
  work.event({
    stackId: root.id,
    name: root.name,
    type: 'OS::Heat::Stack',
    physicalId: root.id,
    action: root.action,
    status: 'IN_PROGRESS',
    reason: `Stack ${root.action} started`,
    properties: {},
  });
  await work.flush(tx);
}

async function watch(context: OperationContext, database: Database, rootId: string): Promise<Json> {
  for (;;) {
    const state = await context.step('look at the stack', () => stateOf(database, rootId), {
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

async function stateOf(
  database: Database,
  rootId: string,
): Promise<{ name: string; status: string; reason: string; parked: boolean }> {
  const root = await findStack(database, rootId, undefined);
  if (!root) return { name: rootId, status: 'FAILED', reason: 'the stack is gone', parked: false };
  const parked = await sql`select 1 from stack_vertices where root_id = ${rootId} and state = 'parked' limit 1`.execute(
    database,
  );
  return { name: root.name, status: root.status, reason: root.status_reason, parked: parked.rows.length > 0 };
}
