// The index of one process follows what others write, late commits included.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../database/index.ts';
import { testDatabase } from '../../database/testing/index.ts';
import { createProviderRow, deleteProviderRow } from '../store.ts';
import { followProviders } from './index.ts';

const { database, url, drop } = await testDatabase();
const other = openDatabase(url, { maxConnections: 4 });
afterAll(async () => {
  await other.destroy();
  await drop();
});

async function plant(where: Parameters<typeof createProviderRow>[0], uuid: string = randomUUID()) {
  await createProviderRow(where, uuid, uuid, null);
  return uuid;
}

test('sees at once what another process has committed, changed and deleted', async () => {
  const follower = followProviders(database);
  await follower.current();
  const uuid = await plant(other);
  expect((await follower.current()).byUuid(uuid)?.name).toBe(uuid);
  await sql`select placement_update_provider(${uuid}, 'renamed', false, null, false)`.execute(other);
  expect((await follower.current()).byUuid(uuid)?.name).toBe('renamed');
  await deleteProviderRow(other, uuid);
  expect((await follower.current()).byUuid(uuid)).toBeUndefined();
});

test('does not miss a transaction that began before another and commits after it was read', async () => {
  const follower = followProviders(database);
  await follower.current();
  const late = randomUUID();
  let commit = () => {};
  const held = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let began = () => {};
  const begun = new Promise<void>((resolve) => {
    began = resolve;
  });
  const transaction = other.transaction().execute(async (tx) => {
    await plant(tx, late);
    began();
    await held;
  });
  await begun;
  const early = await plant(other);
  const before = await follower.current();
  expect([before.byUuid(early) !== undefined, before.byUuid(late) !== undefined]).toEqual([true, false]);
  commit();
  await transaction;
  expect((await follower.current()).byUuid(late)?.uuid).toBe(late);
});

test('readings that are asked for together hold what was committed before each was asked', async () => {
  const follower = followProviders(database);
  const first = follower.current();
  const uuid = await plant(other);
  const together = await Promise.all([first, follower.current(), follower.current()]);
  expect(together.at(-1)?.byUuid(uuid)?.uuid).toBe(uuid);
});

test('starts over when it has not read for so long that the log may have been pruned', async () => {
  let now = 0;
  const follower = followProviders(database, () => now);
  await follower.current();
  const uuid = await plant(other);
  await sql`delete from placement_changes`.execute(other);
  expect((await follower.current()).byUuid(uuid)).toBeUndefined();
  now += 21 * 60_000;
  expect((await follower.current()).byUuid(uuid)?.uuid).toBe(uuid);
});

test('prunes the log of what is long past', async () => {
  await plant(other);
  await sql`update placement_changes set at = now() - interval '2 hours'`.execute(other);
  const uuid = await plant(other);
  await followProviders(database).prune();
  const { rows } = await sql<{ left: number }>`select count(*) as left from placement_changes`.execute(database);
  expect([rows[0]?.left, uuid.length]).toEqual([1, 36]);
});
