// What passwords must be like and what repeated failures cost: Keystone's `[security_compliance]` settings.

export interface PasswordRules {
  /** A password must match; undefined: any that is not empty. */
  readonly pattern?: RegExp;
  /** Said to those whose password does not match. */
  readonly patternDescription?: string;
  readonly expiresAfterDays?: number;
  /** A new password may not be one of the last so many. */
  readonly uniqueLastCount?: number;
  readonly minimumAgeDays?: number;
  readonly changeUponFirstUse?: boolean;
  readonly disableAfterInactiveDays?: number;
  /** So many wrong passwords in a row lock the user out for `lockoutSeconds`. Zero: never. */
  readonly lockoutAttempts: number;
  readonly lockoutSeconds: number;
}

export const defaultPasswordRules: PasswordRules = { lockoutAttempts: 10, lockoutSeconds: 60 };

/** Is the user locked out at `now` (seconds since the last failure, as Keystone's lockout_duration)? */
export function lockedOut(
  rules: PasswordRules,
  user: {
    readonly failed_auths: number;
    readonly failed_auth_at: Date | null;
    readonly options: Readonly<Record<string, unknown>>;
  },
  now: Date,
): boolean {
  if (rules.lockoutAttempts === 0 || user.options.ignore_lockout_failure_attempts === true) return false;
  if (user.failed_auths < rules.lockoutAttempts || !user.failed_auth_at) return false;
  return now.getTime() < user.failed_auth_at.getTime() + rules.lockoutSeconds * 1000;
}
