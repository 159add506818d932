// An operator's rules for passwords reach identity.
import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { identityOptions } from './identity-options.ts';

const configured = (env: NodeJS.ProcessEnv) => loadConfig(undefined, { HOME: '/tmp', ...env }, {}).identity;

test('locks out after ten wrong passwords and asks for nothing else unless told otherwise', () => {
  expect(identityOptions(configured({}))).toEqual({
    tokenLifetimeSeconds: 14_400,
    passwordRules: { lockoutAttempts: 10, lockoutSeconds: 60, changeUponFirstUse: false },
  });
});

test('takes rules by the names that Keystone gives them', () => {
  const { passwordRules } = identityOptions(
    configured({
      UNDERCLOUD_IDENTITY__PASSWORD_REGEX: '^.{8,}$',
      UNDERCLOUD_IDENTITY__PASSWORD_EXPIRES_DAYS: '90',
      UNDERCLOUD_IDENTITY__LOCKOUT_FAILURE_ATTEMPTS: '3',
    }),
  );
  expect(passwordRules).toMatchObject({ pattern: /^.{8,}$/, expiresAfterDays: 90, lockoutAttempts: 3 });
});

test('refuses a pattern that is none', () => {
  expect(() => configured({ UNDERCLOUD_IDENTITY__PASSWORD_REGEX: '"("' })).toThrow(/password_regex/);
});
