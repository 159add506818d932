// Attribute schemas that several network resources share.
import { type TSchema, Type } from '@sinclair/typebox';
import type { Attribute } from './resource.ts';

export const nameText = Type.String({ maxLength: 255 });
export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
export const idText = Type.String({ minLength: 1, maxLength: 255 });
/** Neutron accepts what Python's converter does: true, "true", 1. */
export const flag = Type.Union([
  Type.Boolean(),
  Type.String({ pattern: '^(?:[Tt]rue|[Ff]alse|TRUE|FALSE|0|1)$' }),
  Type.Literal(0),
  Type.Literal(1),
]);
export const macText = Type.String({ pattern: '^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$' });

/** A client may set it at any time. */
export function free(schema: TSchema, filter?: Attribute['filter']): Attribute {
  return { schema, create: 'optional', update: true, ...(filter ? { filter } : {}) };
}

/** Only when it is created. */
export function once(schema: TSchema, filter?: Attribute['filter']): Attribute {
  return { schema, create: 'optional', ...(filter ? { filter } : {}) };
}

export function required(schema: TSchema, filter?: Attribute['filter']): Attribute {
  return { schema, create: 'required', ...(filter ? { filter } : {}) };
}

export function readOnly(filter?: Attribute['filter']): Attribute {
  return { schema: Type.Unknown(), ...(filter ? { filter } : {}) };
}

/** What nearly every resource has. */
export const standard: Readonly<Record<string, Attribute>> = {
  id: readOnly('text'),
  project_id: once(Type.String({ maxLength: 255 }), 'text'),
  tenant_id: once(Type.String({ maxLength: 255 }), 'text'),
  name: free(nameText, 'text'),
  description: free(Type.String({ maxLength: 255 }), 'text'),
  tags: readOnly(),
  created_at: readOnly('text'),
  updated_at: readOnly('text'),
  revision_number: readOnly('integer'),
};

/** A flag as a boolean, whichever way it was written. */
export function isTrue(value: unknown): boolean {
  return (
    value === true ||
    value === 1 ||
    (typeof value === 'string' && ['true', '1', 'yes', 'on', 't', 'y'].includes(value.toLowerCase()))
  );
}
