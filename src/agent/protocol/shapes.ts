// Small schemas that the messages are made of.
import { type TSchema, Type } from '@sinclair/typebox';

export const text = Type.String();
export const open = { additionalProperties: true };
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
