// The options that a user may carry.
import { Type } from '@sinclair/typebox';

const flag = Type.Optional(Type.Union([Type.Boolean(), Type.Null()]));

/** Keystone's user options; others are refused. */
export const userOptions = Type.Object(
  {
    ignore_change_password_upon_first_use: flag,
    ignore_password_expiry: flag,
    ignore_lockout_failure_attempts: flag,
    lock_password: flag,
    ignore_user_inactivity: flag,
    multi_factor_auth_enabled: flag,
    multi_factor_auth_rules: Type.Optional(
      Type.Union([Type.Array(Type.Array(Type.String(), { minItems: 1 })), Type.Null()]),
    ),
  },
  { additionalProperties: false },
);
