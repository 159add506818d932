// Checks values against TypeBox schemas with AJV, compiled the first time a schema is used.
import type { TSchema } from '@sinclair/typebox';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { SchemaFault } from './route.ts';

const first = compiler(false);
const all = compiler(true);

function compiler(allErrors: boolean): (schema: TSchema) => ValidateFunction {
  const ajv = new Ajv({
    strict: false,
    allErrors,
    verbose: true,
    coerceTypes: false,
    removeAdditional: false,
    useDefaults: false,
  });
  ajvFormats.default(ajv);
  ajv.addFormat('uuid-like', isUuidLike);
  const compiled = new WeakMap<TSchema, ValidateFunction>();
  return (schema) => {
    let check = compiled.get(schema);
    if (!check) {
      check = ajv.compile(schema);
      compiled.set(schema, check);
    }
    return check;
  };
}

/** The first violation of `schema` by `value`, or undefined. */
export function violation(schema: TSchema, value: unknown, place: 'body' | 'query'): SchemaFault | undefined {
  const check = first(schema);
  if (check(value)) return undefined;
  const error = check.errors?.[0];
  return error ? toFault(error, place) : undefined;
}

/** Every violation of `schema` by `value`. */
export function violations(schema: TSchema, value: unknown, place: 'body' | 'query'): SchemaFault[] {
  const check = all(schema);
  return check(value) ? [] : (check.errors ?? []).map((error) => toFault(error, place));
}

/** Is it what oslo.utils takes for a UUID: 32 hexadecimal digits, with or without dashes, braces and `urn:uuid:`? */
export function isUuidLike(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(digitsOf(text));
}

/** Dashed and lower case. Give it only what isUuidLike has accepted. */
export function normalizeUuid(text: string): string {
  return digitsOf(text)
    .toLowerCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function digitsOf(text: string): string {
  return text
    .replace(/urn:|uuid:/g, '')
    .replace(/^[{}]+|[{}]+$/g, '')
    .replaceAll('-', '');
}

function toFault(error: ErrorObject, place: 'body' | 'query'): SchemaFault {
  return {
    place,
    pointer: error.instancePath,
    message: error.message ?? 'is not valid',
    keyword: error.keyword,
    params: error.params,
    value: error.data,
    schemaPath: error.schemaPath,
    schema: error.parentSchema ?? {},
  };
}

/** A sentence that names the field: `Invalid input for field/attribute name. must be string`. */
export function describeFault(fault: SchemaFault): string {
  const field = fault.pointer.split('/').filter(Boolean).join('.');
  const extra = fault.keyword === 'additionalProperties' ? ` (${String(fault.params.additionalProperty)})` : '';
  const where = field === '' ? `the ${fault.place}` : `field/attribute ${field}`;
  return `Invalid input for ${where}. ${fault.message}${extra}`;
}
