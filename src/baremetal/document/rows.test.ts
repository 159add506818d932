// Pages of a collection, one after another, hold every row once whatever they are sorted by.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../database/testing/index.ts';
import { tables } from '../store.ts';
import { listRows } from './rows.ts';

let own: TestDatabase;
beforeAll(async () => {
  own = await testDatabase();
  const values = ['b', null, 'a', null, 'b'].map((resourceClass) => ({
    uuid: randomUUID(),
    state: 'allocating',
    resource_class: resourceClass,
    traits: '[]',
    candidate_nodes: '[]',
    // All within one millisecond, as rows of one transaction are.
    created_at: sql<Date>`timestamptz '2026-01-02 03:04:05.678901'`,
  }));
  await tables(own.database).insertInto('baremetal_allocations').values(values).execute();
});
afterAll(() => own.drop());

async function pages(sortKey: string, sortDir: 'asc' | 'desc'): Promise<number[]> {
  const ids: number[] = [];
  let marker: string | undefined;
  for (let page = 0; page < 10; page++) {
    const query = { limit: 2, marker, sortKey, sortDir };
    const rows = await listRows(own.database, 'baremetal_allocations', [], query, (uuid) => new Error(uuid));
    ids.push(...rows.map(({ id }) => id));
    if (rows.length < 2) return ids;
    marker = rows[1]?.uuid;
  }
  throw new Error(`the pages have no end: ${ids.join(', ')}`);
}

describe('sorted', () => {
  test('by a column with nulls', async () => {
    expect(await pages('resource_class', 'asc')).toEqual([3, 1, 5, 2, 4]);
    expect(await pages('resource_class', 'desc')).toEqual([4, 2, 5, 1, 3]);
  });

  test('by times that differ by nothing', async () => {
    expect(await pages('created_at', 'asc')).toEqual([1, 2, 3, 4, 5]);
    expect(await pages('created_at', 'desc')).toEqual([5, 4, 3, 2, 1]);
  });

  test('by nothing', async () => {
    expect(await pages('id', 'asc')).toEqual([1, 2, 3, 4, 5]);
  });
});
