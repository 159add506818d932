// The authority whose certificate every ramdisk is told of, so that it knows this server from an impostor.
import { X509Certificate } from 'node:crypto';
import { type Certified, createAuthority, issueCertificate } from '../../agent/index.ts';
import type { Database, Sealer } from '../../database/index.ts';
import { tables } from '../store.ts';

export interface Authority {
  /** Its certificate as the kernel command line carries it: DER in base64. */
  commandLine(): Promise<string>;
  /** Its certificate, as PEM. */
  certificate(): Promise<string>;
  /** A new key and certificate for a listener under these names and addresses. */
  issue(names: readonly string[]): Promise<Certified>;
}

const name = 'undercloud';

/** Reads the authority at its first use; the first of all servers on a database makes it. */
export function openAuthority(database: Database, sealer: Sealer): Authority {
  let opened: Promise<Certified> | undefined;
  const authority = () => {
    opened ??= readOrCreate(database, sealer).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    commandLine: async () => new X509Certificate((await authority()).certificate).raw.toString('base64'),
    certificate: async () => (await authority()).certificate,
    issue: async (names) => issueCertificate(await authority(), 'undercloud server', names),
  };
}

async function readOrCreate(database: Database, sealer: Sealer): Promise<Certified> {
  const made = createAuthority(name);
  await tables(database)
    .insertInto('baremetal_authorities')
    .values({ name, certificate: made.certificate, key: sealer.seal(made.key, name) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const kept = await tables(database)
    .selectFrom('baremetal_authorities')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return { certificate: kept.certificate, key: String(sealer.open(kept.key, name)) };
}
