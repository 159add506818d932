// Binds the secrets that earlier versions sealed to their rows.
import { sql } from 'kysely';
import type { Transaction } from '../database/index.ts';
import { optionRow } from './domain-config/routes.ts';
import { boundMark, openUnbound, type Seal } from './seal.ts';
import { all, type Connection } from './store.ts';

/** Seals anew, in one transaction, what is not bound yet; a second run finds nothing. Several processes may run it at once. */
export async function bindSecrets(database: Connection, seal: Seal, secret: Buffer): Promise<void> {
  const anew = (sealed: Buffer, row: string) => seal.seal(openUnbound(secret, sealed), row);
  await database.transaction().execute(async (tx) => {
    await bindColumn(tx, 'identity_keys', 'private_sealed', anew);
    await bindColumn(tx, 'identity_credentials', 'blob_sealed', anew);
    await bindOptions(tx, anew);
  });
}

type Anew = (sealed: Buffer, row: string) => Buffer;

async function bindColumn(tx: Transaction, table: string, column: string, anew: Anew): Promise<void> {
  const [from, secrets] = [sql.table(table), sql.ref(column)];
  const rows = await all(
    tx,
    sql<{ id: string; sealed: Buffer }>`select id, ${secrets} as sealed from ${from}
      where substring(${secrets} for ${boundMark.length}) <> ${boundMark} for update`,
  );
  for (const { id, sealed } of rows)
    await sql`update ${from} set ${secrets} = ${anew(sealed, `${table}:${id}`)} where id = ${id}`.execute(tx);
}

async function bindOptions(tx: Transaction, anew: Anew): Promise<void> {
  const rows = await all(
    tx,
    sql<{ domain_id: string; option_group: string; option: string; value: unknown }>`
      select * from identity_domain_options where option_group = 'ldap' and option = 'password' for update`,
  );
  for (const { domain_id, option_group, option, value } of rows) {
    const sealed = Buffer.from(typeof value === 'string' ? value : '', 'base64');
    if (sealed.subarray(0, boundMark.length).equals(boundMark)) continue;
    const bound = anew(sealed, optionRow(domain_id, option_group, option)).toString('base64');
    await sql`update identity_domain_options set value = ${JSON.stringify(bound)}::jsonb
      where domain_id = ${domain_id} and option_group = ${option_group} and option = ${option}`.execute(tx);
  }
}
