// Attribute schemas that several resources share.
import { Type } from '@sinclair/typebox';

export const nameSchema = Type.String({ minLength: 1, maxLength: 255, pattern: '\\S' });
/** Names of projects and domains are shorter (Identity API: 64 characters). */
export const projectName = Type.String({ minLength: 1, maxLength: 64, pattern: '\\S' });
export const nullableText = Type.Union([Type.String(), Type.Null()]);
export const nullableId = Type.Union([Type.String({ minLength: 1, maxLength: 255 }), Type.Null()]);
/** Keystone's resource options: unknown ones are refused. */
export const optionsSchema = Type.Object(
  { immutable: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])) },
  { additionalProperties: false },
);
/** `2026-11-21T10:00:00.000000Z`; zone optional, UTC then. */
export const timeSchema = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?(Z|[+-]\\d{2}:\\d{2})?$',
});
