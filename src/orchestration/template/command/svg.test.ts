// Drawing a graph.
import { describe, expect, it } from 'vitest';
import { resourceTypes } from '../../resources/index.ts';
import { expand } from '../index.ts';
import { type Box, layOut } from './layout.ts';
import { drawSvg } from './svg.ts';

const box = (id: string): Box => ({ id, width: 100, height: 40 });
const overlap = (layout: ReturnType<typeof layOut>, boxes: readonly Box[]): boolean =>
  boxes.some((a, index) =>
    boxes.slice(index + 1).some((b) => {
      const [p, q] = [layout.boxes.get(a.id), layout.boxes.get(b.id)];
      if (!p || !q) return true;
      return p.x < q.x + b.width && q.x < p.x + a.width && p.y < q.y + b.height && q.y < p.y + a.height;
    }),
  );

describe('layout', () => {
  const boxes = ['a', 'b', 'c', 'd', 'e', 'alone'].map(box);
  const arrows = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
    { from: 'a', to: 'c' },
    { from: 'd', to: 'c' },
    { from: 'a', to: 'e' },
  ];

  it('keeps boxes apart and inside', () => {
    const layout = layOut(boxes, arrows);
    expect(overlap(layout, boxes)).toBe(false);
    for (const { id, width, height } of boxes) {
      const corner = layout.boxes.get(id) ?? { x: -1, y: -1 };
      expect(Math.min(corner.x, corner.y)).toBeGreaterThanOrEqual(0);
      expect(corner.x + width).toBeLessThanOrEqual(layout.width);
      expect(corner.y + height).toBeLessThanOrEqual(layout.height);
    }
  });

  it('leads every arrow to the right', () => {
    const layout = layOut(boxes, arrows);
    expect(layout.arrows).toHaveLength(arrows.length);
    for (const { points } of layout.arrows) {
      const across = points.map(({ x }) => x);
      expect(across).toEqual([...across].sort((a, b) => a - b));
    }
  });

  it('ends for circles', () => {
    expect(
      layOut(
        [box('a'), box('b')],
        [
          { from: 'a', to: 'b' },
          { from: 'b', to: 'a' },
        ],
      ).boxes.size,
    ).toBe(2);
  });
});

describe('SVG', () => {
  it('shows each resource once, inside its group, with its text escaped', () => {
    const graph = expand(
      {
        template: {
          heat_template_version: 'wallaby',
          resources: {
            'a<b': { type: 'OS::Heat::RandomString' },
            g: {
              type: 'OS::Heat::ResourceGroup',
              depends_on: 'a<b',
              properties: { count: 2, resource_def: { type: 'OS::Heat::RandomString' } },
            },
          },
        },
      },
      { types: resourceTypes },
    );
    const svg = drawSvg(graph);
    expect([...svg.matchAll(/<title>(.*?)<\/title>/g)].map(([, path]) => path)).toEqual(['a&lt;b', 'g', 'g/0', 'g/1']);
    expect(svg.match(/class="arrow"/g)).toHaveLength(1);
  });
});
