// Places the boxes of a graph in layers from left to right, as the arrows between them ask.

export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Upper left corners. */
  readonly boxes: ReadonlyMap<string, Point>;
  /** The points each arrow runs through, from the right side of one box to the left side of the other. */
  readonly arrows: readonly { readonly arrow: Arrow; readonly points: readonly Point[] }[];
}

const gap = { column: 60, row: 16 } as const;

/** A box, or the place where a long arrow crosses a layer. */
interface Node {
  readonly box: Box | undefined;
  readonly layer: number;
  readonly before: Node[];
  readonly after: Node[];
  top: number;
}

const heightOf = (node: Node): number => node.box?.height ?? 0;
const middle = (node: Node): number => node.top + heightOf(node) / 2;
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, item) => sum + item, 0) / numbers.length;

/** The layer of each box: right of all that lead to it. Arrows that close a circle do not count. */
function layersOf(boxes: readonly Box[], arrows: readonly Arrow[]): Map<string, number> {
  const sources = new Map<string, string[]>();
  for (const { from, to } of arrows) sources.set(to, [...(sources.get(to) ?? []), from]);
  const layers = new Map<string, number>();
  const open = new Set<string>();
  const visit = (id: string): number => {
    const known = layers.get(id);
    if (known !== undefined) return known;
    open.add(id);
    const before = (sources.get(id) ?? []).filter((source) => !open.has(source)).map(visit);
    open.delete(id);
    const layer = before.length === 0 ? 0 : Math.max(...before) + 1;
    layers.set(id, layer);
    return layer;
  };
  for (const { id } of boxes) visit(id);
  return layers;
}

/** Moves the nodes of a layer as near to where they wish to be as their order and the gaps allow. */
function settle(layer: readonly Node[], wish: (node: Node) => number): void {
  // Neighbours that push each other form a block, which stands where the mean of their wishes is.
  const blocks: { nodes: Node[]; offsets: number[]; height: number; tops: number[] }[] = [];
  for (const node of layer) {
    let block = { nodes: [node], offsets: [0], height: heightOf(node), tops: [wish(node) - heightOf(node) / 2] };
    for (
      let last = blocks.at(-1);
      last && mean(last.tops) + last.height + gap.row > mean(block.tops);
      last = blocks.at(-1)
    ) {
      const shift = last.height + gap.row;
      block = {
        nodes: [...last.nodes, ...block.nodes],
        offsets: [...last.offsets, ...block.offsets.map((offset) => offset + shift)],
        height: shift + block.height,
        tops: [...last.tops, ...block.tops.map((top) => top - shift)],
      };
      blocks.pop();
    }
    blocks.push(block);
  }
  for (const { nodes, offsets, tops } of blocks) {
    nodes.forEach((node, index) => {
      node.top = mean(tops) + (offsets[index] ?? 0);
    });
  }
}

function link(from: Node, to: Node): void {
  from.after.push(to);
  to.before.push(from);
}

