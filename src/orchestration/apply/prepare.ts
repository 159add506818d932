// Lays out the vertices of an apply: what converges, what goes, and in which order.
import { randomUUID } from 'node:crypto';
import type { Graph } from '../graph/index.ts';
import type { ResourceRow } from '../stack/store.ts';
import { vertexKey, type Work } from './work.ts';

/** Adds the vertices and nested stacks of the graph that the work does not have yet. Returns how many are new. */
export function syncVertices(work: Work, graph: Graph): number {
  syncStacks(work, graph);
  let added = 0;
  for (const node of graph.vertices.values()) {
    const key = vertexKey('converge', node.path);
    const requires = node.requires
      .filter((path) => graph.vertices.has(path))
      .map((path) => vertexKey('converge', path));
    const known = work.vertices.get(key);
    if (!known) {
      work.touchVertex({
        path: node.path,
        action: 'converge',
        state: 'waiting',
        requires,
        attempt: 0,
        operationId: null,
        reason: null,
      });
      added++;
    } else if (known.state === 'waiting' && known.requires.join() !== requires.join()) {
      // It has unfolded: it is complete when its insides are.
      known.requires = requires;
      work.touchVertex(known);
    }
  }
  return added;
}

/** Nested stacks are rows from the start, so that what is inside them can be shown while it is made. */
function syncStacks(work: Work, graph: Graph): void {
  const root = work.stacks.get('') ?? work.root;
  for (const view of [...graph.stacks.values()].sort((a, b) => a.depth - b.depth)) {
    if (view.path === '' || work.stacks.has(view.path)) continue;
    const slash = view.path.lastIndexOf('/');
    const parent = work.stacks.get(slash < 0 ? '' : view.path.slice(0, slash)) ?? root;
    work.putStack({
      ...root,
      id: randomUUID(),
      root_id: root.id,
      parent_id: parent.id,
      path: view.path,
      name: `${parent.name}-${view.path.slice(slash + 1)}-${randomUUID().slice(0, 12).replaceAll('-', '')}`,
      description: view.description,
      status: 'IN_PROGRESS',
      tags: [],
      creation_time: new Date(),
      updated_time: null,
      deletion_time: null,
    });
  }
}

/**
 * Adds the deletion of every resource that the graph has no more (all of them without a graph). It waits until what
 * required the resource is gone, and until what is left of those has been converged away from it.
 */
export function layOutDeletions(work: Work, graph: Graph | undefined): number {
  let added = 0;
  const going = [...work.resources.values()].filter(
    (row) => !graph?.vertices.has(row.path) && !(graph && hangsOnDeferred(graph, row.path)),
  );
  const goingPaths = new Set(going.map((row) => row.path));
  const dependents = new Map<string, ResourceRow[]>();
  for (const row of work.resources.values())
    for (const path of row.requires) dependents.set(path, [...(dependents.get(path) ?? []), row]);
  for (const row of going) {
    // A round after a stack has unfolded finds the others laid out.
    if (work.vertices.has(vertexKey('delete', row.path))) continue;
    added++;
    // One that was replaced stands aside under another path; it goes when its place and what hangs on that are settled.
    const at = row.path.indexOf('@');
    const place = at < 0 ? row.path : row.path.slice(0, at);
    const after = (dependents.get(place) ?? []).map((other) =>
      vertexKey(goingPaths.has(other.path) ? 'delete' : 'converge', other.path),
    );
    const settled = at >= 0 && graph?.vertices.has(place) ? [vertexKey('converge', place)] : [];
    const newOnes =
      at < 0 || !graph ? [] : [...graph.vertices.values()].filter((node) => node.requires.includes(place));
    work.touchVertex({
      path: row.path,
      action: 'delete',
      state: 'waiting',
      requires: [...new Set([...settled, ...after, ...newOnes.map((node) => vertexKey('converge', node.path))])].filter(
        (key) => key !== vertexKey('delete', row.path),
      ),
      attempt: 0,
      operationId: null,
      reason: null,
    });
  }
  return added;
}

/** Below a stack that has not unfolded yet nobody knows which members stay. */
export function hangsOnDeferred(graph: Graph, path: string): boolean {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (graph.vertices.get(path.slice(0, slash))?.kind === 'deferred') return true;
  }
  return false;
}
