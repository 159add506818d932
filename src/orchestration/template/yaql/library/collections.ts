// Lists, dictionaries and sets.
import { keyError, TemplateError, typeError } from '../../errors.ts';
import { type Data, DataSet, Dict, isIterable, isList, iterate, Rule, Stream, same } from '../data.ts';
import type { Engine } from '../engine.ts';
import { define, type FunctionSpec, type Given } from '../function.ts';
import { dictionary, items, lambda, lambdaOrNone, list, set, whole } from './argument.ts';

/** Index of Python's slices: from the end when negative. */
export const slot = (index: number, length: number): number => (index < 0 ? index + length : index);

function item(values: readonly Data[], index: number): Data {
  const value = values[slot(index, values.length)];
  if (value === undefined) throw new TemplateError('IndexError', 'tuple index out of range');
  return value;
}

function* unrolled(values: Iterable<Data>): Generator<Data> {
  for (const value of values) {
    if (value instanceof Stream) yield* unrolled(value);
    else yield value;
  }
}

function* flat(values: Iterable<Data>): Generator<Data> {
  for (const value of values) {
    if (isIterable(value)) yield* flat(iterate(value));
    else yield value;
  }
}

function* withReplaced(
  values: Iterable<Data>,
  position: number,
  count: number,
  fresh: Iterable<Data>,
): Generator<Data> {
  let done = false;
  let index = 0;
  for (const value of values) {
    const hit = count >= 0 ? position <= index && index < position + count : index >= position;
    if (!hit) yield value;
    else if (!done) {
      done = true;
      yield* fresh;
    }
    index++;
  }
}

function* withInserted(
  values: Iterable<Data>,
  position: number,
  fresh: readonly Data[],
  before: boolean,
): Generator<Data> {
  let index = -1;
  if (before && position < 0) yield* fresh;
  for (const value of values) {
    index++;
    if (index === position) yield* fresh;
    yield value;
  }
  if (position > index) yield* fresh;
}

function inserted(values: readonly Data[], position: number, value: Data): Data {
  const copy = [...values];
  copy.splice(position < 0 ? Math.max(position + copy.length, 0) : position, 0, value);
  return copy;
}

const rules = (values: readonly Data[]): (readonly [Data, Data])[] =>
  values.flatMap((value) => (value instanceof Rule ? [[value.source, value.destination] as const] : []));

function built(engine: Engine, values: readonly Data[]): Data {
  engine.checkMemory(...values.map((value) => [1, value] as const));
  return new Dict(rules(values));
}

function pairDictionary(values: Iterable<Data>): Dict {
  const result = new Dict();
  for (const value of values) {
    if (!isIterable(value)) throw typeError("'int' object is not iterable");
    const [key, content] = [...iterate(value)];
    if (key === undefined || content === undefined) throw new TemplateError('StopIteration', '');
    result.set(key, content);
  }
  return result;
}

const extended = (base: Dict, pairs: Iterable<readonly [Data, Data]>): Dict => new Dict([...base.pairs(), ...pairs]);
const get = (map: Given, key: Given): Data => {
  const value = dictionary(map).get(key ?? null);
  if (value === undefined) throw keyError(key ?? null);
  return value;
};

function times(engine: Engine, values: readonly Data[], count: number): Data {
  engine.checkMemory([1 - count, []], [count, values]);
  return Array.from({ length: Math.max(count, 0) }, () => values).flat();
}

function has(collection: Given, value: Given): boolean {
  if (collection instanceof DataSet) return collection.has(value ?? null);
  for (const entry of items(collection)) if (same(entry, value ?? null)) return true;
  return false;
}

const both = (a: DataSet, b: DataSet): Data => new DataSet(a.values().filter((value) => b.has(value)));
const except = (a: DataSet, b: DataSet): DataSet => new DataSet(a.values().filter((value) => !b.has(value)));
const within = (a: DataSet, b: DataSet): boolean => a.values().every((value) => b.has(value));
const setOrder = (name: string, check: (a: DataSet, b: DataSet) => boolean): FunctionSpec =>
  define(name, 'f', ['left:set', 'right:set'], (_, a, b) => check(set(a), set(b)));

