// Queries over collections, computed lazily.
import { TemplateError, typeError } from '../../errors.ts';
import type { Context } from '../context.ts';
import {
  type Callable,
  type Data,
  DataSet,
  Dict,
  holds,
  identity,
  isIterable,
  isList,
  iterate,
  Ordering,
  Stream,
  same,
} from '../data.ts';
import { type Engine, mapped } from '../engine.ts';
import { define, type FunctionSpec, type Given } from '../function.ts';
import { dictionary, items, lambda, lambdaOrNone, list, whole } from './argument.ts';
import { chained } from './collections.ts';

const stopped = (message = '') => new TemplateError('StopIteration', message);

function* filtered(values: Iterable<Data>, test: Callable): Generator<Data> {
  for (const value of values) if (holds(test(value))) yield value;
}

function* sliced(values: Iterable<Data>, from: number, to: number): Generator<Data> {
  if (from >= to) return;
  let index = 0;
  for (const value of values) {
    if (index >= from) yield value;
    if (++index >= to) return;
  }
}

function* distinct(values: Iterable<Data>, key: Callable | undefined): Generator<Data> {
  const seen = new Set<string>();
  for (const value of values) {
    const id = identity(key ? key(value) : value);
    if (seen.has(id)) continue;
    seen.add(id);
    yield value;
  }
}

function* enumerated(values: Iterable<Data>, start: number): Generator<Data> {
  let index = start;
  for (const value of values) yield [index++, value];
}

function* many(values: Iterable<Data>, selector: Callable): Generator<Data> {
  for (const value of values) {
    const inner = selector(value);
    if (isIterable(inner)) yield* iterate(inner);
    else yield inner;
  }
}

function* stepped(start: number, stop: number, step: number): Generator<Data> {
  for (let value = start; step > 0 ? value < stop : value > stop; value += step) yield value;
}

function* zipped(collections: readonly Iterable<Data>[], longest: boolean, fill: Data): Generator<Data> {
  const iterators = collections.map((collection) => collection[Symbol.iterator]());
  if (iterators.length === 0) return;
  for (;;) {
    const results = iterators.map((iterator) => iterator.next());
    if (longest ? results.every((result) => result.done) : results.some((result) => result.done)) return;
    yield results.map((result) => (result.done ? fill : result.value));
  }
}

function* joined(left: Iterable<Data>, right: readonly Data[], test: Callable, selector: Callable): Generator<Data> {
  for (const a of left) for (const b of right) if (holds(test(a, b))) yield selector(a, b);
}

function* cycled(values: Iterable<Data>): Generator<Data> {
  const all = [...values];
  while (all.length > 0) yield* all;
}

function* taken(values: Iterable<Data>, test: Callable): Generator<Data> {
  for (const value of values) {
    if (!holds(test(value))) return;
    yield value;
  }
}

function* dropped(values: Iterable<Data>, test: Callable): Generator<Data> {
  let dropping = true;
  for (const value of values) {
    dropping = dropping && holds(test(value));
    if (!dropping) yield value;
  }
}

