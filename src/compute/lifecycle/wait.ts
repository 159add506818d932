// Waits for an operation that another service runs for this one.
import type { ChildOutcome, Json, OperationContext, Operations } from '../../operations/index.ts';

const lookAgainMs = 60_000;

/** How the operation ended. The engine tells a parent of its children's ends; looking again covers a message that was lost. */
export async function untilEnded(
  context: OperationContext,
  operations: Operations,
  id: string,
  reason: string,
): Promise<ChildOutcome> {
  for (;;) {
    const end = await context.step(`look at ${id}`, () => endOf(operations, id), { reason });
    if (end !== null) return end;
    await context.waitFor<Json>(`child:${id}`, { reason, timeoutMs: lookAgainMs });
  }
}

/** How it ended; null while it is at work. */
export async function endOf(operations: Operations, id: string): Promise<ChildOutcome | null> {
  const operation = await operations.get(id);
  if (!operation) return { state: 'failed', failure: { cause: `operation ${id} is gone`, hint: '' } };
  switch (operation.state) {
    case 'queued':
    case 'running':
    case 'waiting':
      return null;
    case 'done':
      return { state: 'done', result: operation.result };
    case 'failed':
    case 'parked':
    case 'cancelled':
      return { state: operation.state, failure: operation.failure ?? { cause: operation.state, hint: '' } };
  }
}
