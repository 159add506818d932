// Prints graphs and changes for people, or as JSON.
import type { Graph, Plain, Vertex } from '../../graph/index.ts';
import { type Change, inOrder } from '../diff/diff.ts';

const unknownValues = { reference: () => undefined, attribute: () => undefined };

function properties(vertex: Vertex): { [name: string]: Plain } {
  const shown: [string, Plain][] = [];
  for (const [name, property] of Object.entries(vertex.inspect(unknownValues))) {
    if (!('value' in property)) shown.push([name, `(known once ${property.waitsFor} exists)`]);
    else if (property.value !== null) shown.push([name, property.value]);
  }
  return Object.fromEntries(shown);
}

/** The resources in the order in which they can be created, with their properties. */
export function showGraph(graph: Graph, json: boolean): string {
  const vertices = inOrder(graph).map((vertex) => ({
    path: vertex.path,
    kind: vertex.kind,
    type: vertex.type,
    requires: vertex.requires,
    properties: properties(vertex),
  }));
  if (json) return `${JSON.stringify({ resources: vertices }, null, 2)}\n`;
  const lines = vertices.flatMap(({ path, kind, type, properties: shown }) => [
    `${path}  ${type}${kind === 'resource' ? '' : `  (${kind})`}`,
    ...Object.entries(shown).map(([name, value]) => `    ${name}: ${JSON.stringify(value)}`),
  ]);
  return `${lines.join('\n')}\n`;
}

const signs = { added: '+', deleted: '-', updated: '~', replaced: '!', unchanged: ' ' } as const;

/** Changes by resource: `+` added, `-` deleted, `~` updated, `!` replaced. */
export function showChanges(changes: ReadonlyMap<string, Change>, json: boolean): string {
  if (json) return `${JSON.stringify([...changes.values()], null, 2)}\n`;
  const lines = [...changes.values()]
    .filter((change) => change.kind !== 'unchanged')
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .flatMap((change) => [
      `${signs[change.kind]} ${change.path}  ${change.kind}${change.sections.length > 0 ? `  (${change.sections.join(', ')})` : ''}`,
      ...change.properties.map(
        ({ name, before, after }) =>
          `    ${name}: ${JSON.stringify(before ?? null)} -> ${after === undefined ? '(known later)' : JSON.stringify(after)}`,
      ),
    ]);
  return lines.length === 0 ? 'no changes\n' : `${lines.join('\n')}\n`;
}
