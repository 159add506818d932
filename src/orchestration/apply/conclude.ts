// Tells how every stack of a tree stands after a round, and whether the apply has ended.
import type { Graph } from '../graph/index.ts';
import type { StackRow } from '../stack/store.ts';
import { isVisit } from './visit.ts';
import { eventOf, type Work, type WorkVertex } from './work.ts';

/** Sets the status of every stack of the tree; true when nothing moves any more. */
export function conclude(work: Work, graph: Graph | undefined): boolean {
  const vertices = [...work.vertices.values()];
  const ended = !vertices.some((vertex) => vertex.state === 'running');
  const open = openByStack(vertices);
  for (const stack of [...work.stacks.values()]) {
    const inside = open.get(stack.path) ?? [];
    const action = actionOn(stack, work.root);
    // A nested stack is complete when its own insides are, whatever the others still do.
    const over = ended || (stack.path !== '' && inside.length === 0 && work.vertices.size > 0);
    const { status, reason } = statusOf(action, inside, over);
    if (
      stack.status === status &&
      stack.action === action &&
      (status === 'IN_PROGRESS' || stack.status_reason === reason)
    )
      continue;
    const complete = stack.path === '' && status === 'COMPLETE' && action !== 'DELETE' && !isVisit(action);
    work.putStack({
      ...stack,
      action,
      status,
      status_reason: reason,
      ...(complete ? { complete_generation: action === 'ROLLBACK' && !graph ? null : work.root.generation } : {}),
    });
    if (status !== 'IN_PROGRESS') tellStack(work, stack, action, status, reason);
    if (status === 'FAILED') failNested(work, stack.path, reason);
  }
  if (ended && (open.get('') ?? []).length === 0 && !isVisit(work.root.action)) sweep(work, graph);
  return ended;
}

/** The resource that is a nested stack fails with what is inside of it. */
export function failNested(work: Work, path: string, reason: string): void {
  const row = work.resources.get(path);
  if (row?.status !== 'IN_PROGRESS') return;
  work.putResource({ ...row, status: 'FAILED', status_reason: reason, updated_time: new Date() });
  work.event(eventOf(row, row.action, 'FAILED', reason));
}

export function tellStack(work: Work, stack: StackRow, action: string, status: string, reason: string): void {
  work.event({
    stackId: stack.id,
    name: stack.name,
    type: 'OS::Heat::Stack',
    physicalId: stack.id,
    action,
    status,
    reason,
    properties: {},
  });
}

/** A nested stack that comes with an update is created, not updated. */
export function actionOn(stack: StackRow, root: StackRow): string {
  const comes = stack.path !== '' && stack.generation === root.generation;
  return comes && ['UPDATE', 'ROLLBACK', 'RESTORE'].includes(root.action) ? 'CREATE' : root.action;
}

/** Vertices that are not done, under every stack that they are inside of. */
function openByStack(vertices: readonly WorkVertex[]): Map<string, WorkVertex[]> {
  const open = new Map<string, WorkVertex[]>();
  for (const vertex of vertices) {
    if (vertex.state === 'done') continue;
    for (let slash = vertex.path.lastIndexOf('/'); ; slash = vertex.path.lastIndexOf('/', slash - 1)) {
      const stack = slash < 0 ? '' : vertex.path.slice(0, slash);
      const inside = open.get(stack);
      if (inside) inside.push(vertex);
      else open.set(stack, [vertex]);
      if (slash <= 0) break;
    }
  }
  return open;
}

/** After a complete apply: nested stacks that hold nothing any more, and a deleted root, are marked as deleted. Their events stay. */
function sweep(work: Work, graph: Graph | undefined): void {
  for (const stack of [...work.stacks.values()].sort((a, b) => b.path.length - a.path.length)) {
    if (stack.path !== '' && !graph?.stacks.has(stack.path))
      work.putStack({ ...stack, action: 'DELETE', status: 'COMPLETE', deletion_time: new Date() });
  }
  const root = work.stacks.get('');
  if (root && work.root.action === 'DELETE') work.putStack({ ...root, deletion_time: new Date() });
}

function statusOf(action: string, open: readonly WorkVertex[], ended: boolean): { status: string; reason: string } {
  if (!ended) return { status: 'IN_PROGRESS', reason: `Stack ${action} started` };
  if (open.length === 0) return { status: 'COMPLETE', reason: `Stack ${action} completed successfully` };
  const causes = open.filter((vertex) => vertex.state === 'failed' || vertex.state === 'parked');
  const words = causes.map((vertex) => `resources.${vertex.path}: ${vertex.reason ?? vertex.state}`);
  return {
    status: 'FAILED',
    reason: `Resource ${action} failed: ${words.join('; ') || 'it was held back by another resource'}`,
  };
}
