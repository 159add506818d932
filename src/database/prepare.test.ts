// Which statements get prepared, and what becomes of them when a table changes.
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from './open.ts';
import { testDatabase } from './testing/index.ts';

const { url, drop } = await testDatabase();
const database = openDatabase(url, { maxConnections: 1 });
afterAll(async () => {
  await database.destroy();
  await drop();
});

async function times(count: number, run: (nth: number) => Promise<unknown>): Promise<void> {
  for (let nth = 0; nth < count; nth++) await run(nth);
}

async function prepared(): Promise<string[]> {
  const found = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(database);
  return found.rows.map(({ statement }) => statement);
}

test('a statement that comes often is prepared, one that comes now and then is not', async () => {
  await times(30, (nth) => sql`select ${nth}::int as often`.execute(database));
  await sql`select ${1}::int as seldom`.execute(database);
  expect(await prepared()).toEqual(['select $1::int as often']);
});

test('texts that differ each time take no place', async () => {
  const before = (await prepared()).length;
  await times(300, (nth) => sql`select ${nth}::int as ${sql.ref(`n${nth}`)}`.execute(database));
  expect(await prepared()).toHaveLength(before);
});

test('a column that a migration adds is in the next answer, outside of a transaction and after a lost one', async () => {
  const read = () => sql`select * from growing where id = ${1}`.execute(database);
  await sql`create table growing (id int)`.execute(database);
  await sql`insert into growing values (1)`.execute(database);
  await times(30, read);
  await sql`alter table growing add column first int`.execute(database);
  expect((await read()).rows).toEqual([{ id: 1, first: null }]);

  await times(30, read);
  await sql`alter table growing add column second int`.execute(database);
  const inTransaction = () =>
    database.transaction().execute((tx) => sql`select * from growing where id = ${1}`.execute(tx));
  await expect(inTransaction()).rejects.toThrow('cached plan must not change result type');
  expect((await inTransaction()).rows).toEqual([{ id: 1, first: null, second: null }]);
});