const listFunctions: readonly FunctionSpec[] = [
  define('list', 'f', [], ({ engine, rest }) => [...engine.limited(unrolled(rest))], { rest: 'args:any' }),
  define(
    '#list',
    'f',
    [],
    ({ engine, rest }) => {
      engine.checkMemory(...rest.map((value) => [1, value] as const));
      return rest;
    },
    { rest: 'args:any' },
  ),
  define('flatten', 'm', ['collection:collection'], (_, values) => new Stream(flat(items(values)))),
  define('toList', 'm', ['collection:collection'], (_, values) => (isList(values) ? values : [...items(values)])),
  define('#indexer', 'f', ['list:list', 'index:integer'], (_, values, index) => item(list(values), whole(index))),
  define('#operator_in', 'f', ['value:any', 'collection:collection'], (_, value, collection) => has(collection, value)),
  define('contains', 'm', ['collection:collection', 'value:any'], (_, collection, value) => has(collection, value)),
  define('#operator_+', 'f', ['left:collection', 'right:collection'], ({ engine }, a, b) => {
    if (isList(a) && isList(b)) {
      engine.checkMemory([1, a], [1, b]);
      return [...a, ...b];
    }
    if (a instanceof DataSet && b instanceof DataSet) return new DataSet([...a.values(), ...b.values()]);
    return new Stream(chained([items(a), items(b)]));
  }),
  define('#operator_*', 'f', ['left:list', 'right:integer'], ({ engine }, values, count) =>
    times(engine, list(values), whole(count)),
  ),
  define('#operator_*', 'f', ['left:integer', 'right:list'], ({ engine }, count, values) =>
    times(engine, list(values), whole(count)),
  ),
  define('isList', 'f', ['arg:any'], (_, value) => isList(value)),
  define('len', 'fm', ['sequence:list'], (_, values) => list(values).length),
  define(
    'delete',
    'm',
    ['collection:collection', 'position:integer', 'count:integer=1'],
    (_, values, position, count) => new Stream(withReplaced(items(values), whole(position), whole(count), [])),
  ),
  define(
    'replace',
    'm',
    ['collection:collection', 'position:integer', 'value:any', 'count:integer=1'],
    (_, values, position, value, count) =>
      new Stream(withReplaced(items(values), whole(position), whole(count), [value ?? null])),
  ),
  define(
    'replaceMany',
    'm',
    ['collection:collection', 'position:integer', 'values:collection', 'count:integer=1'],
    (_, values, position, fresh, count) =>
      new Stream(withReplaced(items(values), whole(position), whole(count), items(fresh))),
  ),
  define(
    'insert',
    'm',
    ['collection:collection', 'position:integer', 'value:any'],
    (_, values, position, value) => new Stream(withInserted(items(values), whole(position), [value ?? null], false)),
  ),
  define('insert', 'm', ['collection:list', 'position:integer', 'value:any'], (_, values, position, value) =>
    inserted(list(values), whole(position), value ?? null),
  ),
  define(
    'insertMany',
    'm',
    ['collection:collection', 'position:integer', 'values:collection'],
    (_, values, position, fresh) => new Stream(withInserted(items(values), whole(position), [...items(fresh)], true)),
  ),
];

