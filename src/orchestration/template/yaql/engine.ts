// Evaluates YAQL: finds the function that fits the arguments and calls it, within limits.
import { keyError, TemplateError } from '../errors.ts';
import { Context } from './context.ts';
import {
  type Callable,
  type Data,
  DataSet,
  Dict,
  isIterable,
  isList,
  iterate,
  Rule,
  Stream,
  sizeOf,
  text,
} from './data.ts';
import type { Argument, Expression } from './expression.ts';
import { type Call, type Given, type LazyRule, lazyKinds, type Parameter } from './function.ts';
import { fits, lazyPlaces, type Mapping, mapArguments, type Raw, special, splitNamed } from './overload.ts';

export interface YaqlLimits {
  /** Most elements of a collection; negative for no limit. */
  readonly iterators: number;
  /** Most bytes, as Python counts them, of one value; zero or less for no limit. */
  readonly memoryBytes: number;
}

const maxSteps = 2_000_000;
const maxDepth = 400;

export class Engine {
  private readonly limits: YaqlLimits;
  private steps = 0;
  private depth = 0;
  private seed = 1;

  constructor(limits: YaqlLimits) {
    this.limits = limits;
  }

  /** The next of a fixed sequence of numbers from 0 up to 1: equal expressions give equal results. */
  random(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  }

  /** @throws TemplateError MemoryQuotaExceededException */
  checkMemory(...parts: readonly (readonly [count: number, value: Data])[]): void {
    if (this.limits.memoryBytes <= 0) return;
    let total = 0;
    for (const [count, value] of parts) {
      total += count * sizeOf(value);
      if (total > this.limits.memoryBytes)
        throw new TemplateError('MemoryQuotaExceededException', 'Expression consumed too much memory');
    }
  }

  private tooLarge(): TemplateError {
    return new TemplateError(
      'CollectionTooLargeException',
      `Collection length exceeds ${this.limits.iterators} elements`,
    );
  }

  /** Guards a collection against being longer than allowed. */
  limited(collection: Iterable<Data>): Iterable<Data> {
    const { iterators } = this.limits;
    if (iterators < 0) return collection;
    if (Array.isArray(collection)) {
      if (collection.length > iterators) throw this.tooLarge();
      return collection;
    }
    const tooLarge = () => this.tooLarge();
    return (function* () {
      let count = 0;
      for (const item of collection) {
        if (count++ >= iterators) throw tooLarge();
        yield item;
      }
    })();
  }

  private limitedArgument(value: Data): Data {
    if (isList(value)) {
      if (this.limits.iterators >= 0 && value.length > this.limits.iterators) throw this.tooLarge();
      return value;
    }
    if (value instanceof DataSet) {
      if (this.limits.iterators >= 0 && value.size > this.limits.iterators) throw this.tooLarge();
      return value;
    }
    return value instanceof Stream ? new Stream(this.limited(value)) : value;
  }

  /** Computes an expression. @throws TemplateError */
  evaluate(expression: Expression, context: Context): Data {
    // Python's own depth of calls ends an expression that recurses without end.
    if (++this.steps > maxSteps || ++this.depth > maxDepth)
      throw new TemplateError('RecursionError', 'maximum recursion depth exceeded');
    try {
      switch (expression.kind) {
        case 'constant':
        case 'keyword':
          return expression.value;
        case 'variable':
          return context.get(expression.name);
        case 'group':
          return this.evaluate(expression.inner, context);
        case 'rule':
          return new Rule(this.evaluate(expression.source, context), this.evaluate(expression.destination, context));
        case 'call':
          return this.callExpression(expression, context);
        default:
          return expression satisfies never;
      }
    } finally {
      this.depth--;
    }
  }

  private callExpression(expression: Extract<Expression, { kind: 'call' }>, context: Context): Data {
    const [left = null, right = null] = expression.args;
    if (expression.name === '#operator_.' && left && right)
      return this.dot(this.evaluate(left, context), right, context);
    if (expression.name === '#operator_?.' && left && right) {
      const receiver = this.evaluate(left, context);
      return receiver === null ? null : this.dot(receiver, right, context);
    }
    return this.call(expression.name, undefined, expression.args, context);
  }

  /** `receiver.name` or `receiver.function(...)`. */
  private dot(receiver: Data, right: Expression, context: Context): Data {
    if (right.kind === 'call' && right.method) return this.call(right.name, receiver, right.args, context);
    if (right.kind !== 'keyword')
      throw new TemplateError('NoMatchingFunctionException', 'No function "#operator_." matches supplied arguments');
    return this.property(receiver, right.value);
  }

  private property(receiver: Data, name: string): Data {
    if (receiver instanceof Dict) {
      const value = receiver.get(name);
      if (value === undefined) throw keyError(name);
      this.checkMemory([1, value]);
      return value;
    }
    if (isIterable(receiver)) {
      const items = this.limited(isList(receiver) ? receiver : iterate(receiver));
      return new Stream(mapped(items, (item) => this.property(item, name)));
    }
    throw new TemplateError('NoFunctionRegisteredException', `Unknown function "#property#${name}"`);
  }

  /** Calls a function by name with computed arguments. */
  invoke(name: string, args: readonly Data[], context: Context, receiver?: Data): Data {
    return this.dispatch(
      name,
      receiver,
      args.map((value) => ({ value })),
      new Map(),
      context,
    );
  }

  private call(name: string, receiver: Data | undefined, args: readonly Argument[], context: Context): Data {
    return this.dispatch(
      name,
      receiver,
      args.map((argument) => (argument === null ? undefined : { expression: argument })),
      new Map(),
      context,
    );
  }

