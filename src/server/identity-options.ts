// What an operator may set of identity: how long tokens live, what passwords must be like, when a user is locked out.
import { type Static, Type } from '@sinclair/typebox';
import type { IdentityOptions } from '../identity/index.ts';

const days = (description: string) => Type.Optional(Type.Integer({ minimum: 1, description }));

/** Names as in Keystone's `[security_compliance]`. */
export const identitySchema = Type.Object(
  {
    token_expiration_s: Type.Integer({ minimum: 60, description: 'Life of a token' }),
    password_regex: Type.Optional(Type.String({ format: 'regex', description: 'What a new password must match' })),
    password_regex_description: Type.Optional(
      Type.String({ description: 'Said to users whose password does not match' }),
    ),
    password_expires_days: days('Life of a password'),
    minimum_password_age: days('Days before a user may change a password again'),
    unique_last_password_count: Type.Optional(
      Type.Integer({ minimum: 1, description: 'A new password is none of the last so many' }),
    ),
    change_password_upon_first_use: Type.Boolean({
      description: 'A password set by an administrator is changed at the first login',
    }),
    disable_user_account_days_inactive: days('Days without a login after which a user is refused'),
    lockout_failure_attempts: Type.Integer({
      minimum: 0,
      description: 'Wrong passwords in a row until lock-out; 0: never',
    }),
    lockout_duration: Type.Integer({ minimum: 1, description: 'Seconds that a user is locked out' }),
  },
  { additionalProperties: false },
);
export type IdentityConfig = Static<typeof identitySchema>;

export const identityDefaults: IdentityConfig = {
  token_expiration_s: 14_400,
  change_password_upon_first_use: false,
  lockout_failure_attempts: 10,
  lockout_duration: 60,
};

export function identityOptions(
  config: IdentityConfig,
): Pick<IdentityOptions, 'tokenLifetimeSeconds' | 'passwordRules'> {
  const { password_regex: regex } = config;
  return {
    tokenLifetimeSeconds: config.token_expiration_s,
    passwordRules: {
      lockoutAttempts: config.lockout_failure_attempts,
      lockoutSeconds: config.lockout_duration,
      changeUponFirstUse: config.change_password_upon_first_use,
      ...(regex === undefined ? {} : { pattern: new RegExp(regex) }),
      ...defined('patternDescription', config.password_regex_description),
      ...defined('expiresAfterDays', config.password_expires_days),
      ...defined('minimumAgeDays', config.minimum_password_age),
      ...defined('uniqueLastCount', config.unique_last_password_count),
      ...defined('disableAfterInactiveDays', config.disable_user_account_days_inactive),
    },
  };
}

/** The key where there is a value: the rules take an absent key, not one that is undefined. */
function defined<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  const rule: { [K in Key]?: Value } = {};
  if (value !== undefined) rule[key] = value;
  return rule;
}
