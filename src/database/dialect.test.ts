// What a transaction promises holds though nobody waits for its BEGIN.
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from './open.ts';
import { testDatabase } from './testing/index.ts';

const { database, drop } = await testDatabase();
afterAll(drop);

const count = async () =>
  (await sql<{ count: number }>`select count(*)::int as count from kept`.execute(database)).rows[0]?.count;

test('all of it is kept or nothing, whether it fails at its first statement, later or of itself', async () => {
  await sql`create table kept (id integer primary key)`.execute(database);
  const keep = (...ids: (number | 'stop')[]) =>
    database.transaction().execute(async (tx) => {
      for (const id of ids) {
        if (id === 'stop') throw new Error('stop');
        await sql`insert into kept values (${id})`.execute(tx);
      }
    });
  await keep(1, 2);
  await expect(keep(1, 3)).rejects.toThrow(/duplicate/);
  await expect(keep(3, 1)).rejects.toThrow(/duplicate/);
  await expect(keep(3, 'stop')).rejects.toThrow('stop');
  await expect(keep('stop')).rejects.toThrow('stop');
  await keep();
  expect(await count()).toBe(2);
});

test('asks for the isolation that is wanted before the first statement', async () => {
  const level = await database
    .transaction()
    .setIsolationLevel('serializable')
    .execute((tx) => sql<{ transaction_isolation: string }>`show transaction_isolation`.execute(tx));
  expect(level.rows).toEqual([{ transaction_isolation: 'serializable' }]);
});

test('a connection that is lost fails the transaction, an empty one too, and the next one gets another', async () => {
  await expect(
    database.transaction().execute((tx) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx)),
  ).rejects.toThrow();
  expect(await count()).toBe(2);
  const nowhere = openDatabase('postgresql://nobody@127.0.0.1:1/none');
  await expect(nowhere.transaction().execute(async () => undefined)).rejects.toThrow(/ECONNREFUSED/);
  await nowhere.destroy();
});
