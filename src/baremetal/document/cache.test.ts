// When a rendered document is used again, and when it is not.
import { expect, test } from 'vitest';
import { createDocumentCache } from './cache.ts';

test('renders a document again only when its row has another version', async () => {
  const cache = createDocumentCache();
  const loads: (readonly number[])[] = [];
  const load = async (ids: readonly number[]) => {
    loads.push(ids);
    return new Map(ids.map((id) => [id, `doc ${id}`]));
  };
  const rows = [
    { id: 1, version: 'a' },
    { id: 2, version: 'a' },
  ];
  expect(await cache.texts('1.82', rows, load)).toEqual(['doc 1', 'doc 2']);
  expect(await cache.texts('1.82', rows, load)).toEqual(['doc 1', 'doc 2']);
  await cache.texts(
    '1.82',
    [
      { id: 1, version: 'a' },
      { id: 2, version: 'b' },
    ],
    load,
  );
  await cache.texts('1.1', rows, load);
  expect(loads).toEqual([[1, 2], [2], [1, 2]]);
});

test('leaves out a row that has gone between the two looks', async () => {
  const cache = createDocumentCache();
  expect(await cache.texts('k', [{ id: 1, version: 'a' }], async () => new Map())).toEqual([]);
});
