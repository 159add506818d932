// Bodies that carry the inputs of a stack and its settings.
import { Type } from '@sinclair/typebox';

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));
const map = Type.Record(Type.String(), Type.Unknown());
const given = {
  template: Type.Optional(Type.Unknown()),
  template_url: nullable(Type.String()),
  environment: Type.Optional(Type.Unknown()),
  environment_files: nullable(Type.Array(Type.String())),
  files: nullable(map),
  files_container: nullable(Type.String()),
  parameters: nullable(map),
  timeout_mins: nullable(Type.Union([Type.Integer({ minimum: 1 }), Type.String({ pattern: '^[1-9][0-9]*$' })])),
  disable_rollback: nullable(Type.Union([Type.Boolean(), Type.String({ pattern: '^([Tt]rue|[Ff]alse)$' })])),
  tags: nullable(Type.Union([Type.String(), Type.Array(Type.String())])),
};
export const createBody = Type.Object({
  ...given,
  stack_name: Type.String(),
  adopt_stack_data: Type.Optional(Type.Unknown()),
});
export const updateBody = Type.Object({
  ...given,
  clear_parameters: nullable(Type.Array(Type.String())),
  converge: nullable(Type.Boolean()),
});

export interface GivenSettings {
  readonly timeout_mins?: number | string | null;
  readonly disable_rollback?: boolean | string | null;
  readonly tags?: string | readonly string[] | null;
}

export function settingsOf(body: GivenSettings) {
  const tags =
    typeof body.tags === 'string'
      ? body.tags
          .split(',')
          .map((tag) => tag.trim())
          .filter(Boolean)
      : body.tags;
  return {
    ...(body.timeout_mins == null ? {} : { timeoutMins: Number(body.timeout_mins) }),
    ...(body.disable_rollback == null
      ? {}
      : { disableRollback: String(body.disable_rollback).toLowerCase() === 'true' }),
    ...(tags == null ? {} : { tags }),
  };
}