function* chunks(values: Iterable<Data>, length: number): Generator<Data> {
  let chunk: Data[] = [];
  if (length <= 0) return;
  for (const value of values) {
    chunk.push(value);
    if (chunk.length === length) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

function* cutWhere(values: readonly Data[], test: Callable): Generator<Data> {
  let start = 0;
  let end = 0;
  for (; end < values.length; end++) {
    if (!holds(test(values[end] ?? null))) continue;
    yield values.slice(start, end);
    start = end + 1;
  }
  if (start !== end) yield values.slice(start, end);
}

function* runs(values: readonly Data[], test: Callable): Generator<Data> {
  let start = 0;
  let before: Data | undefined;
  for (const [index, value] of values.entries()) {
    const now = test(value);
    if (before !== undefined && !same(now, before)) {
      yield values.slice(start, index);
      start = index;
    }
    before = now;
  }
  if (start !== values.length) yield values.slice(start);
}

function* accumulated(values: Iterable<Data>, selector: Callable, seed: Given): Generator<Data> {
  const iterator = values[Symbol.iterator]();
  let total = seed;
  if (total === undefined) {
    const first = iterator.next();
    if (first.done) throw typeError('accumulate() of empty sequence with no initial value');
    total = first.value;
  }
  yield total;
  for (let next = iterator.next(); !next.done; next = iterator.next()) {
    total = selector(total, next.value);
    yield total;
  }
}

function* generated(
  initial: Data,
  test: Callable,
  producer: Callable,
  selector: Callable | undefined,
  decycle: boolean,
): Generator<Data> {
  const past = new Set<string>();
  for (let value = initial; holds(test(value)); value = producer(value)) {
    if (decycle && past.has(identity(value))) return;
    if (decycle) past.add(identity(value));
    yield selector ? selector(value) : value;
  }
}

function* generatedMany(
  bounded: (values: Iterable<Data>) => Iterable<Data>,
  initial: Data,
  producer: Callable,
  selector: Callable | undefined,
  decycle: boolean,
  depthFirst: boolean,
): Generator<Data> {
  const past = new Set<string>();
  let queue: Data[] = [initial];
  for (let value = queue.shift(); value !== undefined; value = queue.shift()) {
    if (decycle) {
      if (past.has(identity(value))) continue;
      past.add(identity(value));
    }
    yield selector ? selector(value) : value;
    const produced = producer(value);
    const fresh = isIterable(produced) ? [...bounded(iterate(produced))] : [];
    queue = depthFirst ? [...fresh, ...queue] : [...queue, ...fresh];
  }
}

function reduced(values: Iterable<Data>, selector: Callable, seed: Given): Data {
  let total = seed;
  for (const value of values) total = total === undefined ? value : selector(total, value);
  if (total === undefined) throw typeError('reduce() of empty iterable with no initial value');
  return total;
}

const operator =
  (engine: Engine, context: Context, name: string): Callable =>
  (a, b) =>
    engine.invoke(name, [a ?? null, b ?? null], context);

function ordering(engine: Engine, context: Context, values: Given, selector: Given, ascending: boolean): Data {
  const less = operator(engine, context, '#operator_<');
  const greater = operator(engine, context, '#operator_>');
  const result = new Ordering(items(values), (a, b) => (holds(less(a, b)) ? -1 : holds(greater(a, b)) ? 1 : 0));
  result.order.push({ selector: lambda(selector), ascending });
  return result;
}

function thenBy(collection: Given, selector: Given, ascending: boolean): Data {
  if (!(collection instanceof Ordering)) throw typeError('not an ordered collection');
  collection.order.push({ selector: lambda(selector), ascending });
  return collection;
}

function mismatch(a: Data, b: Data): TemplateError {
  const name = (value: Data) =>
    value instanceof Dict
      ? "<class 'yaql.language.utils.FrozenDict'>"
      : isList(value)
        ? "<class 'tuple'>"
        : typeof value === 'string'
          ? "<class 'str'>"
          : "<class 'int'>";
  return typeError(`Cannot merge ${name(a)} with ${name(b)}`);
}

function merged(a: Dict, b: Dict, lists: Callable, single: Callable, levels: number): Dict {
  const result = new Dict(a.pairs());
  for (const [key, value] of a.pairs()) {
    const other = b.get(key);
    if (other === undefined) continue;
    if (levels !== 1 && other instanceof Dict) {
      if (!(value instanceof Dict)) throw mismatch(value, other);
      result.set(key, merged(value, other, lists, single, levels === 0 ? 0 : levels - 1));
    } else if (levels !== 1 && isList(other)) {
      if (!isList(value)) throw mismatch(value, other);
      result.set(key, lists(value, other));
    } else result.set(key, single(value, other));
  }
  for (const [key, value] of b.pairs()) if (!result.has(key)) result.set(key, value);
  return result;
}

const resolution = new Set(['NoMatchingMethodException', 'NoMatchingFunctionException', 'IndexError']);

/** Applies a group's aggregator to its values, or to key and values where it was written for the old form. */
function* aggregated(groups: readonly (readonly [Data, Data[]])[], aggregator: Callable | undefined): Generator<Data> {
  let fallback = true;
  let failure: TemplateError | undefined;
  for (const [key, values] of groups) {
    if (!aggregator) {
      yield [key, values];
      continue;
    }
    if (!failure) {
      try {
        const result = aggregator(values);
        const pairLike =
          values.length === 2 && isList(result) && result.length === 2 && same(result[0] ?? null, values[0] ?? null);
        if (!pairLike) fallback = false;
        yield [key, result];
        continue;
      } catch (cause) {
        if (!(cause instanceof TemplateError) || !resolution.has(cause.type)) throw cause;
        failure = cause;
      }
    }
    const old = fallback ? oldForm(aggregator, [key, values]) : undefined;
    if (old === undefined) throw failure;
    yield old;
  }
}

function oldForm(aggregator: Callable, group: Data): Data | undefined {
  try {
    const result = aggregator(group);
    return isList(result) && result.length === 2 ? result : undefined;
  } catch (cause) {
    if (cause instanceof TemplateError) return undefined;
    throw cause;
  }
}

function grouped(values: Given, keySelector: Given, valueSelector: Given, aggregator: Given): Data {
  const groups = new Map<string, [Data, Data[]]>();
  const value = lambdaOrNone(valueSelector);
  for (const item of items(values)) {
    const key = lambda(keySelector)(item);
    const content = value ? value(item) : item;
    const known = groups.get(identity(key));
    if (known) known[1].push(content);
    else groups.set(identity(key), [key, [content]]);
  }
  return new Stream(aggregated([...groups.values()], lambdaOrNone(aggregator)));
}

function position(values: Iterable<Data>, test: (value: Data) => boolean, last: boolean): number {
  let found = -1;
  let index = 0;
  for (const value of values) {
    if (test(value)) {
      found = index;
      if (!last) return found;
    }
    index++;
  }
  return found;
}

/** Most elements that are counted: an iterator may have no end. */
const longest = 1_000_000;

function counted(values: Iterable<Data>): number {
  let count = 0;
  for (const _ of values)
    if (++count > longest)
      throw new TemplateError('CollectionTooLargeException', `Collection length exceeds ${longest} elements`);
  return count;
}

const asList = (values: Given): readonly Data[] => (isList(values) ? values : [...items(values)]);

const filters: readonly FunctionSpec[] = [
  ...['where', 'filter'].map((name) =>
    define(
      name,
      'm',
      ['collection:collection', 'predicate:lambda'],
      (_, values, test) => new Stream(filtered(items(values), lambda(test))),
    ),
  ),
  ...['select', 'map'].map((name) =>
    define(
      name,
      'm',
      ['collection:collection', 'selector:lambda'],
      (_, values, selector) => new Stream(mapped(items(values), lambda(selector))),
    ),
  ),
  define(
    'skip',
    'm',
    ['collection:collection', 'count:integer'],
    (_, values, count) => new Stream(sliced(items(values), whole(count), Number.POSITIVE_INFINITY)),
  ),
  ...['limit', 'take'].map((name) =>
    define(
      name,
      'm',
      ['collection:collection', 'count:integer'],
      (_, values, count) => new Stream(sliced(items(values), 0, whole(count))),
    ),
  ),
  define('append', 'fm', ['collection:collection'], ({ rest }, values) => new Stream(chained([items(values), rest])), {
    rest: 'args:any',
  }),
  define(
    'distinct',
    'fm',
    ['collection:collection', 'keySelector:lambda='],
    (_, values, key) => new Stream(distinct(items(values), lambdaOrNone(key))),
  ),
  define(
    'enumerate',
    'fm',
    ['collection:collection', 'start:integer=0'],
    (_, values, start) => new Stream(enumerated(items(values), whole(start))),
  ),
  define('concat', 'fm', [], ({ rest }) => new Stream(chained(rest.map(items))), { rest: 'collections:collection' }),
  define('memorize', 'm', ['collection:collection'], (_, values) => asList(values)),
  define(
    'selectMany',
    'm',
    ['collection:collection', 'selector:lambda'],
    (_, values, selector) => new Stream(many(items(values), lambda(selector))),
  ),
  define(
    'takeWhile',
    'm',
    ['collection:collection', 'predicate:lambda'],
    (_, values, test) => new Stream(taken(items(values), lambda(test))),
  ),
  define(
    'skipWhile',
    'm',
    ['collection:collection', 'predicate:lambda'],
    (_, values, test) => new Stream(dropped(items(values), lambda(test))),
  ),
  define(
    'slice',
    'm',
    ['collection:collection', 'length:integer'],
    (_, values, length) => new Stream(chunks(items(values), whole(length))),
  ),
  define(
    'splitWhere',
    'm',
    ['collection:collection', 'predicate:lambda'],
    (_, values, test) => new Stream(cutWhere(asList(values), lambda(test))),
  ),
  define(
    'sliceWhere',
    'm',
    ['collection:collection', 'predicate:lambda'],
    (_, values, test) => new Stream(runs(asList(values), lambda(test))),
  ),
  define('splitAt', 'm', ['collection:collection', 'index:integer'], (_, values, index) => [
    asList(values).slice(0, whole(index)),
    asList(values).slice(whole(index)),
  ]),
  define('reverse', 'm', ['collection:collection'], (_, values) => new Stream([...asList(values)].reverse())),
  define('defaultIfEmpty', 'm', ['collection:collection', 'default:collection'], (_, values, fallback) => {
    const all = values instanceof DataSet ? values.values() : asList(values);
    return all.length === 0 ? (fallback ?? null) : all;
  }),
];

const totals: readonly FunctionSpec[] = [
  define('any', 'fm', ['collection:collection', 'predicate:lambda='], (_, values, test) => {
    for (const value of items(values)) if (!lambdaOrNone(test) || holds(lambda(test)(value))) return true;
    return false;
  }),
  define('all', 'fm', ['collection:collection', 'predicate:lambda='], (_, values, test) => {
    for (const value of items(values)) if (!holds(lambdaOrNone(test) ? lambda(test)(value) : value)) return false;
    return true;
  }),
  define('len', 'fm', ['collection:iterator'], (_, values) => counted(items(values))),
  define('count', 'm', ['collection:collection'], (_, values) => [...items(values)].length),
  define('sum', 'm', ['collection:collection', 'initial:any='], ({ engine, context }, values, seed) =>
    reduced(items(values), operator(engine, context, '#operator_+'), seed),
  ),
  define('max', 'm', ['collection:collection', 'initial:any='], ({ engine, context }, values, seed) =>
    reduced(items(values), operator(engine, context, 'max'), seed),
  ),
  define('min', 'm', ['collection:collection', 'initial:any='], ({ engine, context }, values, seed) =>
    reduced(items(values), operator(engine, context, 'min'), seed),
  ),
  ...['aggregate', 'reduce'].map((name) =>
    define(name, 'm', ['collection:collection', 'selector:lambda', 'seed:any='], (_, values, selector, seed) =>
      reduced(items(values), lambda(selector), seed),
    ),
  ),
  define(
    'accumulate',
    'm',
    ['collection:collection', 'selector:lambda', 'seed:any='],
    (_, values, selector, seed) => new Stream(accumulated(items(values), lambda(selector), seed)),
  ),
  define('first', 'm', ['collection:collection', 'default:any='], (_, values, fallback) => {
    for (const value of items(values)) return value;
    if (fallback === undefined) throw stopped();
    return fallback;
  }),
  define('single', 'm', ['collection:collection'], (_, values) => {
    const [first, second] = [...items(values)];
    if (first === undefined) throw stopped();
    if (second !== undefined) throw stopped('Collection contains more than one item');
    return first;
  }),
  define('last', 'm', ['collection:collection', 'default:any='], (_, values, fallback) => {
    const value = asList(values).at(-1) ?? fallback;
    if (value === undefined) throw stopped();
    return value;
  }),
  define('indexOf', 'm', ['collection:collection', 'item:any'], (_, values, wanted) =>
    position(items(values), (value) => same(value, wanted ?? null), false),
  ),
  define('lastIndexOf', 'm', ['collection:collection', 'item:any'], (_, values, wanted) =>
    position(items(values), (value) => same(value, wanted ?? null), true),
  ),
  define('indexWhere', 'm', ['collection:collection', 'predicate:lambda'], (_, values, test) =>
    position(items(values), (value) => holds(lambda(test)(value)), false),
  ),
  define('lastIndexWhere', 'm', ['collection:collection', 'predicate:lambda'], (_, values, test) =>
    position(items(values), (value) => holds(lambda(test)(value)), true),
  ),
  define('isIterable', 'f', ['value:any'], (_, value) => value !== undefined && isIterable(value)),
];

const sources: readonly FunctionSpec[] = [
  define('range', 'f', ['stop:integer'], (_, stop) => new Stream(stepped(0, whole(stop), 1))),
  define('range', 'f', ['start:integer', 'stop:integer', 'step:integer=1'], (_, start, stop, step) => {
    if (whole(step) === 0) throw new TemplateError('ValueError', 'range() arg 3 must not be zero');
    return new Stream(stepped(whole(start), whole(stop), whole(step)));
  }),
  define(
    'sequence',
    'f',
    ['start:integer=0', 'step:integer=1'],
    (_, start, step) => new Stream(endless(whole(start), whole(step))),
  ),
  define(
    'repeat',
    'm',
    ['value:any', 'times:integer=-1'],
    (_, value, times) => new Stream(repeated(value ?? null, whole(times))),
  ),
  define('cycle', 'm', ['collection:collection'], (_, values) => new Stream(cycled(items(values)))),
  define(
    'generate',
    'f',
    ['initial:any', 'predicate:lambda', 'producer:lambda', 'selector:lambda=', 'decycle:boolean=false'],
    (_, initial, test, producer, selector, decycle) =>
      new Stream(generated(initial ?? null, lambda(test), lambda(producer), lambdaOrNone(selector), decycle === true)),
  ),
  define(
    'generateMany',
    'f',
    ['initial:any', 'producer:lambda', 'selector:lambda=', 'decycle:boolean=false', 'depthFirst:boolean=false'],
    ({ engine }, initial, producer, selector, decycle, depthFirst) =>
      new Stream(
        generatedMany(
          (values) => engine.limited(values),
          initial ?? null,
          lambda(producer),
          lambdaOrNone(selector),
          decycle === true,
          depthFirst === true,
        ),
      ),
  ),
];

function* endless(start: number, step: number): Generator<Data> {
  for (let value = start; ; value += step) yield value;
}

function* repeated(value: Data, times: number): Generator<Data> {
  for (let count = 0; times < 0 || count < times; count++) yield value;
}

const arrangements: readonly FunctionSpec[] = [
  define('orderBy', 'm', ['collection:collection', 'selector:lambda'], ({ engine, context }, values, selector) =>
    ordering(engine, context, values, selector, true),
  ),
  define(
    'orderByDescending',
    'm',
    ['collection:collection', 'selector:lambda'],
    ({ engine, context }, values, selector) => ordering(engine, context, values, selector, false),
  ),
  define('thenBy', 'm', ['collection:ordering', 'selector:lambda'], (_, values, selector) =>
    thenBy(values, selector, true),
  ),
  define('thenByDescending', 'm', ['collection:ordering', 'selector:lambda'], (_, values, selector) =>
    thenBy(values, selector, false),
  ),
  define(
    'groupBy',
    'm',
    ['collection:collection', 'keySelector:lambda', 'valueSelector:lambda=', 'aggregator:lambda='],
    (_, values, key, value, aggregator) => grouped(values, key, value, aggregator),
  ),
  define('zip', 'm', [], ({ rest }) => new Stream(zipped(rest.map(items), false, null)), {
    rest: 'collections:collection',
  }),
  define(
    'zipLongest',
    'm',
    [],
    ({ rest, named }) => new Stream(zipped(rest.map(items), true, named.get('default') ?? null)),
    { rest: 'collections:collection', anyNamed: true },
  ),
  define(
    'join',
    'm',
    ['collection1:collection', 'collection2:collection', 'predicate:lambda', 'selector:lambda'],
    (_, left, right, test, selector) =>
      new Stream(joined(items(left), [...items(right)], lambda(test), lambda(selector))),
  ),
  define(
    'mergeWith',
    'm',
    ['dict:dictionary', 'another:dictionary', 'listMerger:lambda=', 'itemMerger:lambda=', 'maxLevels:integer=0'],
    (_, a, b, lists, single, levels) => {
      const mergeLists = lambdaOrNone(lists) ?? ((x, y) => [...distinct([...list(x), ...list(y)], undefined)]);
      const mergeItems = lambdaOrNone(single) ?? ((_x, y) => y ?? null);
      return merged(dictionary(a), dictionary(b), mergeLists, mergeItems, whole(levels));
    },
  ),
];

export const queryFunctions: readonly FunctionSpec[] = [...filters, ...totals, ...sources, ...arrangements];
