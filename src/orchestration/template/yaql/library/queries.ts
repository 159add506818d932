// Queries over collections, computed lazily.
import { TemplateError } from '../../errors.ts';
import { DataSet, holds, isIterable, Stream, same } from '../data.ts';
import { mapped } from '../engine.ts';
import { define, type FunctionSpec } from '../function.ts';
import { dictionary, items, lambda, lambdaOrNone, list, whole } from './argument.ts';
import { chained } from './collections.ts';
import {
  accumulated,
  asList,
  chunks,
  counted,
  cutWhere,
  cycled,
  distinct,
  dropped,
  endless,
  enumerated,
  filtered,
  generated,
  generatedMany,
  grouped,
  joined,
  many,
  merged,
  operator,
  ordering,
  position,
  reduced,
  repeated,
  runs,
  sliced,
  stepped,
  stopped,
  taken,
  thenBy,
  zipped,
} from './streams.ts';

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