  private dispatch(
    name: string,
    receiver: Data | undefined,
    given: readonly Raw[],
    givenNamed: ReadonlyMap<string, Raw>,
    context: Context,
  ): Data {
    const isMethod = receiver !== undefined;
    const levels = context.overloads(name, isMethod);
    if (levels.length === 0) {
      throw isMethod
        ? new TemplateError('NoMethodRegisteredException', `Unknown method "${name}" for receiver ${text(receiver)}`)
        : new TemplateError('NoFunctionRegisteredException', `Unknown function "${name}"`);
    }
    const noMatch = () =>
      isMethod
        ? new TemplateError(
            'NoMatchingMethodException',
            `No method "${name}" for receiver ${text(receiver)} matches supplied arguments`,
          )
        : new TemplateError('NoMatchingFunctionException', `No function "${name}" matches supplied arguments`);
    const ambiguous = () =>
      isMethod
        ? new TemplateError('AmbiguousMethodException', `Ambiguous method "${name}" for receiver ${text(receiver)}`)
        : new TemplateError('AmbiguousFunctionException', `Ambiguous function "${name}"`);
    const noNamed = levels[0]?.[0]?.noNamed ?? false;
    const { args, named } = splitNamed(isMethod ? [{ value: receiver }, ...given] : given, givenNamed, noNamed);
    const fitting = levels
      .map((level) => level.flatMap((spec) => mapArguments(spec, args, named) ?? []))
      .filter((level) => level.length > 0);
    const [first] = fitting[0] ?? [];
    if (!first) throw noMatch();
    const lazy = lazyPlaces(first);
    for (const level of fitting) for (const mapping of level) if (lazyPlaces(mapping) !== lazy) throw ambiguous();
    const values = args.map((raw, index) => this.compute(raw, first.positions[index], context));
    const namedValues = new Map(
      [...named].map(([key, raw]) => [key, this.compute(raw, first.named.get(key), context)]),
    );
    for (const level of fitting) {
      let winner: Mapping | undefined;
      for (const mapping of level) {
        if (!fits(mapping, values, namedValues)) continue;
        if (winner === undefined || special(mapping, winner)) winner = mapping;
        else if (!special(winner, mapping)) throw ambiguous();
      }
      if (winner) return this.run(winner, values, namedValues, context);
    }
    throw noMatch();
  }

  private compute(raw: Raw, parameter: Parameter | undefined, context: Context): Raw {
    if (raw === undefined || 'value' in raw || (parameter && lazyKinds.has(parameter.kind))) return raw;
    return { value: this.evaluate(raw.expression, context) };
  }

  private lambda(raw: Raw, context: Context): Callable {
    return (...args) => {
      if (raw === undefined) return null;
      if ('value' in raw) return typeof raw.value === 'function' ? raw.value(...args) : raw.value;
      const inner = context.child();
      args.forEach((value, index) => {
        inner.set(`$${index + 1}`, value);
      });
      return this.evaluate(raw.expression, inner);
    };
  }

  /** A function that runs in the context it is handed first. */
  private inner(raw: Raw): Callable {
    return (inside) => {
      if (raw === undefined || !(inside instanceof Context)) return null;
      return 'value' in raw ? raw.value : this.evaluate(raw.expression, inside);
    };
  }

  private rule(raw: Raw, context: Context): LazyRule {
    const expression = raw && 'expression' in raw && raw.expression.kind === 'rule' ? raw.expression : undefined;
    const side = (part: Expression | undefined) => () => (part ? this.evaluate(part, context) : null);
    return { source: side(expression?.source), destination: side(expression?.destination) };
  }

  private argument(parameter: Parameter, raw: Raw, context: Context): Given {
    if (raw === undefined)
      return parameter.kind === 'lambda' || parameter.kind === 'inner' ? undefined : parameter.default;
    if (parameter.kind === 'lambda') return this.lambda(raw, context);
    if (parameter.kind === 'inner') return this.inner(raw);
    const value = 'value' in raw ? raw.value : null;
    this.checkMemory([1, value]);
    return parameter.kind === 'collection' ? this.limitedArgument(value) : value;
  }

  private run(mapping: Mapping, values: readonly Raw[], named: ReadonlyMap<string, Raw>, outer: Context): Data {
    const context = outer.child();
    const { spec } = mapping;
    const args = spec.parameters.map((parameter, index) =>
      this.argument(parameter, values[index] ?? named.get(parameter.name), context),
    );
    const extra = values.slice(spec.parameters.length);
    const rest = spec.rest;
    const call: Call = {
      engine: this,
      context,
      rest: rest && !lazyKinds.has(rest.kind) ? extra.map((raw) => this.argument(rest, raw, context) ?? null) : [],
      lambdas: rest?.kind === 'lambda' ? extra.map((raw) => this.lambda(raw, context)) : [],
      rules: rest?.kind === 'rule' ? extra.map((raw) => this.rule(raw, context)) : [],
      named: new Map(
        [...named]
          .filter(([key]) => !spec.parameters.some((parameter) => parameter.name === key))
          .map(([key, raw]) => [key, raw && 'value' in raw ? raw.value : null]),
      ),
    };
    const result = spec.body(call, ...args);
    this.checkMemory([1, result]);
    return result;
  }
}

/** Goes through a collection lazily, applying a function. */
export function* mapped(items: Iterable<Data>, apply: (item: Data) => Data): Generator<Data> {
  for (const item of items) yield apply(item);
}
