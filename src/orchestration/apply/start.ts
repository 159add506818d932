// Begins an apply: points the root stack at new work and starts the operation that does it.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { appendEvent } from '../../events/index.ts';
import type { Operations } from '../../operations/index.ts';
import { inputsOf, insertGeneration, lockRoot, type StackRow, stackTables } from '../stack/store.ts';
import { defaultTimeoutMins, stackOperationKind } from './dependencies.ts';
import type { Visit } from './visit.ts';

export type StackAction = 'CREATE' | 'UPDATE' | 'DELETE' | 'ROLLBACK' | 'RESTORE' | 'ADOPT' | Visit;

export interface NewWork {
  readonly action: StackAction;
  readonly generation: number;
  readonly requestedBy: string;
  /** The operation that waits for its end. */
  readonly startedBy?: string | undefined;
  /** Defaults to the stack's own. */
  readonly timeoutMins?: number | null | undefined;
  readonly because?: string;
}

/** Whether the work is to remove everything: a delete, or the rollback of a stack that never was complete. */
export function goesAway(root: Pick<StackRow, 'action' | 'complete_generation'>): boolean {
  return root.action === 'DELETE' || (root.action === 'ROLLBACK' && root.complete_generation === null);
}

/** An apply under way is overtaken: answers its operation, which the caller cancels after the commit. */
export async function beginApply(
  operations: Operations,
  tx: Transaction,
  rootId: string,
  work: NewWork,
): Promise<string | null> {
  const operation = randomUUID();
  const root = await lockRoot(tx, rootId);
  const reason = `Stack ${work.action} started${work.because === undefined ? '' : `: ${work.because}`}`;
  await sql`delete from stack_vertices where root_id = ${rootId}`.execute(tx);
  await stackTables(tx)
    .updateTable('stacks')
    .set({
      action: work.action,
      status: 'IN_PROGRESS',
      status_reason: reason,
      generation: work.generation,
      operation_id: operation,
      stirred: false,
      ...(work.action === 'CREATE' || work.action === 'ADOPT' || work.action === 'DELETE'
        ? {}
        : { updated_time: new Date() }),
    })
    .where('id', '=', rootId)
    .execute();
  await operations.start(tx, {
    id: operation,
    kind: stackOperationKind,
    target: `stack:${rootId}`,
    input: { rootId, name: root.name, action: work.action, generation: work.generation },
    requestedBy: work.requestedBy,
    projectId: root.project_id,
    ...(work.startedBy === undefined ? {} : { parentId: work.startedBy }),
    deadlineMs: (work.timeoutMins ?? root.timeout_mins ?? defaultTimeoutMins) * 60_000,
  });
  await appendEvent(tx, {
    kind: 'orchestration.stack',
    subject: `stack:${rootId}`,
    projectId: root.project_id,
    operationId: operation,
    payload: { stack: root.name, status: `${work.action}_IN_PROGRESS`, reason: work.because ?? '' },
  });
  return root.operation_id;
}

/** Whether a failure of what the stack does now is answered by going back. */
export function wantsRollback(root: Pick<StackRow, 'action' | 'disable_rollback'>): boolean {
  return !root.disable_rollback && (root.action === 'CREATE' || root.action === 'UPDATE');
}

/**
 * Goes back to the last complete generation, under a new number so that plans made for the failed one are refused; a
 * stack that never was complete loses everything that was made for it. Answers the operation that is overtaken.
 */
export async function beginRollback(
  operations: Operations,
  tx: Transaction,
  root: StackRow,
  because: string,
): Promise<string | null> {
  let generation = root.generation;
  if (root.complete_generation !== null) {
    const inputs = await inputsOf(tx, root.id, root.complete_generation);
    if (!inputs) throw new Error(`stack ${root.id} has lost its generation ${root.complete_generation}`);
    generation += 1;
    await insertGeneration(tx, root.id, generation, inputs);
  }
  return beginApply(operations, tx, root.id, {
    action: 'ROLLBACK',
    generation,
    requestedBy: root.owner_name,
    because,
  });
}
