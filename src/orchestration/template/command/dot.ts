// Draws a graph in the DOT language, nested stacks as boxes.
import type { Graph, StackView, Vertex } from '../../graph/index.ts';

const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

function vertexLine(vertex: Vertex): string {
  const shape =
    vertex.kind === 'deferred'
      ? 'shape=octagon, style=dashed'
      : vertex.kind === 'computed'
        ? 'shape=ellipse'
        : 'shape=box';
  return `${quoted(vertex.path)} [label=${quoted(`${vertex.name}\n${vertex.type}`)}, ${shape}];`;
}

function stackLines(graph: Graph, stack: StackView, indent: string): string[] {
  const lines: string[] = [];
  for (const path of stack.resources) {
    const vertex = graph.vertices.get(path);
    if (!vertex) continue;
    lines.push(`${indent}${vertexLine(vertex)}`);
    const inside = graph.stacks.get(path);
    if (!inside) continue;
    lines.push(
      `${indent}subgraph ${quoted(`cluster ${path}`)} {`,
      `${indent}  label=${quoted(path)};`,
      ...stackLines(graph, inside, `${indent}  `),
      `${indent}}`,
    );
  }
  return lines;
}

/** The graph as DOT text; an arrow leads from what is needed to what needs it. */
export function drawDot(graph: Graph): string {
  const root = graph.stacks.get('');
  const edges: string[] = [];
  for (const vertex of graph.vertices.values()) {
    for (const required of vertex.requires) {
      const sameStack = graph.vertices.get(required)?.stack === vertex.stack;
      if (sameStack) edges.push(`  ${quoted(required)} -> ${quoted(vertex.path)};`);
    }
  }
  return [
    'digraph stack {',
    '  rankdir=LR;',
    '  node [fontname="sans-serif", fontsize=10];',
    ...(root ? stackLines(graph, root, '  ') : []),
    ...edges,
    '}',
    '',
  ].join('\n');
}