/** Lays out boxes that arrows connect. */
function connected(boxes: readonly Box[], arrows: readonly Arrow[]): Layout {
  const layerOf = layersOf(boxes, arrows);
  const layers: Node[][] = [];
  const add = (box: Box | undefined, layer: number): Node => {
    const node: Node = { box, layer, before: [], after: [], top: 0 };
    layers[layer] ??= [];
    layers[layer].push(node);
    return node;
  };
  const nodes = new Map(boxes.map((box) => [box.id, add(box, layerOf.get(box.id) ?? 0)]));
  const routes: { arrow: Arrow; through: Node[] }[] = [];
  for (const arrow of arrows) {
    const from = nodes.get(arrow.from);
    const to = nodes.get(arrow.to);
    if (!from || !to || to.layer <= from.layer) continue;
    const through = [from];
    for (let layer = from.layer + 1; layer < to.layer; layer++) through.push(add(undefined, layer));
    through.push(to);
    through.slice(1).forEach((node, index) => {
      const previous = through[index];
      if (previous) link(previous, node);
    });
    routes.push({ arrow, through });
  }
  for (const layer of layers) settle(layer, middle);
  // Each sweep sorts a layer by where its neighbours stand, then lets it settle; forwards and backwards in turn.
  for (let sweep = 0; sweep < 8; sweep++) {
    const forwards = sweep % 2 === 0;
    for (const layer of forwards ? layers : [...layers].reverse()) {
      const wish = (node: Node): number => {
        const neighbours = forwards ? node.before : node.after;
        return neighbours.length === 0 ? middle(node) : mean(neighbours.map(middle));
      };
      const wishes = new Map(layer.map((node) => [node, wish(node)]));
      layer.sort((a, b) => (wishes.get(a) ?? 0) - (wishes.get(b) ?? 0));
      settle(layer, (node) => wishes.get(node) ?? 0);
    }
  }
  const all = layers.flat();
  const highest = Math.min(...all.map((node) => node.top));
  const left: number[] = [];
  const widths = layers.map((layer) => Math.max(...layer.map((node) => node.box?.width ?? 0)));
  let x = 0;
  for (const width of widths) {
    left.push(x);
    x += width + gap.column;
  }
  const corner = (node: Node): Point => ({ x: left[node.layer] ?? 0, y: node.top - highest });
  /** Where an arrow enters and leaves: the sides of a box, or of the whole layer where it only crosses that. */
  const sides = (node: Node): Point[] => {
    const { x: start, y } = corner(node);
    const level = y + heightOf(node) / 2;
    return [
      { x: start, y: level },
      { x: start + (node.box?.width ?? widths[node.layer] ?? 0), y: level },
    ];
  };
  return {
    width: x - gap.column,
    height: Math.max(...all.map((node) => node.top + heightOf(node))) - highest,
    boxes: new Map([...nodes].map(([id, node]) => [id, corner(node)])),
    arrows: routes.map(({ arrow, through }) => ({
      arrow,
      points: through.flatMap(sides).slice(1, -1),
    })),
  };
}

/** Rows of boxes that no arrow touches, about as wide as high. */
function rows(boxes: readonly Box[], atLeast: number): Layout {
  const area = boxes.reduce((sum, { width, height }) => sum + (width + gap.row) * (height + gap.row), 0);
  const wanted = Math.max(atLeast, Math.sqrt(area * 1.6));
  const places = new Map<string, Point>();
  let [x, y, rowHeight, width] = [0, 0, 0, 0];
  for (const box of boxes) {
    if (x > 0 && x + box.width > wanted) [x, y, rowHeight] = [0, y + rowHeight + gap.row, 0];
    places.set(box.id, { x, y });
    x += box.width + gap.row;
    rowHeight = Math.max(rowHeight, box.height);
    width = Math.max(width, x - gap.row);
  }
  return { width, height: y + rowHeight, boxes: places, arrows: [] };
}

/** Lays out boxes: those with arrows in layers, the others in rows below. */
export function layOut(boxes: readonly Box[], arrows: readonly Arrow[]): Layout {
  const touched = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const joined = boxes.filter(({ id }) => touched.has(id));
  const single = boxes.filter(({ id }) => !touched.has(id));
  const nothing: Layout = { width: 0, height: 0, boxes: new Map(), arrows: [] };
  const above = joined.length > 0 ? connected(joined, arrows) : nothing;
  const below = single.length > 0 ? rows(single, above.width) : nothing;
  const shift = joined.length > 0 && single.length > 0 ? above.height + gap.row * 2 : 0;
  return {
    width: Math.max(above.width, below.width),
    height: shift === 0 ? above.height + below.height : shift + below.height,
    boxes: new Map([...above.boxes, ...[...below.boxes].map(([id, { x, y }]) => [id, { x, y: y + shift }] as const)]),
    arrows: above.arrows,
  };
}
