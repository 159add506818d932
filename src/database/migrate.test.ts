// What the migrations runner promises.
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { DatabaseVersionError, migrate } from './migrate.ts';
import { testDatabase } from './testing/index.ts';

const { database, drop } = await testDatabase();
afterAll(drop);

test('applies nothing to a database that is up to date', async () => {
  expect(await migrate(database)).toEqual([]);
});

test('refuses a database that a newer program has written', async () => {
  await sql`insert into schema_migrations (name, digest) values ('9999_future.sql', 'x')`.execute(database);
  await expect(migrate(database)).rejects.toThrow(DatabaseVersionError);
  await sql`delete from schema_migrations where name = '9999_future.sql'`.execute(database);
});

test('refuses a database whose migration was changed since', async () => {
  await sql`insert into schema_migrations (name, digest) values ('0001_operations.sql', 'other') on conflict (name) do update set digest = 'other'`.execute(
    database,
  );
  await expect(migrate(database)).rejects.toThrow(/0001_operations.sql differs/);
});
