// How YAQL functions are declared: name, kinds of arguments, body.
import { Float, isInteger } from '../value/index.ts';
import { Context } from './context.ts';
import {
  type Callable,
  type Data,
  DataSet,
  Dict,
  isIterable,
  isList,
  Ordering,
  Pattern,
  Rule,
  Stream,
} from './data.ts';
import type { Engine } from './engine.ts';

/** Kinds of arguments. Lazy ones (`lambda`, `rule`, `inner`) get expressions, the others values. */
export type ArgumentKind =
  | 'any'
  /** Anything but null. */
  | 'something'
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'collection'
  | 'iterator'
  | 'list'
  | 'dictionary'
  | 'set'
  | 'pattern'
  | 'ordering'
  | 'context'
  | 'pair'
  | 'null'
  | 'lambda'
  /** A function that is handed the context to run in. */
  | 'inner'
  | 'rule';

export const lazyKinds: ReadonlySet<ArgumentKind> = new Set<ArgumentKind>(['lambda', 'inner', 'rule']);

export interface Parameter {
  readonly name: string;
  readonly kind: ArgumentKind;
  readonly nullable: boolean;
  /** Undefined for one that has to be given; `absent` for a default that the body sees as not given. */
  readonly default: Data | undefined;
  readonly optional: boolean;
}

/** A lazily computed argument: called with values for `$1`, `$2` ... */
export type Lazy = Callable;
/** A lazily computed rule. */
export interface LazyRule {
  readonly source: () => Data;
  readonly destination: () => Data;
}

export type Given = Data | undefined;
export interface Call {
  readonly engine: Engine;
  /** The context of this call, in which lambdas run. */
  readonly context: Context;
  readonly rest: readonly Data[];
  readonly lambdas: readonly Callable[];
  readonly rules: readonly LazyRule[];
  readonly named: ReadonlyMap<string, Data>;
}

export interface FunctionSpec {
  readonly name: string;
  readonly function: boolean;
  readonly method: boolean;
  readonly parameters: readonly Parameter[];
  readonly rest: Parameter | undefined;
  /** Takes named arguments of any name. */
  readonly anyNamed: boolean;
  /** `a => b` among its arguments is a pair, not a named argument. */
  readonly noNamed: boolean;
  readonly body: (call: Call, ...args: Given[]) => Data;
}

const checks: Readonly<Record<ArgumentKind, (value: Data) => boolean>> = {
  any: () => true,
  something: () => true,
  text: (value) => typeof value === 'string',
  integer: (value) => isInteger(value) || typeof value === 'boolean',
  number: (value) => isInteger(value) || value instanceof Float,
  boolean: (value) => typeof value === 'boolean',
  collection: isIterable,
  iterator: (value) => value instanceof Stream,
  list: isList,
  dictionary: (value) => value instanceof Dict,
  set: (value) => value instanceof DataSet,
  pattern: (value) => value instanceof Pattern,
  ordering: (value) => value instanceof Ordering,
  context: (value) => value instanceof Context,
  pair: (value) => value instanceof Rule,
  null: (value) => value === null,
  lambda: () => true,
  inner: () => true,
  rule: () => true,
};

/** Whether a value is of a kind. */
export function accepts(parameter: Parameter, value: Data): boolean {
  if (value === null) return parameter.nullable;
  return checks[parameter.kind](value);
}

/** Kinds that are more special than others. */
const wider: Readonly<Partial<Record<ArgumentKind, readonly ArgumentKind[]>>> = {
  list: ['collection', 'any'],
  iterator: ['collection', 'any'],
  set: ['collection', 'any'],
  dictionary: ['any'],
  ordering: ['collection', 'any'],
  collection: ['any'],
  text: ['any'],
  integer: ['any'],
  boolean: ['integer', 'any'],
  pattern: ['any'],
  pair: ['any'],
  null: ['any'],
};

export function moreSpecial(a: ArgumentKind, b: ArgumentKind): boolean {
  return wider[a]?.includes(b) ?? false;
}

/**
 * Reads a parameter as the library writes it: `name:kind`, `?` after the kind for one that may be null,
 * `=` and a default (a number, true, false, null, or nothing for "not given").
 */
function parameter(text: string): Parameter {
  const match = /^(\w+):(\w+)(\?)?(?:=(.*))?$/.exec(text);
  const name = match?.[1] ?? text;
  const kind = Object.hasOwn(checks, match?.[2] ?? '') ? match?.[2] : 'any';
  const value = match?.[4];
  const isKind = (word: string | undefined): word is ArgumentKind => word !== undefined && Object.hasOwn(checks, word);
  return {
    name,
    kind: isKind(kind) ? kind : 'any',
    nullable: match?.[3] === '?' || kind === 'any' || kind === 'null' || kind === 'lambda' || kind === 'inner',
    default: value === undefined || value === '' ? undefined : defaultOf(value),
    optional: value !== undefined,
  };
}

function defaultOf(value: string): Data {
  if (value === 'null') return null;
  if (value === 'true') return true;
  if (value === 'false') return false;
  return /^-?\d+$/.test(value) ? Number(value) : value;
}

export interface DefineOptions {
  readonly rest?: string;
  readonly anyNamed?: boolean;
  readonly noNamed?: boolean;
}

/** Declares a function: `f` for functions, `m` for methods, `fm` for both. */
export function define(
  name: string,
  callable: 'f' | 'm' | 'fm',
  parameters: readonly string[],
  body: FunctionSpec['body'],
  options: DefineOptions = {},
): FunctionSpec {
  return {
    name,
    function: callable.includes('f'),
    method: callable.includes('m'),
    parameters: parameters.map(parameter),
    rest: options.rest === undefined ? undefined : parameter(options.rest),
    anyNamed: options.anyNamed ?? false,
    noNamed: options.noNamed ?? false,
    body,
  };
}
