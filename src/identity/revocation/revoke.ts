// Ends a token before its time.
import { sql } from 'kysely';
import type { Parts } from '../parts.ts';
import type { Claims } from '../token/claims.ts';

/** From the commit on the token is refused everywhere; revocations that outlived their token are dropped. */
export async function revokeToken({ database, clock }: Parts, { auditIds, expiresAt }: Claims): Promise<void> {
  await sql`delete from identity_revocations where expires_at < ${clock()}`.execute(database);
  await sql`insert into identity_revocations (audit_id, expires_at, revoked_at)
    values (${auditIds[0] ?? ''}, ${expiresAt}, ${clock()})`.execute(database);
}
