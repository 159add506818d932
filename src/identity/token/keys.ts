// The keys that sign tokens: made at the first start, rotated with overlap, shared by all processes through the database.
import { type CryptoKey, errors, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import type { Generation } from '../generation.ts';
import type { Seal } from '../seal.ts';
import { all, newId } from '../store.ts';

export interface SigningKey {
  readonly id: string;
  readonly key: CryptoKey;
}

export interface KeyRing {
  /** The key that signs now; makes one when there is none or the newest is too old. */
  signing(at?: Generation): Promise<SigningKey>;
  /** The public key of this id. Throws JWKSNoMatchingKey when there is none, or it is retired. */
  verifying(id: string | undefined, at?: Generation): Promise<CryptoKey>;
  /** Makes a new signing key at once; the ones before verify until their last token has run out. */
  rotate(): Promise<void>;
}

interface KeyRow {
  readonly id: string;
  readonly public_jwk: JWK;
  readonly private_sealed: Buffer;
  readonly created_at: Date;
}

interface LoadedKey extends SigningKey {
  readonly publicKey: CryptoKey;
  readonly createdAt: Date;
}

const rotateAfterMs = 30 * 24 * 3600 * 1000;

export function createKeyRing(
  database: Database,
  seal: Seal,
  clock: () => Date,
  tokenLifetimeMs: number,
  generation: () => Promise<number>,
): KeyRing {
  let loaded: { generation: number; keys: readonly LoadedKey[] } | undefined;

  async function load(at?: Generation): Promise<readonly LoadedKey[]> {
    const current = at ?? (await generation());
    if (loaded?.generation === current) return loaded.keys;
    const rows = await all(
      database,
      sql<KeyRow>`select id, public_jwk, private_sealed, created_at from identity_keys
        where retired_at is null or retired_at > ${clock()} order by created_at desc`,
    );
    const known = new Map(loaded?.keys.map((key) => [key.id, key]));
    const keys = await Promise.all(rows.map((row) => known.get(row.id) ?? open(row)));
    loaded = { generation: current, keys };
    return keys;
  }
  async function open(row: KeyRow): Promise<LoadedKey> {
    const privateJwk: JWK = JSON.parse(seal.open(row.private_sealed, keyRow(row.id)));
    return {
      id: row.id,
      key: asymmetric(await importJWK(privateJwk, 'ES256')),
      publicKey: asymmetric(await importJWK(row.public_jwk, 'ES256')),
      createdAt: row.created_at,
    };
  }
  /** Makes a key unless another process has just done so: only one after `newerThan` is wanted. */
  async function make(newerThan: Date): Promise<void> {
    const pair = await generateKeyPair('ES256', { extractable: true });
    const id = newId();
    const privateSealed = seal.seal(JSON.stringify(await exportJWK(pair.privateKey)), keyRow(id));
    const publicJwk = await exportJWK(pair.publicKey);
    const now = clock();
    // The overlap outlasts every token that an older key has signed.
    const retireAt = new Date(now.getTime() + tokenLifetimeMs + 60_000);
    await database.transaction().execute(async (tx) => {
      await sql`lock table identity_keys in share row exclusive mode`.execute(tx);
      const newer = await all(tx, sql`select 1 from identity_keys where created_at > ${newerThan}`);
      if (newer.length > 0) return;
      await sql`update identity_keys set retired_at = ${retireAt} where retired_at is null`.execute(tx);
      await sql`delete from identity_keys where retired_at < ${now}`.execute(tx);
      await sql`insert into identity_keys (id, public_jwk, private_sealed, created_at)
        values (${id}, ${JSON.stringify(publicJwk)}, ${privateSealed}, ${now})`.execute(tx);
    });
  }
  return {
    async signing(at) {
      const [newest] = await load(at);
      const oldest = new Date(clock().getTime() - rotateAfterMs);
      if (newest && newest.createdAt > oldest) return newest;
      await make(oldest);
      const [made] = await load();
      if (!made) throw new Error('identity has no signing key although one was just made');
      return made;
    },
    async verifying(id, at) {
      const found = (await load(at)).find((key) => key.id === id);
      if (!found) throw new errors.JWKSNoMatchingKey();
      return found.publicKey;
    },
    async rotate() {
      await make(clock());
    },
  };
}

function keyRow(id: string): string {
  return `identity_keys:${id}`;
}

function asymmetric(key: CryptoKey | Uint8Array): CryptoKey {
  if (key instanceof Uint8Array) throw new TypeError('an ES256 key is not a byte string');
  return key;
}
