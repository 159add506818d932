// Values inside YAQL: those of templates, and sets, iterators, patterns and functions.

import { TemplateError } from '../errors.ts';
import { Float, isInteger, type Key, quote, repr, str, typeName, type Value } from '../value/index.ts';
import type { PythonPattern } from '../value/pattern.ts';
import type { Context } from './context.ts';

/** A map whose keys may be any value, lists and maps included. */
export class Dict {
  private readonly items = new Map<string, readonly [Data, Data]>();
  constructor(pairs: Iterable<readonly [Data, Data]> = []) {
    for (const [key, value] of pairs) this.set(key, value);
  }
  /** Used while a dictionary is built only. */
  set(key: Data, value: Data): this {
    const id = identity(key);
    const known = this.items.get(id);
    this.items.set(id, [known ? known[0] : key, value]);
    return this;
  }
  get(key: Data): Data | undefined {
    return this.items.get(identity(key))?.[1];
  }
  has(key: Data): boolean {
    return this.items.has(identity(key));
  }
  without(keys: Iterable<Data>): Dict {
    const drop = new Set([...keys].map(identity));
    return new Dict([...this.items].filter(([id]) => !drop.has(id)).map(([, pair]) => pair));
  }
  get size(): number {
    return this.items.size;
  }
  pairs(): (readonly [Data, Data])[] {
    return [...this.items.values()];
  }
}

/** A set of values, unordered for its users. */
export class DataSet {
  private readonly items = new Map<string, Data>();
  constructor(values: Iterable<Data> = []) {
    for (const value of values) {
      const id = identity(value);
      if (!this.items.has(id)) this.items.set(id, value);
    }
  }
  has(value: Data): boolean {
    return this.items.has(identity(value));
  }
  get size(): number {
    return this.items.size;
  }
  values(): Data[] {
    return [...this.items.values()];
  }
}

/** Something that can be gone through once. */
export class Stream {
  private readonly source: Iterator<Data>;
  constructor(source: Iterable<Data>) {
    this.source = source[Symbol.iterator]();
  }
  [Symbol.iterator](): Iterator<Data> {
    return this.source;
  }
}

/** A lazily sorted collection: `thenBy` adds to its order until it is read. */
export class Ordering {
  readonly collection: Iterable<Data>;
  readonly order: { readonly selector: (item: Data) => Data; readonly ascending: boolean }[] = [];
  private readonly compare: (a: Data, b: Data) => number;
  constructor(collection: Iterable<Data>, compare: (a: Data, b: Data) => number) {
    this.collection = collection;
    this.compare = compare;
  }
  [Symbol.iterator](): Iterator<Data> {
    const sorted = [...this.collection].sort((left, right) => {
      for (const { selector, ascending } of this.order) {
        const order = this.compare(selector(left), selector(right));
        if (order !== 0) return ascending ? order : -order;
      }
      return 0;
    });
    return sorted[Symbol.iterator]();
  }
}

/** `source => destination`, both computed. */
export class Rule {
  readonly source: Data;
  readonly destination: Data;
  constructor(source: Data, destination: Data) {
    this.source = source;
    this.destination = destination;
  }
}

/** A compiled regular expression. */
export class Pattern {
  readonly regex: PythonPattern;
  constructor(regex: PythonPattern) {
    this.regex = regex;
  }
}

export type Callable = (...args: Data[]) => Data;
export type Data =
  | null
  | boolean
  | number
  | bigint
  | Float
  | string
  | readonly Data[]
  | Dict
  | DataSet
  | Stream
  | Ordering
  | Rule
  | Pattern
  | Context
  | Callable;

export const isList = (value: unknown): value is readonly Data[] => Array.isArray(value);

/** Whether a value can be gone through (texts and dictionaries do not count). */
export function isIterable(value: Data): value is readonly Data[] | DataSet | Stream | Ordering {
  return isList(value) || value instanceof DataSet || value instanceof Stream || value instanceof Ordering;
}

export function iterate(value: readonly Data[] | DataSet | Stream | Ordering): Iterable<Data> {
  return value instanceof DataSet ? value.values() : value;
}

/** A text that is the same for equal values, and only for those. @throws TemplateError TypeError for what cannot be compared so */
export function identity(value: Data): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'boolean') return value ? 'n1' : 'n0';
  if (isInteger(value)) return `n${value}`;
  if (value instanceof Float) return `n${String(value.value)}`;
  if (isList(value)) return `(${value.map((item) => JSON.stringify(identity(item))).join(',')})`;
  if (value instanceof Dict)
    return `{${value
      .pairs()
      .map(([key, item]) => JSON.stringify([identity(key), identity(item)]))
      .sort()
      .join(',')}}`;
  if (value instanceof DataSet) return `<${value.values().map(identity).sort().join(',')}>`;
  if (value instanceof Pattern) return `/${value.regex.pattern}/`;
  throw new TemplateError('TypeError', 'unhashable type');
}

