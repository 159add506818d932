// The authority outlives the server that made it.
import { X509Certificate } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database/index.ts';
import { testDatabase } from '../database/testing/index.ts';
import { openAuthority } from './authority.ts';

const secret = Buffer.alloc(32, 7);
let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await testDatabase());
});
afterAll(() => drop());

test('servers that start at once on one database have one authority, and so has the next', async () => {
  const [one, two] = await Promise.all([openAuthority(database, secret), openAuthority(database, secret)]);
  const later = await openAuthority(database, secret);
  expect(new Set([one.certificate, two.certificate, later.certificate]).size).toBe(1);
  const issued = new X509Certificate(later.issue(['192.168.24.1', 'cloud.example']).certificate);
  expect(issued.verify(new X509Certificate(one.certificate).publicKey)).toBe(true);
  expect([issued.checkIP('192.168.24.1'), issued.checkHost('cloud.example')]).toEqual([
    '192.168.24.1',
    'cloud.example',
  ]);
});

test('its key cannot be read with another secret', async () => {
  await openAuthority(database, secret);
  await expect(openAuthority(database, Buffer.alloc(32, 8))).rejects.toThrow();
  const { rows } = await sql<{ key: Buffer }>`select key from authorities`.execute(database);
  expect(String(rows[0]?.key)).not.toContain('PRIVATE KEY');
});
