// What a transaction that meets a deadlock does.
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from './testing/index.ts';
import { transact } from './transact.ts';

const { database, drop } = await testDatabase();
afterAll(drop);

test('both of two transactions that wait for each other commit in the end', async () => {
  await sql`create table pair (id integer primary key, value integer not null)`.execute(database);
  await sql`insert into pair values (1, 0), (2, 0)`.execute(database);
  let arrived = 0;
  let open = (): void => undefined;
  const bothHoldOne = new Promise<void>((resolve) => {
    open = resolve;
  });
  const raise = (first: number, second: number) =>
    transact(database, async (tx) => {
      await sql`update pair set value = value + 1 where id = ${first}`.execute(tx);
      if (++arrived === 2) open();
      await bothHoldOne;
      await sql`update pair set value = value + 1 where id = ${second}`.execute(tx);
    });
  await Promise.all([raise(1, 2), raise(2, 1)]);
  const rows = await sql<{ value: number }>`select value from pair order by id`.execute(database);
  expect(rows.rows.map((row) => row.value)).toEqual([2, 2]);
  expect(arrived).toBe(3);
});
