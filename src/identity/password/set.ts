// Sets a user's password, under the rules.
import { sql } from 'kysely';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { all, type Connection, type UserRow } from '../store.ts';

const dayMs = 24 * 3600 * 1000;

/** Columns of a user whose password is set now. Throws WrongPassword when the text breaks the pattern. */
export async function passwordColumns(parts: Parts, password: string, byAdmin: boolean) {
  refusePattern(parts, password);
  const now = parts.clock();
  const days = parts.passwordRules.expiresAfterDays;
  return {
    password_hash: await parts.hasher.hash(password),
    password_created_at: now,
    password_expires_at: days === undefined ? null : new Date(now.getTime() + days * dayMs),
    password_by_admin: byAdmin,
    failed_auths: 0,
    failed_auth_at: null,
  };
}

/** Throws WrongPassword when the password was used before, too often or is too young to be changed again. */
export async function refuseByHistory(parts: Parts, db: Connection, user: UserRow, password: string): Promise<void> {
  const { minimumAgeDays, uniqueLastCount } = parts.passwordRules;
  const age = parts.clock().getTime() - (user.password_created_at?.getTime() ?? 0);
  if (minimumAgeDays !== undefined && !user.password_by_admin && age < minimumAgeDays * dayMs)
    throw errors.WrongPassword(`it can be changed ${minimumAgeDays} days after the last change`);
  if (uniqueLastCount === undefined) return;
  const past = await all(
    db,
    sql<{ password_hash: string }>`select password_hash from identity_past_passwords
      where user_id = ${user.id} order by created_at desc limit ${Math.max(0, uniqueLastCount - 1)}`,
  );
  for (const hash of [user.password_hash, ...past.map((row) => row.password_hash)])
    if (hash !== null && (await parts.hasher.verify(password, hash)))
      throw errors.WrongPassword(`it must differ from the last ${uniqueLastCount} passwords`);
}

/** Keeps the hash that is replaced, for the rule against its return. */
export async function rememberPassword(parts: Parts, db: Connection, user: UserRow): Promise<void> {
  const { uniqueLastCount } = parts.passwordRules;
  if (uniqueLastCount === undefined || user.password_hash === null) return;
  await sql`insert into identity_past_passwords (user_id, password_hash, created_at)
    values (${user.id}, ${user.password_hash}, ${parts.clock()})`.execute(db);
}

function refusePattern({ passwordRules }: Parts, password: string): void {
  const { pattern, patternDescription } = passwordRules;
  if (password === '') throw errors.WrongPassword('it must not be empty');
  if (pattern && !pattern.test(password)) throw errors.WrongPassword(patternDescription ?? String(pattern));
}
