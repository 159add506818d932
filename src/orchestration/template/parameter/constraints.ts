// Constraints on parameters and properties: length, range, modulo, allowed values and patterns, custom ones.
import { invalidSchema, TemplateError, typeError, validationFailed, valueError } from '../errors.ts';
import {
  equal,
  Float,
  isDict,
  isInteger,
  isNumber,
  jsonText,
  numeric,
  str,
  toBoolean,
  toNumber,
  typeName,
  type Value,
} from '../value/index.ts';
import { PythonPattern } from '../value/pattern.ts';
import { asksService, checkLocally } from './local-constraints.ts';

/** Kinds of data that parameters and properties hold, by whichever name a dialect gives them. */
export type DataKind = 'string' | 'number' | 'integer' | 'boolean' | 'list' | 'map' | 'any';

/** What a constraint knows of the value it checks: its kind and the type's name in the template. */
export interface Typed {
  readonly kind: DataKind;
  readonly typeName: string;
}

type Bound = number | bigint | Float | undefined;
export type Constraint = { readonly description?: string } & (
  | { readonly kind: 'range'; readonly min: Bound; readonly max: Bound }
  | { readonly kind: 'length'; readonly min: Bound; readonly max: Bound }
  | { readonly kind: 'modulo'; readonly step: number | bigint | Float; readonly offset: number | bigint | Float }
  | { readonly kind: 'allowedValues'; readonly allowed: readonly Value[] }
  | { readonly kind: 'allowedPattern'; readonly pattern: string; readonly regex: PythonPattern }
  | { readonly kind: 'custom'; readonly name: string }
);

/** Checks values against things outside the template (an image exists) or by rules too long for a pattern. */
export interface CustomConstraints {
  /** Undefined when no such constraint exists; otherwise the fault of the value, or null when it holds. */
  check(name: string, value: Value): string | null | undefined;
}

const validFor: Readonly<Record<Constraint['kind'], readonly DataKind[]>> = {
  range: ['integer', 'number'],
  length: ['string', 'list', 'map'],
  modulo: ['integer', 'number'],
  allowedValues: ['string', 'integer', 'number', 'boolean', 'list'],
  allowedPattern: ['string'],
  custom: ['string', 'integer', 'number', 'boolean', 'list'],
};

const heatNames: Readonly<Record<Constraint['kind'], string>> = {
  range: 'Range',
  length: 'Length',
  modulo: 'Modulo',
  allowedValues: 'AllowedValues',
  allowedPattern: 'AllowedPattern',
  custom: 'CustomConstraint',
};

/** A number as constraints are given it: text is read, null means none. */
export function bound(value: Value | undefined): number | bigint | Float | boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return toNumber(value);
}

function numericBound(value: Value | undefined, what: string): Bound {
  const number = bound(value);
  if (typeof number === 'boolean') return number ? 1 : 0;
  if (number !== undefined && !isNumber(number)) throw invalidSchema(what);
  return number;
}

type Described<T> = T & { readonly description?: string };
const described = <T extends object>(constraint: T, description: string | undefined): Described<T> =>
  description ? { ...constraint, description } : constraint;

export function range(min: Value | undefined, max: Value | undefined, description?: string): Constraint {
  const constraint = {
    kind: 'range' as const,
    min: numericBound(min, 'min/max must be numeric'),
    max: numericBound(max, 'min/max must be numeric'),
  };
  if (constraint.min === undefined && constraint.max === undefined)
    throw invalidSchema('A range constraint must have a min value and/or a max value specified.');
  return described(constraint, description);
}

export function length(min: Value | undefined, max: Value | undefined, description?: string): Constraint {
  const constraint = {
    kind: 'length' as const,
    min: numericBound(min, 'min/max must be numeric'),
    max: numericBound(max, 'min/max must be numeric'),
  };
  if (constraint.min === undefined && constraint.max === undefined)
    throw invalidSchema('A length constraint must have a min value and/or a max value specified.');
  if (constraint.min instanceof Float || constraint.max instanceof Float)
    throw invalidSchema('min/max length must be integral');
  return described(constraint, description);
}

export function modulo(step: Value | undefined, offset: Value | undefined, description?: string): Constraint {
  const by = numericBound(step, 'step/offset must be numeric');
  const from = numericBound(offset, 'step/offset must be numeric');
  if (by === undefined || from === undefined)
    throw invalidSchema('A modulo constraint must have a step value and an offset value specified.');
  const s = Number(numeric(by));
  const o = Number(numeric(from));
  if (!Number.isInteger(s) || !Number.isInteger(o)) throw invalidSchema('step/offset must be integer');
  if (s === 0) throw invalidSchema('step cannot be 0.');
  if (Math.abs(o) >= Math.abs(s)) throw invalidSchema('offset must be smaller (by absolute value) than step.');
  if (s * o < 0) throw invalidSchema('step and offset must be both positive or both negative.');
  return described({ kind: 'modulo' as const, step: by, offset: from }, description);
}

export function allowedValues(allowed: Value | undefined, description?: string): Constraint {
  if (!Array.isArray(allowed)) throw invalidSchema('AllowedValues must be a list');
  return described({ kind: 'allowedValues' as const, allowed }, description);
}

/** @throws TemplateError of type `error` for a pattern that does not compile */
export function allowedPattern(pattern: Value | undefined, description?: string): Constraint {
  if (typeof pattern !== 'string') throw invalidSchema('AllowedPattern must be a string');
  return described({ kind: 'allowedPattern' as const, pattern, regex: new PythonPattern(pattern) }, description);
}

