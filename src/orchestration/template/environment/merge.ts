// Merging several environment files into one, by the strategy each parameter asks for.
import { attributeError, TemplateError, typeError, valueError } from '../errors.ts';
import { parseJson } from '../parameter/parameter.ts';
import type { ParameterSchema } from '../parameter/schema.ts';
import { joinBounded } from '../value/bounds.ts';
import {
  type Dict,
  Float,
  integer,
  isDict,
  isInteger,
  type Key,
  numeric,
  truthy,
  typeName,
  type Value,
} from '../value/index.ts';
import { readEnvironment } from './format.ts';

type Strategy = 'overwrite' | 'merge' | 'deep_merge';
const strategies: readonly Strategy[] = ['overwrite', 'merge', 'deep_merge'];
const isStrategy = (value: Value | undefined): value is Strategy => strategies.some((name) => name === value);

function strategyOf(inFile: Dict | null, name: Key, known: ReadonlyMap<Key, Strategy>): Strategy {
  if (inFile === null) return 'overwrite';
  const fallback = inFile.get('default') ?? 'overwrite';
  const asked = inFile.get(name) ?? known.get(name) ?? fallback;
  if (isStrategy(asked)) return asked;
  return isStrategy(fallback) ? fallback : 'overwrite';
}

function mergeList(old: Value, next: Value): Value {
  if (!truthy(old)) return next;
  if (Array.isArray(next)) {
    if (!Array.isArray(old)) throw attributeError(`'${typeName(old)}' object has no attribute 'extend'`);
    return [...old, ...next];
  }
  return join([old, next], ',');
}

function join(items: readonly Value[], separator: string): string {
  return items
    .map((item, index) => {
      if (typeof item !== 'string')
        throw typeError(`sequence item ${index}: expected str instance, ${typeName(item)} found`);
      return item;
    })
    .join(separator);
}

/** What Python says of a value that is used as a map. */
function noMap(value: Value, read: boolean): TemplateError {
  if (read) return attributeError(`'${typeName(value)}' object has no attribute 'get'`);
  if (Array.isArray(value)) return typeError('list indices must be integers or slices, not str');
  return typeError(`'${typeName(value)}' object does not support item assignment`);
}

/** Lays one map over another; with `deep` also their maps, lists and texts. */
export function mergeMap(old: Value, next: Value, deep: boolean): Value {
  if (!truthy(old)) return next;
  if (!isDict(next)) throw attributeError(`'${typeName(next)}' object has no attribute 'items'`);
  const first = [...next.values()].find((value) => value !== null);
  if (first === undefined) return old;
  if (!isDict(old)) throw noMap(old, deep && (typeof first === 'string' || isDict(first) || Array.isArray(first)));
  const merged = new Map(old);
  for (const [key, value] of next) {
    if (value === null) continue;
    const before = merged.get(key) ?? null;
    if (!deep) merged.set(key, value);
    else if (isDict(value)) merged.set(key, truthy(before) ? mergeMap(before, value, deep) : value);
    else if (Array.isArray(value)) merged.set(key, truthy(before) ? mergeList(before, value) : value);
    else if (typeof value === 'string') merged.set(key, join([merged.has(key) ? before : '', value], ''));
    else merged.set(key, value);
  }
  return merged;
}

function parsed(value: Value, schema: ParameterSchema): Value {
  if (schema.kind === 'map') {
    try {
      return parseJson(value);
    } catch (cause) {
      if (cause instanceof TemplateError)
        throw valueError(
          `Invalid parameter in environment ${cause.message.replace(/^Value must be valid JSON: /, '')}.`,
        );
      throw cause;
    }
  }
  if (typeof value !== 'string' && !Array.isArray(value)) throw valueError('Invalid parameter in environment .');
  return value;
}

/** Python's plus: what travels as texts is put together as texts. */
function add(old: Value, value: Value): Value {
  if (typeof old === 'string' && typeof value === 'string') return joinBounded([old, value], '');
  if (Array.isArray(old) && Array.isArray(value)) return [...old, ...value];
  if (typeof old === 'string') throw typeError(`can only concatenate str (not "${typeName(value)}") to str`);
  if (Array.isArray(old)) throw typeError(`can only concatenate list (not "${typeName(value)}") to list`);
  const a = numeric(old);
  const b = numeric(value);
  if (a === undefined || b === undefined)
    throw typeError(`unsupported operand type(s) for +: '${typeName(old)}' and '${typeName(value)}'`);
  if (isInteger(old) && isInteger(value)) return integer(BigInt(old) + BigInt(value));
  return new Float(Number(a) + Number(b));
}

function mergeParameters(
  old: Dict,
  next: Dict,
  schemata: ReadonlyMap<string, ParameterSchema>,
  inFile: Dict | null,
  known: Map<Key, Strategy>,
  file: string,
): Dict {
  const managed = [...next].flatMap(([key, value]) => {
    const schema = typeof key === 'string' ? schemata.get(key) : undefined;
    return schema && value !== null ? [{ key, value, schema }] : [];
  });
  for (const { key } of managed) {
    const strategy = strategyOf(inFile, key, known);
    const before = known.get(key);
    if (before === undefined) known.set(key, strategy);
    else if (before !== strategy) {
      throw new TemplateError(
        'ConflictingMergeStrategyForParam',
        `Conflicting merge strategy '${strategy}' for parameter '${String(key)}' in file '${file}'.`,
      );
    }
  }
  if (old.size === 0) return next;
  const merged = new Map(old);
  for (const { key, value, schema } of managed) {
    const strategy = known.get(key);
    if (strategy === 'overwrite' || strategy === undefined) {
      merged.set(key, value);
      continue;
    }
    const item = parsed(value, schema);
    const before = merged.get(key) ?? null;
    if (schema.kind === 'map')
      merged.set(key, mergeMap(merged.has(key) ? before : new Map(), item, strategy === 'deep_merge'));
    else if (schema.kind === 'list') merged.set(key, mergeList(before, item));
    else if (schema.kind === 'string') merged.set(key, join([merged.has(key) ? before : '', item], ''));
    else if (schema.kind === 'number') merged.set(key, add(merged.has(key) ? before : 0, item));
    else
      throw new TemplateError(
        'InvalidMergeStrategyForParam',
        `Invalid merge strategy 'merge' for parameter '${String(key)}'.`,
      );
  }
  return merged;
}

/**
 * Merges environment files, in order, over an environment that holds the arguments.
 * @throws TemplateError for a file that is no environment or strategies that contradict each other
 */
export function mergeEnvironments(
  base: Dict,
  names: readonly string[],
  files: ReadonlyMap<string, string>,
  schemata: ReadonlyMap<string, ParameterSchema>,
): Dict {
  const merged = new Map(base);
  const known = new Map<Key, Strategy>();
  for (const name of names) {
    const text = files.get(name);
    if (text === undefined) throw new TemplateError('KeyError', `'${name}'`);
    const environment = readEnvironment(text);
    const inFile = environment.get('parameter_merge_strategies');
    for (const [section, value] of environment) {
      if (section === 'parameter_merge_strategies' || !truthy(value)) continue;
      const before = merged.get(section) ?? new Map();
      if (section === 'parameters' || section === 'parameter_defaults') {
        if (!isDict(value)) throw attributeError(`'${typeName(value)}' object has no attribute 'items'`);
        merged.set(
          section,
          mergeParameters(
            isDict(before) ? before : new Map(),
            value,
            schemata,
            isDict(inFile) ? inFile : new Map(),
            known,
            name,
          ),
        );
      } else merged.set(section, mergeMap(before, value, false));
    }
  }
  return merged;
}