const dictionaryFunctions: readonly FunctionSpec[] = [
  ...['dict', '#map'].map((name) =>
    define(name, 'f', [], ({ engine, rest }) => built(engine, rest), { rest: 'args:pair', noNamed: true }),
  ),
  define('dict', 'f', ['items:collection'], (_, values) => pairDictionary(items(values)), { noNamed: true }),
  define(
    'toDict',
    'm',
    ['collection:collection', 'keySelector:lambda', 'valueSelector:lambda='],
    (_, values, keySelector, valueSelector) => {
      const result = new Dict();
      const value = lambdaOrNone(valueSelector);
      for (const entry of items(values)) result.set(lambda(keySelector)(entry), value ? value(entry) : entry);
      return result;
    },
  ),
  define('#indexer', 'f', ['dict:dictionary', 'key:any'], (_, map, key) => get(map, key)),
  define(
    '#indexer',
    'f',
    ['dict:dictionary', 'key:any', 'default:any'],
    (_, map, key, fallback) => dictionary(map).get(key ?? null) ?? fallback ?? null,
  ),
  define(
    'get',
    'm',
    ['dict:dictionary', 'key:any', 'default:any=null'],
    (_, map, key, fallback) => dictionary(map).get(key ?? null) ?? fallback ?? null,
  ),
  define(
    'set',
    'm',
    ['dict:dictionary', 'key:any', 'value:any'],
    (_, map, key, value) => extended(dictionary(map), [[key ?? null, value ?? null]]),
    { noNamed: true },
  ),
  define(
    'set',
    'm',
    ['dict:dictionary', 'replacements:dictionary'],
    (_, map, changes) => extended(dictionary(map), dictionary(changes).pairs()),
    { noNamed: true },
  ),
  define('set', 'm', ['dict:dictionary'], ({ rest }, map) => extended(dictionary(map), rules(rest)), {
    rest: 'args:pair',
    noNamed: true,
  }),
  define(
    'keys',
    'm',
    ['dict:dictionary'],
    (_, map) =>
      new DataSet(
        dictionary(map)
          .pairs()
          .map(([key]) => key),
      ),
  ),
  define('values', 'm', ['dict:dictionary'], (_, map) =>
    dictionary(map)
      .pairs()
      .map(([, value]) => value),
  ),
  define('items', 'm', ['dict:dictionary'], (_, map) => new DataSet(dictionary(map).pairs())),
  define('containsKey', 'm', ['dict:dictionary', 'key:any'], (_, map, key) => dictionary(map).has(key ?? null)),
  define('containsValue', 'm', ['dict:dictionary', 'value:any'], (_, map, value) =>
    dictionary(map)
      .pairs()
      .some(([, entry]) => same(entry, value ?? null)),
  ),
  define('#operator_+', 'f', ['left:dictionary', 'right:dictionary'], (_, a, b) =>
    extended(dictionary(a), dictionary(b).pairs()),
  ),
  define('isDict', 'f', ['arg:any'], (_, value) => value instanceof Dict),
  define('len', 'fm', ['dict:dictionary'], (_, map) => dictionary(map).size),
  define('delete', 'm', ['dict:dictionary'], ({ rest }, map) => dictionary(map).without(rest), { rest: 'keys:any' }),
  define('deleteAll', 'm', ['dict:dictionary', 'keys:collection'], (_, map, keys) =>
    dictionary(map).without(items(keys)),
  ),
];

const setFunctions: readonly FunctionSpec[] = [
  define('isSet', 'f', ['arg:any'], (_, value) => value instanceof DataSet),
  define('set', 'f', [], ({ engine, rest }) => new DataSet(engine.limited(unrolled(rest))), { rest: 'args:any' }),
  define('toSet', 'm', ['collection:collection'], (_, values) => new DataSet(items(values))),
  define('len', 'fm', ['set:set'], (_, values) => set(values).size),
  setOrder('#operator_<', (a, b) => within(a, b) && a.size < b.size),
  setOrder('#operator_<=', within),
  setOrder('#operator_>', (a, b) => within(b, a) && b.size < a.size),
  setOrder('#operator_>=', (a, b) => within(b, a)),
  define('union', 'm', ['left:set', 'right:set'], (_, a, b) => new DataSet([...set(a).values(), ...set(b).values()])),
  define('intersect', 'm', ['left:set', 'right:set'], (_, a, b) => both(set(a), set(b))),
  define('difference', 'm', ['left:set', 'right:set'], (_, a, b) => except(set(a), set(b))),
  define('#operator_-', 'f', ['left:set', 'right:set'], (_, a, b) => except(set(a), set(b))),
  define(
    'symmetricDifference',
    'm',
    ['left:set', 'right:set'],
    (_, a, b) => new DataSet([...except(set(a), set(b)).values(), ...except(set(b), set(a)).values()]),
  ),
  define('add', 'm', ['set:set'], ({ rest }, values) => new DataSet([...set(values).values(), ...rest]), {
    rest: 'values:any',
  }),
  define('remove', 'm', ['set:set'], ({ rest }, values) => except(set(values), new DataSet(rest)), {
    rest: 'values:any',
  }),
];

/** One collection after the other. */
export function* chained(collections: Iterable<Iterable<Data>>): Generator<Data> {
  for (const collection of collections) yield* collection;
}

export const collectionFunctions: readonly FunctionSpec[] = [...listFunctions, ...dictionaryFunctions, ...setFunctions];
