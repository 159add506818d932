// Sealed secrets open in their own row only, those of earlier versions after they were bound to it.
import { createCipheriv, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import { createIdentity } from './index.ts';
import { createSeal } from './seal.ts';
import { adminPassword } from './testing/index.ts';

const secret = Buffer.alloc(32, 1);

test('opens for its own row, and for no other', () => {
  const seal = createSeal(secret);
  const sealed = seal.seal('hidden', 'identity_credentials:a');
  expect(seal.open(sealed, 'identity_credentials:a')).toBe('hidden');
  expect(() => seal.open(sealed, 'identity_credentials:b')).toThrow();
  expect(() => createSeal(randomBytes(32)).open(sealed, 'identity_credentials:a')).toThrow();
});

test('binds what earlier versions sealed, once, and refuses it before', async () => {
  const { database, drop } = await testDatabase();
  const start = () => createIdentity({ database, secret, scryptCost: { logN: 4, r: 8, p: 1 } });
  const before = start();
  await before.bootstrap({ adminPassword, region: 'RegionOne', endpoints: [] });
  const admin = await sql<{ id: string }>`select id from identity_users`.execute(database);
  const user = { userId: admin.rows[0]?.id ?? '' };
  await before.issueToken(user);
  const key = await sql<{ id: string; private_sealed: Buffer }>`select id, private_sealed from identity_keys`.execute(
    database,
  );
  const { id = '', private_sealed: bound = Buffer.alloc(0) } = key.rows[0] ?? {};
  const write = (bytes: Buffer) => sql`update identity_keys set private_sealed = ${bytes}`.execute(database);
  await write(unbound(createSeal(secret).open(bound, `identity_keys:${id}`)));
  await expect(start().issueToken(user)).rejects.toThrow('not bound');
  await start().bindSecrets();
  await start().bindSecrets();
  expect(await start().issueToken(user)).toMatch(/^ey/);
  await drop();
});

/** As versions before row binding sealed. */
function unbound(plain: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce);
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}
