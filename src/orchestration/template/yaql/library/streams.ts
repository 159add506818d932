// What queries do to collections, item by item.
import { TemplateError, typeError } from '../../errors.ts';
import { typeName } from '../../value/index.ts';
import type { Context } from '../context.ts';
import {
  type Callable,
  type Data,
  Dict,
  holds,
  identity,
  isIterable,
  isList,
  iterate,
  Ordering,
  Stream,
  same,
  toValue,
} from '../data.ts';
import type { Engine } from '../engine.ts';
import type { Given } from '../function.ts';
import { items, lambda, lambdaOrNone } from './argument.ts';

export const stopped = (message = '') => new TemplateError('StopIteration', message);

export function* filtered(values: Iterable<Data>, test: Callable): Generator<Data> {
  for (const value of values) if (holds(test(value))) yield value;
}

export function* sliced(values: Iterable<Data>, from: number, to: number): Generator<Data> {
  if (from >= to) return;
  let index = 0;
  for (const value of values) {
    if (index >= from) yield value;
    if (++index >= to) return;
  }
}

export function* distinct(values: Iterable<Data>, key: Callable | undefined): Generator<Data> {
  const seen = new Set<string>();
  for (const value of values) {
    const id = identity(key ? key(value) : value);
    if (seen.has(id)) continue;
    seen.add(id);
    yield value;
  }
}

export function* enumerated(values: Iterable<Data>, start: number): Generator<Data> {
  let index = start;
  for (const value of values) yield [index++, value];
}

export function* many(values: Iterable<Data>, selector: Callable): Generator<Data> {
  for (const value of values) {
    const inner = selector(value);
    if (isIterable(inner)) yield* iterate(inner);
    else yield inner;
  }
}

export function* stepped(start: number, stop: number, step: number): Generator<Data> {
  for (let value = start; step > 0 ? value < stop : value > stop; value += step) yield value;
}

export function* zipped(collections: readonly Iterable<Data>[], longest: boolean, fill: Data): Generator<Data> {
  const iterators = collections.map((collection) => collection[Symbol.iterator]());
  if (iterators.length === 0) return;
  for (;;) {
    const results = iterators.map((iterator) => iterator.next());
    if (longest ? results.every((result) => result.done) : results.some((result) => result.done)) return;
    yield results.map((result) => (result.done ? fill : result.value));
  }
}

export function* joined(
  left: Iterable<Data>,
  right: readonly Data[],
  test: Callable,
  selector: Callable,
): Generator<Data> {
  for (const a of left) for (const b of right) if (holds(test(a, b))) yield selector(a, b);
}

export function* cycled(values: Iterable<Data>): Generator<Data> {
  const all = [...values];
  while (all.length > 0) yield* all;
}

export function* taken(values: Iterable<Data>, test: Callable): Generator<Data> {
  for (const value of values) {
    if (!holds(test(value))) return;
    yield value;
  }
}

export function* dropped(values: Iterable<Data>, test: Callable): Generator<Data> {
  let dropping = true;
  for (const value of values) {
    dropping = dropping && holds(test(value));
    if (!dropping) yield value;
  }
}

export function* chunks(values: Iterable<Data>, length: number): Generator<Data> {
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

export function* cutWhere(values: readonly Data[], test: Callable): Generator<Data> {
  let start = 0;
  let end = 0;
  for (; end < values.length; end++) {
    if (!holds(test(values[end] ?? null))) continue;
    yield values.slice(start, end);
    start = end + 1;
  }
  if (start !== end) yield values.slice(start, end);
}

export function* runs(values: readonly Data[], test: Callable): Generator<Data> {
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

export function* accumulated(values: Iterable<Data>, selector: Callable, seed: Given): Generator<Data> {
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

export function* generated(
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

/** What Python iterates over: characters of a text and keys of a map too. @throws TemplateError TypeError */
function members(value: Data): Iterable<Data> {
  if (typeof value === 'string') return value;
  if (value instanceof Dict) return [...value.pairs()].map(([key = null]) => key);
  if (isIterable(value)) return iterate(value);
  throw typeError(`'${typeName(toValue(value, (values) => values))}' object is not iterable`);
}

export function* generatedMany(
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
    const fresh = [...bounded(members(produced))];
    queue = depthFirst ? [...fresh, ...queue] : [...queue, ...fresh];
  }
}

export function reduced(values: Iterable<Data>, selector: Callable, seed: Given): Data {
  let total = seed;
  for (const value of values) total = total === undefined ? value : selector(total, value);
  if (total === undefined) throw typeError('reduce() of empty iterable with no initial value');
  return total;
}

export const operator =
  (engine: Engine, context: Context, name: string): Callable =>
  (a, b) =>
    engine.invoke(name, [a ?? null, b ?? null], context);

export function ordering(engine: Engine, context: Context, values: Given, selector: Given, ascending: boolean): Data {
  const less = operator(engine, context, '#operator_<');
  const greater = operator(engine, context, '#operator_>');
  const result = new Ordering(items(values), (a, b) => (holds(less(a, b)) ? -1 : holds(greater(a, b)) ? 1 : 0));
  result.order.push({ selector: lambda(selector), ascending });
  return result;
}

export function thenBy(collection: Given, selector: Given, ascending: boolean): Data {
  if (!(collection instanceof Ordering)) throw typeError('not an ordered collection');
  collection.order.push({ selector: lambda(selector), ascending });
  return collection;
}

export function mismatch(a: Data, b: Data): TemplateError {
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

export function merged(a: Dict, b: Dict, lists: Callable, single: Callable, levels: number): Dict {
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

export const resolution = new Set(['NoMatchingMethodException', 'NoMatchingFunctionException', 'IndexError']);

/** Applies a group's aggregator to its values, or to key and values where it was written for the old form. */
export function* aggregated(
  groups: readonly (readonly [Data, Data[]])[],
  aggregator: Callable | undefined,
): Generator<Data> {
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

export function oldForm(aggregator: Callable, group: Data): Data | undefined {
  try {
    const result = aggregator(group);
    return isList(result) && result.length === 2 ? result : undefined;
  } catch (cause) {
    if (cause instanceof TemplateError) return undefined;
    throw cause;
  }
}

export function grouped(values: Given, keySelector: Given, valueSelector: Given, aggregator: Given): Data {
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

export function position(values: Iterable<Data>, test: (value: Data) => boolean, last: boolean): number {
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
export const longest = 1_000_000;

export function counted(values: Iterable<Data>): number {
  let count = 0;
  for (const _ of values)
    if (++count > longest)
      throw new TemplateError('CollectionTooLargeException', `Collection length exceeds ${longest} elements`);
  return count;
}

export const asList = (values: Given): readonly Data[] => (isList(values) ? values : [...items(values)]);

export function* endless(start: number, step: number): Generator<Data> {
  for (let value = start; ; value += step) yield value;
}

export function* repeated(value: Data, times: number): Generator<Data> {
  for (let count = 0; times < 0 || count < times; count++) yield value;
}
