// Checks values against TypeBox schemas with AJV, compiled the first time a schema is used.
import type { TSchema } from '@sinclair/typebox';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { SchemaFault } from './route.ts';

const ajv = new Ajv({
  strict: false,
  allErrors: false,
  verbose: true,
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
});
ajvFormats.default(ajv);
const compiled = new WeakMap<TSchema, ValidateFunction>();

/** The first violation of `schema` by `value`, or undefined. */
export function violation(schema: TSchema, value: unknown, place: 'body' | 'query'): SchemaFault | undefined {
  let check = compiled.get(schema);
  if (!check) {
    check = ajv.compile(schema);
    compiled.set(schema, check);
  }
  if (check(value)) return undefined;
  const error = check.errors?.[0];
  return error ? toFault(error, place) : undefined;
}

function toFault(error: ErrorObject, place: 'body' | 'query'): SchemaFault {
  return {
    place,
    pointer: error.instancePath,
    message: error.message ?? 'is not valid',
    keyword: error.keyword,
    params: error.params,
    value: error.data,
  };
}

/** A sentence that names the field: `Invalid input for field/attribute name. must be string`. */
export function describeFault(fault: SchemaFault): string {
  const field = fault.pointer.split('/').filter(Boolean).join('.');
  const extra = fault.keyword === 'additionalProperties' ? ` (${String(fault.params.additionalProperty)})` : '';
  const where = field === '' ? `the ${fault.place}` : `field/attribute ${field}`;
  return `Invalid input for ${where}. ${fault.message}${extra}`;
}
