// A replaced resource stands aside until nothing hangs on it; a rollback takes it back.
import type { Graph, Vertex } from '../graph/index.ts';
import type { PlainMap, ResourceRow } from '../stack/store.ts';
import { changedProperties } from './decide.ts';
import { vertexKey, type Work } from './work.ts';

/**
 * Going back: the resource that a failed update had replaced takes its place again, while it still exists and is what
 * the generation asks for. A machine is not imaged anew for that.
 */
export function takeBack(
  work: Work,
  graph: Graph | undefined,
  node: Vertex,
  properties: PlainMap,
): ResourceRow | undefined {
  if (work.root.action !== 'ROLLBACK') return undefined;
  const old = [...work.resources.values()].find(
    (row) =>
      row.path.startsWith(`${node.path}@`) &&
      row.status === 'COMPLETE' &&
      row.action !== 'DELETE' &&
      row.data.implementation === node.implementation &&
      changedProperties(row.properties, properties).length === 0,
  );
  const vertex = old && work.vertices.get(vertexKey('delete', old.path));
  if (!old || vertex?.state !== 'waiting') return undefined;
  work.touchVertex(Object.assign(vertex, { state: 'done', reason: null }));
  const failed = work.resources.get(node.path);
  work.removePath(old.path);
  if (failed) setAside(work, graph, failed, node.path);
  const back = { ...old, path: node.path };
  work.putResource(back);
  return back;
}

/** The replaced resource waits under another path until what hung on it has moved to the new one. */
export function setAside(work: Work, graph: Graph | undefined, old: ResourceRow, path: string): void {
  const aside = `${path}@${old.id.slice(0, 8)}`;
  work.removePath(path);
  work.putResource({ ...old, path: aside });
  const dependents = [...(graph?.vertices.values() ?? [])].filter((node) => node.requires.includes(path));
  work.touchVertex({
    path: aside,
    action: 'delete',
    state: 'waiting',
    requires: [vertexKey('converge', path), ...dependents.map((node) => vertexKey('converge', node.path))],
    attempt: 0,
    operationId: null,
    reason: null,
  });
}