export function custom(name: string, description?: string): Constraint {
  return described({ kind: 'custom' as const, name }, description);
}

/** @throws TemplateError InvalidSchemaError for a constraint that does not go with the type */
export function checkApplicable(constraints: readonly Constraint[], typed: Typed): void {
  for (const constraint of constraints) {
    if (!validFor[constraint.kind].includes(typed.kind))
      throw invalidSchema(`${heatNames[constraint.kind]} constraint invalid for ${typed.typeName}`);
  }
}

/** A value in the form its type prescribes. @throws TemplateError ValueError */
export function toType(value: Value, typed: Typed): Value {
  try {
    if (typed.kind === 'integer') {
      const number = toNumber(value);
      if (number instanceof Float) throw valueError(`${str(number)} is not an integer.`);
      return number;
    }
    if (typed.kind === 'number') return toNumber(value);
    if (typed.kind === 'string') return str(value);
    if (typed.kind === 'boolean') return toBoolean(str(value));
    return value;
  } catch (cause) {
    if (cause instanceof TemplateError && cause.type === 'ValueError')
      throw valueError(`Value "${str(value)}" is invalid for data type "${typed.typeName}".`);
    throw cause;
  }
}

function size(value: Value): number {
  if (typeof value === 'string') return [...value].length;
  if (Array.isArray(value)) return value.length;
  if (isDict(value)) return value.size;
  throw typeError(`object of type '${typeName(value)}' has no len()`);
}

function within(value: Value, min: Bound, max: Bound): boolean {
  const number = numeric(toNumber(value)) ?? Number.NaN;
  const low = numeric(min);
  const high = numeric(max);
  return !(low !== undefined && number < low) && !(high !== undefined && number > high);
}

function remainder(value: number | bigint, step: number | bigint): number {
  if (isInteger(value) && Number.isInteger(Number(value))) {
    const r = BigInt(value) % BigInt(step);
    return Number(r !== 0n && r < 0n !== BigInt(step) < 0n ? r + BigInt(step) : r);
  }
  const r = Number(value) % Number(step);
  return r !== 0 && r < 0 !== Number(step) < 0 ? r + Number(step) : r;
}

function contains(items: readonly Value[], value: Value): boolean {
  return items.some((item) => equal(item, value));
}

function customFault(name: string, value: Value, customs: CustomConstraints | undefined): string | undefined {
  const local = checkLocally(name, value);
  const answer = local === undefined ? customs?.check(name, value) : local;
  if (answer === null) return undefined;
  if (answer !== undefined) return answer || `"${str(value)}" does not validate ${name}`;
  // Nobody answers for the service, or there is no such constraint.
  return asksService(name) ? undefined : `"${str(value)}" does not validate ${name} (constraint not found)`;
}

/** The fault of a value under one constraint, or undefined. */
function fault(
  constraint: Constraint,
  value: Value,
  typed: Typed,
  customs: CustomConstraints | undefined,
): string | undefined {
  const limits = (min: Bound, max: Bound) => `(min: ${str(min ?? null)}, max: ${str(max ?? null)})`;
  switch (constraint.kind) {
    case 'range':
      return within(value, constraint.min, constraint.max)
        ? undefined
        : `${str(value)} is out of range ${limits(constraint.min, constraint.max)}`;
    case 'length': {
      const count = size(value);
      return within(count, constraint.min, constraint.max)
        ? undefined
        : `length (${count}) is out of range ${limits(constraint.min, constraint.max)}`;
    }
    case 'modulo': {
      const number = numeric(toNumber(value)) ?? 0;
      const fits = remainder(number, Number(numeric(constraint.step))) === Number(numeric(constraint.offset));
      return fits
        ? undefined
        : `${str(value)} is not a multiple of ${str(constraint.step)} with an offset of ${str(constraint.offset)}`;
    }
    case 'allowedValues': {
      const fits = Array.isArray(value)
        ? value.every((item) => contains(constraint.allowed, item))
        : contains(
            constraint.allowed.map((item) => toType(item, typed)),
            toType(value, typed),
          );
      return fits
        ? undefined
        : `${jsonText(value)} is not an allowed value [${constraint.allowed.map((item) => jsonText(item)).join(', ')}]`;
    }
    case 'allowedPattern':
      if (typeof value !== 'string') throw typeError(`expected string or bytes-like object, got '${typeName(value)}'`);
      return constraint.regex.matchesToEnd(value)
        ? undefined
        : `"${value}" does not match pattern "${constraint.pattern}"`;
    case 'custom':
      return customFault(constraint.name, value, customs);
    default:
      return constraint satisfies never;
  }
}

/**
 * Checks a value against all constraints.
 * @param skipCustom leaves custom constraints out (a default is checked before anything exists)
 * @throws TemplateError StackValidationFailed with the constraint's own description where it has one; TypeError for a value of a kind that cannot be checked
 */
export function checkConstraints(
  constraints: readonly Constraint[],
  value: Value,
  typed: Typed,
  customs: CustomConstraints | undefined,
  skipCustom = false,
): void {
  for (const constraint of constraints) {
    if (skipCustom && constraint.kind === 'custom') continue;
    let problem: string | undefined;
    try {
      problem = fault(constraint, value, typed, customs);
    } catch (cause) {
      if (cause instanceof TemplateError && cause.type === 'ValueError')
        throw validationFailed(cause.message, { cause });
      throw cause;
    }
    if (problem !== undefined) throw validationFailed(constraint.description || problem);
  }
}
