// The installation's own certificate authority: it signs what our listeners show to clients and to deploy agents.
import { type Certified, createAuthority, issueCertificate } from '../agent/index.ts';
import { createSealer, type Database } from '../database/index.ts';

export interface Authority {
  /** PEM, for those who are to trust it. */
  readonly certificate: string;
  /** A new key and certificate for a listener under these names and addresses. */
  issue(names: readonly string[]): Certified;
}

const name = 'undercloud';

/** Opens the authority kept in the database, its key sealed with `secret` (32 bytes); the first server on a database makes it. */
export async function openAuthority(database: Database, secret: Uint8Array): Promise<Authority> {
  const tables = database.withTables<{ authorities: { name: string; certificate: string; key: Buffer } }>();
  const sealer = createSealer(secret);
  const made = createAuthority(name);
  await tables
    .insertInto('authorities')
    .values({ name, certificate: made.certificate, key: sealer.seal(made.key, name) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const kept = await tables.selectFrom('authorities').selectAll().where('name', '=', name).executeTakeFirstOrThrow();
  const authority: Certified = { certificate: kept.certificate, key: String(sealer.open(kept.key, name)) };
  return {
    certificate: authority.certificate,
    issue: (names) => issueCertificate(authority, 'undercloud server', names),
  };
}
