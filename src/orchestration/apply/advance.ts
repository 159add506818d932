// Takes a stack as far as it goes now: a round, its conclusion, and the way back where that is wanted.
import type { Transaction } from '../../database/index.ts';
import { appendEvent } from '../../events/index.ts';
import { lockRoot, type StackRow, stackTables } from '../stack/store.ts';
import { conclude, failNested, tellStack } from './conclude.ts';
import type { ApplyDependencies } from './dependencies.ts';
import { Round } from './round.ts';
import { beginRollback, wantsRollback } from './start.ts';
import { eventOf, loadWork, type Work } from './work.ts';

/** One round under the lock of the root stack. Does nothing for an apply that another one has replaced, or that is over. */
export async function advance(
  deps: ApplyDependencies,
  tx: Transaction,
  rootId: string,
  applyId: string,
): Promise<void> {
  const root = await lockRoot(tx, rootId);
  if (root.operation_id !== applyId || root.status !== 'IN_PROGRESS') return;
  await stackTables(tx).updateTable('stacks').set({ stirred: false }).where('id', '=', rootId).execute();
  const work = await loadWork(tx, root);
  const round = new Round(deps, tx, work);
  await round.run();
  const ended = conclude(work, round.graph);
  await write(deps, tx, work, ended, true);
}

/** Ends the apply where it stands: what runs is given up, nothing more is started. A failure may be answered by going back. */
export async function giveUp(
  deps: ApplyDependencies,
  tx: Transaction,
  root: StackRow,
  reason: string,
  { mayGoBack }: { readonly mayGoBack: boolean },
): Promise<void> {
  const work = await loadWork(tx, root);
  for (const vertex of [...work.vertices.values()]) {
    if (vertex.state !== 'running') continue;
    work.touchVertex(Object.assign(vertex, { state: 'failed', operationId: null, reason }));
    const row = work.resources.get(vertex.path);
    if (row?.status !== 'IN_PROGRESS') continue;
    const aborted = `${row.action} aborted (${reason})`;
    work.putResource({ ...row, status: 'FAILED', status_reason: aborted, updated_time: new Date() });
    work.event(eventOf(row, row.action, 'FAILED', aborted));
  }
  for (const stack of [...work.stacks.values()]) {
    if (stack.status !== 'IN_PROGRESS') continue;
    work.putStack({ ...stack, status: 'FAILED', status_reason: reason });
    tellStack(work, stack, stack.action, 'FAILED', reason);
    failNested(work, stack.path, reason);
  }
  await write(deps, tx, work, true, mayGoBack);
}

async function write(
  deps: ApplyDependencies,
  tx: Transaction,
  work: Work,
  ended: boolean,
  mayGoBack: boolean,
): Promise<void> {
  await work.flush(tx);
  const { root } = work;
  const now = work.stacks.get('') ?? root;
  const done = [...work.vertices.values()].filter((vertex) => vertex.state === 'done').length;
  if (root.operation_id)
    await deps.operations.report(tx, root.operation_id, { done, total: work.vertices.size, unit: 'resources' });
  if (!ended) return;
  await appendEvent(tx, {
    kind: 'orchestration.stack',
    subject: `stack:${root.id}`,
    projectId: root.project_id,
    operationId: root.operation_id ?? '',
    payload: { stack: root.name, status: `${root.action}_${now.status}`, reason: now.status_reason },
  });
  if (mayGoBack && now.status === 'FAILED' && wantsRollback(root))
    await beginRollback(deps.operations, tx, now, now.status_reason);
}
