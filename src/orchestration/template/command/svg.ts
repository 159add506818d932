// Draws a graph as SVG, nested stacks as boxes around what is inside them.
import type { Graph, StackView, Vertex } from '../../graph/index.ts';
import { type Layout, layOut, type Point } from './layout.ts';

const fontSize = 11;
const lineHeight = 15;
/** Space around the content of a stack's box. */
const padding = 14;
const titleHeight = lineHeight * 2 + 6;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** About how wide a text is: the renderer's font is not known here. */
const textWidth = (text: string): number => [...text].length * fontSize * 0.6;

interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Its elements, with the upper left corner at the given place. */
  at(corner: Point): string[];
}

function label(vertex: Vertex, x: number, y: number, anchor: 'start' | 'middle'): string[] {
  const text = (line: number, style: string, content: string) =>
    `<text x="${round(x)}" y="${round(y + lineHeight * line)}" text-anchor="${anchor}"${style}>${escaped(content)}</text>`;
  return [text(0, ' font-weight="bold"', vertex.name), text(1, ' class="type"', vertex.type)];
}

const round = (number: number): string => String(Math.round(number * 10) / 10);

function drawVertex(vertex: Vertex): Drawing {
  const width = Math.max(textWidth(vertex.name) * 1.08, textWidth(vertex.type)) + 2 * padding;
  const height = lineHeight * 2 + padding;
  return {
    width,
    height,
    at: ({ x, y }) => [
      `<g><title>${escaped(vertex.path)}</title>`,
      `<rect class="${vertex.kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${height}" rx="${vertex.kind === 'computed' ? height / 2 : 3}"/>`,
      ...label(vertex, x + width / 2, y + padding / 2 + fontSize, 'middle'),
      '</g>',
    ],
  };
}

/** Curves between layers, straight lines across them. */
function drawArrow(points: readonly Point[]): string {
  const path = points.map(({ x, y }, index) => {
    const from = points[index - 1];
    if (!from) return `M${round(x)} ${round(y)}`;
    const half = round((from.x + x) / 2);
    return `C${half} ${round(from.y)} ${half} ${round(y)} ${round(x)} ${round(y)}`;
  });
  return `<path class="arrow" d="${path.join(' ')}" marker-end="url(#head)"/>`;
}

function drawInside(layout: Layout, drawings: ReadonlyMap<string, Drawing>, { x, y }: Point): string[] {
  const shifted = (point: Point): Point => ({ x: x + point.x, y: y + point.y });
  return [
    ...layout.arrows.map(({ points }) => drawArrow(points.map(shifted))),
    ...[...layout.boxes].flatMap(([id, corner]) => drawings.get(id)?.at(shifted(corner)) ?? []),
  ];
}

function drawStack(graph: Graph, stack: StackView, vertex: Vertex | undefined): Drawing {
  const members = stack.resources.flatMap((path) => graph.vertices.get(path) ?? []);
  const drawings = new Map(
    members.map((member) => {
      const inside = graph.stacks.get(member.path);
      return [member.path, inside ? drawStack(graph, inside, member) : drawVertex(member)] as const;
    }),
  );
  const arrows = members.flatMap(({ path, requires }) =>
    requires.filter((from) => drawings.has(from)).map((from) => ({ from, to: path })),
  );
  const layout = layOut(
    [...drawings].map(([id, { width, height }]) => ({ id, width, height })),
    arrows,
  );
  if (!vertex)
    return { width: layout.width, height: layout.height, at: (corner) => drawInside(layout, drawings, corner) };
  const titleWidth = Math.max(textWidth(vertex.name) * 1.08, textWidth(vertex.type));
  const width = Math.max(layout.width, titleWidth) + 2 * padding;
  const height = layout.height + titleHeight + 2 * padding;
  return {
    width,
    height,
    at: ({ x, y }) => [
      `<g><title>${escaped(vertex.path)}</title>`,
      `<rect class="stack" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="6"/>`,
      ...label(vertex, x + padding, y + padding / 2 + fontSize, 'start'),
      '</g>',
      ...drawInside(layout, drawings, { x: x + padding, y: y + titleHeight + padding }),
    ],
  };
}

const style = [
  `text { font-family: sans-serif; font-size: ${fontSize}px; fill: #1c2733; }`,
  '.type { fill: #5b6b7b; }',
  'rect { fill: #ffffff; stroke: #44576a; }',
  '.paper { stroke: none; }',
  '.computed { fill: #eef4fa; }',
  '.deferred { fill: #fff8e6; stroke: #b07d00; stroke-dasharray: 5 3; }',
  '.stack { fill: #44576a; fill-opacity: 0.05; stroke: #9fb0c0; }',
  '.arrow { fill: none; stroke: #7a8b9c; }',
].join(' ');

/** The graph as an SVG document; an arrow leads from what is needed to what needs it. */
export function drawSvg(graph: Graph): string {
  const root = graph.stacks.get('');
  const drawing = root ? drawStack(graph, root, undefined) : { width: 0, height: 0, at: () => [] };
  const width = round(drawing.width + 2 * padding);
  const height = round(drawing.height + 2 * padding);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<style>${style}</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#7a8b9c"/></marker></defs>',
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...drawing.at({ x: padding, y: padding }),
    '</svg>',
    '',
  ].join('\n');
}
