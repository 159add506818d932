// Checks a user's password: lock-out, expiry, inactivity, and the count of failures.
import { sql } from 'kysely';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { lockedOut } from '../password/rules.ts';
import type { UserRow } from '../store.ts';
import type { FoundUser } from './find-user.ts';

const dayMs = 24 * 3600 * 1000;

/**
 * Throws Unauthorized, alike for an unknown, disabled or locked user and for a wrong password; PasswordExpired when all
 * is right but the password's time is over.
 */
export async function checkPassword(parts: Parts, user: FoundUser | undefined, password: string): Promise<void> {
  const now = parts.clock();
  if (!user?.password_hash) {
    await parts.hasher.waste();
    throw errors.Unauthorized();
  }
  if (lockedOut(parts.passwordRules, user, now)) throw errors.Unauthorized();
  if (!(await parts.hasher.verify(password, user.password_hash))) {
    await countFailure(parts, user, now);
    throw errors.Unauthorized();
  }
  if (!user.enabled || !user.domain_enabled || inactive(parts, user, now)) throw errors.Unauthorized();
  await noteSuccess(parts, user, now);
  if (expired(parts, user, now)) throw errors.PasswordExpired(user.id);
}

async function countFailure(parts: Parts, user: UserRow, now: Date): Promise<void> {
  // A lock-out that has run out starts the count again.
  const { lockoutSeconds } = parts.passwordRules;
  const runOut = new Date(now.getTime() - lockoutSeconds * 1000);
  await sql`update identity_users set failed_auth_at = ${now},
      failed_auths = case when failed_auths >= ${parts.passwordRules.lockoutAttempts} and failed_auth_at < ${runOut} then 1 else failed_auths + 1 end
    where id = ${user.id}`.execute(parts.database);
}

/** Writes only when something changes: a login in the usual case costs no write. */
async function noteSuccess(parts: Parts, user: UserRow, now: Date): Promise<void> {
  const today = now.toISOString().slice(0, 10);
  if (user.failed_auths === 0 && user.last_active_on?.getTime() === localMidnight(today)) return;
  await sql`update identity_users set failed_auths = 0, failed_auth_at = null, last_active_on = ${today}::date
    where id = ${user.id} and (failed_auths > 0 or last_active_on is distinct from ${today}::date)`.execute(
    parts.database,
  );
}

/** A date column comes as midnight in the zone of this process. */
function localMidnight(day: string): number {
  return new Date(`${day}T00:00:00`).getTime();
}

function inactive({ passwordRules }: Parts, user: UserRow, now: Date): boolean {
  const { disableAfterInactiveDays } = passwordRules;
  if (disableAfterInactiveDays === undefined || user.options.ignore_user_inactivity === true) return false;
  return (
    user.last_active_on !== null && now.getTime() - user.last_active_on.getTime() > disableAfterInactiveDays * dayMs
  );
}

function expired({ passwordRules }: Parts, user: UserRow, now: Date): boolean {
  const first =
    passwordRules.changeUponFirstUse === true &&
    user.password_by_admin &&
    user.options.ignore_change_password_upon_first_use !== true;
  if (first) return true;
  if (user.options.ignore_password_expiry === true) return false;
  return user.password_expires_at !== null && user.password_expires_at <= now;
}
