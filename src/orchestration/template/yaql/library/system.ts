// What belongs to the language itself: logic, comparison with null, branching, variables.
import { TemplateError, valueError } from '../../errors.ts';
import { Context } from '../context.ts';
import { type Data, holds, Stream, same } from '../data.ts';
import { define, type FunctionSpec } from '../function.ts';
import { dictionary, items, lambda, list, text, whole } from './argument.ts';

/** Null comes before everything else. */
const nullOrder: readonly FunctionSpec[] = (
  [
    ['#operator_<', false, true, false],
    ['#operator_<=', false, true, true],
    ['#operator_>', true, false, false],
    ['#operator_>=', true, false, true],
  ] as const
).flatMap(([name, leftGiven, rightGiven, neither]) => [
  define(name, 'f', ['left:something', 'right:null'], () => leftGiven),
  define(name, 'f', ['left:null', 'right:something'], () => rightGiven),
  define(name, 'f', ['left:null', 'right:null'], () => neither),
]);

function* each<T>(values: readonly T[], compute: (value: T, index: number) => Data | undefined): Generator<Data> {
  for (const [index, value] of values.entries()) {
    const result = compute(value, index);
    if (result !== undefined) yield result;
  }
}

const branching: readonly FunctionSpec[] = [
  define('switch', 'f', [], ({ rules }) => rules.find((rule) => holds(rule.source()))?.destination() ?? null, {
    rest: 'args:rule',
    noNamed: true,
  }),
  define(
    'selectCase',
    'f',
    [],
    ({ lambdas }) => {
      const index = lambdas.findIndex((test) => holds(test()));
      return index < 0 ? lambdas.length : index;
    },
    { rest: 'args:lambda' },
  ),
  define(
    'selectAllCases',
    'f',
    [],
    ({ lambdas }) => new Stream(each(lambdas, (test, index) => (holds(test()) ? index : undefined))),
    { rest: 'args:lambda' },
  ),
  define('examine', 'f', [], ({ lambdas }) => new Stream(each(lambdas, (test) => holds(test()))), {
    rest: 'args:lambda',
  }),
  define(
    'switchCase',
    'm',
    ['case:integer'],
    ({ lambdas }, index) => {
      const at = whole(index);
      const chosen = at >= 0 && at < lambdas.length ? lambdas[at] : lambdas.at(-1);
      return chosen ? chosen() : null;
    },
    { rest: 'args:lambda' },
  ),
  define(
    'coalesce',
    'f',
    [],
    ({ lambdas }) => {
      for (const compute of lambdas) {
        const value = compute();
        if (value !== null) return value;
      }
      return null;
    },
    { rest: 'args:lambda' },
  ),
];

function publish(context: Context, values: readonly Data[], named: ReadonlyMap<string, Data>): Context {
  values.forEach((value, index) => {
    context.set(String(index + 1), value);
  });
  for (const [name, value] of named) context.set(name, value);
  return context;
}

const variables: readonly FunctionSpec[] = [
  define('let', 'f', [], ({ context, rest, named }) => publish(context, rest, named), {
    rest: 'args:any',
    anyNamed: true,
  }),
  define('with', 'f', [], ({ context, rest }) => publish(context, rest, new Map()), { rest: 'args:any' }),
  define(
    'unpack',
    'm',
    ['sequence:collection'],
    ({ context, rest }, values) => {
      const all = [...items(values)];
      if (rest.length === 0) return publish(context, all, new Map());
      if (all.length !== rest.length) throw valueError(`Cannot unpack ${all.length} elements into ${rest.length}`);
      return publish(context, [], new Map(rest.map((name, index) => [text(name), all[index] ?? null])));
    },
    { rest: 'args:text' },
  ),
  define('def', 'f', ['name:text', 'func:lambda'], ({ context }, name, func) => {
    context.register(
      define(text(name), 'f', [], ({ rest }) => lambda(func)(...rest), { rest: 'args:any', anyNamed: true }),
    );
    return context;
  }),
  define('#operator_->', 'f', ['left:context', 'right:inner'], (_, left, right) =>
    left instanceof Context ? lambda(right)(left) : null,
  ),
  define(
    'assert',
    'm',
    ['obj:any', 'condition:lambda', 'message:text=Assertion failed'],
    (_, value, condition, message) => {
      const checked = value instanceof Stream ? [...value] : (value ?? null);
      if (!holds(lambda(condition)(checked))) throw new TemplateError('AssertionError', text(message));
      return checked;
    },
  ),
  define('call', 'f', ['name:text', 'args:list', 'kwargs:dictionary'], ({ engine, context }, name, args, named) => {
    if (dictionary(named).size > 0)
      throw new TemplateError('MappingTranslationException', 'Cannot convert mapping to keyword argument');
    return engine.invoke(text(name), list(args), context);
  }),
];

const logic: readonly FunctionSpec[] = [
  define('#operator_and', 'f', ['left:lambda', 'right:lambda'], (_, left, right) => {
    const first = lambda(left)();
    return holds(first) ? lambda(right)() : first;
  }),
  define('#operator_or', 'f', ['left:lambda', 'right:lambda'], (_, left, right) => {
    const first = lambda(left)();
    return holds(first) ? first : lambda(right)();
  }),
  define('#unary_operator_not', 'f', ['arg:any'], (_, value) => !holds(value ?? null)),
  define('bool', 'f', ['value:any'], (_, value) => holds(value ?? null)),
  define('isBoolean', 'f', ['value:any'], (_, value) => typeof value === 'boolean'),
  define('*equal', 'f', ['left:any', 'right:any'], (_, a, b) => same(a ?? null, b ?? null)),
  define('*not_equal', 'f', ['left:any', 'right:any'], (_, a, b) => !same(a ?? null, b ?? null)),
];

export const systemFunctions: readonly FunctionSpec[] = [...nullOrder, ...logic, ...branching, ...variables];