/** Equality as Python has it. */
export function same(a: Data, b: Data): boolean {
  if (a === b) return true;
  if (a instanceof Float && Number.isNaN(a.value)) return false;
  if (
    typeof a === 'function' ||
    typeof b === 'function' ||
    a instanceof Stream ||
    b instanceof Stream ||
    a instanceof Ordering ||
    b instanceof Ordering
  )
    return false;
  try {
    return identity(a) === identity(b);
  } catch (cause) {
    if (cause instanceof TemplateError) return false;
    throw cause;
  }
}

/** Python's truth of a value. */
export function holds(value: Data): boolean {
  if (value === null || value === false || value === '') return false;
  if (isInteger(value)) return Number(value) !== 0;
  if (value instanceof Float) return value.value !== 0;
  if (isList(value)) return value.length > 0;
  if (value instanceof Dict || value instanceof DataSet) return value.size > 0;
  return true;
}

/** Template data as YAQL sees it. */
export function toData(value: Value): Data {
  if (Array.isArray(value)) return value.map(toData);
  if (value instanceof Map) return new Dict([...value].map(([key, item]) => [toData(key), toData(item)]));
  return value;
}

/** Python's repr() of YAQL data, in which lists are tuples. */
export function show(value: Data): string {
  if (isList(value)) return value.length === 1 ? `(${show(value[0] ?? null)},)` : `(${value.map(show).join(', ')})`;
  if (value instanceof Dict)
    return `{${value
      .pairs()
      .map(([key, item]) => `${show(key)}: ${show(item)}`)
      .join(', ')}}`;
  if (value instanceof DataSet)
    return value.size === 0 ? 'frozenset()' : `frozenset({${value.values().map(show).join(', ')}})`;
  if (typeof value === 'string') return quote(value);
  if (value === null || typeof value === 'boolean' || isInteger(value) || value instanceof Float) return repr(value);
  if (value instanceof Pattern) return `re.compile(${quote(value.regex.pattern)})`;
  return '<object>';
}

/** Python's str() of YAQL data. */
export function text(value: Data): string {
  return typeof value === 'string' ? value : show(value);
}

/** Memory a value takes by itself, in bytes as Python counts them: the content of containers does not count. */
export function sizeOf(value: Data): number {
  if (typeof value === 'string') {
    let widest = 0;
    for (let index = 0; index < value.length; index++) widest = Math.max(widest, value.charCodeAt(index));
    if (widest < 0x80) return 49 + value.length;
    if (widest < 0x100) return 73 + value.length;
    return widest < 0xd800 || widest > 0xdfff ? 74 + 2 * value.length : 76 + 2 * value.length;
  }
  if (isList(value)) return 40 + 8 * value.length;
  if (value instanceof DataSet) return value.size <= 4 ? 216 : 216 + 32 * 2 ** Math.ceil(Math.log2(value.size * 1.7));
  if (value instanceof Float) return 24;
  if (isInteger(value) || typeof value === 'boolean') return 28;
  return value === null ? 16 : 48;
}

/** Data as a template value: iterators are read, sets become lists in order. `limit` guards against what has no end. */
export function toValue(value: Data, limit: (collection: Iterable<Data>) => Iterable<Data>): Value {
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    isInteger(value) ||
    value instanceof Float
  )
    return value;
  if (value instanceof Dict) {
    const map = new Map<Key, Value>();
    for (const pair of limit(value.pairs())) {
      if (!isList(pair)) continue;
      const [key = null, item = null] = pair;
      const name = toValue(key, limit);
      if (Array.isArray(name) || name instanceof Map)
        throw new TemplateError('TypeError', `unhashable type: '${typeName(name)}'`);
      map.set(name, toValue(item, limit));
    }
    return map;
  }
  if (isIterable(value)) {
    const list = [...limit(iterate(value))].map((item) => toValue(item, limit));
    if (!(value instanceof DataSet)) return list;
    // A set of lists (what `items()` yields) cannot be a set any more once its tuples are lists.
    const nested = list.find((item) => Array.isArray(item) || item instanceof Map);
    if (nested !== undefined) throw new TemplateError('TypeError', `unhashable type: '${typeName(nested)}'`);
    return list.sort((a, b) => (str(a) < str(b) ? -1 : str(a) > str(b) ? 1 : 0));
  }
  return show(value);
}
