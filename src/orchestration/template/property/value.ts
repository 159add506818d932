// The value of one property, brought into the form its schema prescribes.
import { TemplateError, typeError, validationFailed, valueError } from '../errors.ts';
import { type CustomConstraints, checkConstraints } from '../parameter/constraints.ts';
import {
  type Dict,
  isDict,
  isInteger,
  jsonText,
  repr,
  str,
  toInteger,
  toNumber,
  truthy,
  type Value,
} from '../value/index.ts';
import type { PropertySchema } from './schema.ts';

export interface Checking {
  readonly customs: CustomConstraints | undefined;
}

const orDefault = (value: Value, schema: PropertySchema, empty: Value): Value => {
  if (value !== null) return value;
  return schema.default !== null && truthy(schema.default) ? schema.default : empty;
};

function integerProperty(given: Value, schema: PropertySchema): Value {
  const value = orDefault(given, schema, 0);
  try {
    return toInteger(value);
  } catch (cause) {
    if (cause instanceof TemplateError && cause.type === 'ValueError')
      throw typeError(`Value '${str(value)}' is not an integer`);
    throw cause;
  }
}

function stringProperty(given: Value, schema: PropertySchema): Value {
  const value = orDefault(given, schema, '');
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || isInteger(value)) return str(value);
  throw valueError(`Value must be a string; got ${repr(value)}`);
}

function booleanProperty(given: Value, schema: PropertySchema): Value {
  const value = orDefault(given, schema, false);
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') throw typeError(`"${str(value)}" is not a valid boolean`);
  const word = value.toLowerCase();
  if (word !== 'true' && word !== 'false') throw valueError(`"${word}" is not a valid boolean`);
  return word === 'true';
}

function mapProperty(given: Value, schema: PropertySchema, checking: Checking | undefined): Value {
  const value = given ?? schema.default ?? new Map();
  if (!isDict(value)) {
    if (schema.converts && typeof value === 'string') return value;
    if (schema.converts && Array.isArray(value)) return jsonText(value);
    throw typeError(`"${str(value)}" is not a map`);
  }
  if (!schema.children) return value;
  const result: Dict = new Map();
  if (checking)
    checkNames(
      [...value.keys()].map((key) => str(key)),
      schema.children,
    );
  for (const [name, child] of schema.children)
    result.set(name, childValue(name, value.get(name), value.has(name), child, checking));
  return result;
}

function listProperty(given: Value, schema: PropertySchema, checking: Checking | undefined): Value {
  let value = orDefault(given, schema, []);
  if (schema.converts && typeof value === 'string') value = value === '' ? [] : value.split(',');
  if (!Array.isArray(value)) throw typeError(`"${repr(value)}" is not a list`);
  const { item } = schema;
  return item ? value.map((entry, index) => childValue(String(index), entry, true, item, checking)) : value;
}

/** @throws TemplateError StackValidationFailed for a name the schema does not have */
export function checkNames(names: readonly string[], schemata: ReadonlyMap<string, PropertySchema>): void {
  for (const name of names) if (!schemata.has(name)) throw validationFailed(`Unknown Property ${name}`);
}

/** Runs a computation, putting a property's name before the path of its fault. */
export function under<T>(path: readonly string[], compute: () => T): T {
  try {
    return compute();
  } catch (cause) {
    if (!(cause instanceof TemplateError) || cause.type === 'AssertionError') throw cause;
    if (cause.type === 'StackValidationFailed')
      throw validationFailed(cause.reason, { error: cause.error, path: [...path, ...cause.path], cause });
    throw validationFailed(cause.message, { path, cause });
  }
}

/** The value of a property inside a map or list. */
function childValue(
  name: string,
  value: Value | undefined,
  given: boolean,
  schema: PropertySchema,
  checking: Checking | undefined,
): Value {
  const compute = (): Value => {
    if (given) {
      try {
        return propertyValue(value ?? null, schema, checking);
      } catch (cause) {
        if (cause instanceof TemplateError && cause.type !== 'StackValidationFailed') throw valueError(cause.message);
        throw cause;
      }
    }
    if (schema.default !== null) return propertyValue(null, schema, checking);
    if (schema.required) throw valueError(`Property ${name} not assigned`);
    return null;
  };
  if (!checking) return compute();
  const path = schema.required && !given ? [] : [name];
  const result = under(path, compute);
  if (!schema.implemented && given) throw validationFailed(`Property ${name} not implemented yet`);
  return result;
}

/**
 * A value in the form its schema prescribes; null stands for the default or an empty value.
 * @param checking checks constraints and unknown names too
 * @throws TemplateError TypeError or ValueError for a value of another kind, StackValidationFailed for one that breaks a constraint
 */
export function propertyValue(given: Value, schema: PropertySchema, checking: Checking | undefined): Value {
  let value: Value;
  switch (schema.type) {
    case 'String':
      value = stringProperty(given, schema);
      break;
    case 'Integer':
      value = integerProperty(given, schema);
      break;
    case 'Number':
      value = toNumber(orDefault(given, schema, 0));
      break;
    case 'Boolean':
      value = booleanProperty(given, schema);
      break;
    case 'Map':
      value = mapProperty(given, schema, checking);
      break;
    case 'List':
      value = listProperty(given, schema, checking);
      break;
    case 'Any':
      value = given;
      break;
    default:
      return schema.type satisfies never;
  }
  if (checking) checkConstraints(schema.constraints, value, schema, checking.customs);
  return value;
}
