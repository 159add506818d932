// A function call inside a template, and the walks over snippets that hold such calls.
import { NotYetKnown, TemplateError, validationFailed } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Scope } from '../scope.ts';
import { type Absent, absent, type Float, isDict, type Key, type Value } from '../value/index.ts';

export interface SnippetMap extends Map<Key, Snippet> {}
/** Template data after parsing: values with function calls in them. */
export type Snippet = null | boolean | number | bigint | Float | string | Absent | Fn | Snippet[] | SnippetMap;
/** An attribute asked of a resource, with the path into it. */
export type AttributePath = readonly [name: string, ...components: Value[]];

/** A call of a template function. */
export abstract class Fn {
  readonly scope: Scope | undefined;
  readonly name: string;
  readonly args: Snippet;
  constructor(scope: Scope | undefined, name: string, args: Snippet) {
    this.scope = scope;
    this.name = name;
    this.args = args;
  }

  /** The call's value; `absent` when it leaves its place out. */
  abstract result(evaluation: Evaluation): Value | Absent;

  /** Checks the arguments without needing any resource to exist. */
  validate(evaluation: Evaluation): void {
    validate(this.args, evaluation);
  }

  /** Names of the resources this call needs. */
  dependencies(path: string, evaluation: Evaluation): string[] {
    return dependencies(this.args, `${path}.${this.name}`, evaluation);
  }

  /** What the call holds once its conditions are decided. */
  get parts(): Snippet {
    return this.args;
  }

  protected get stack(): Scope {
    if (!this.scope) throw new TemplateError('AssertionError', 'No stack definition in Function');
    return this.scope;
  }
}

export function isMap(snippet: Snippet): snippet is SnippetMap {
  return isDict(snippet);
}

function resolveItem(snippet: Snippet, evaluation: Evaluation): Value | Absent {
  if (snippet instanceof Fn) return snippet.result(evaluation);
  if (Array.isArray(snippet)) {
    const list: Value[] = [];
    for (const item of snippet) {
      const value = resolveItem(item, evaluation);
      if (value !== absent) list.push(value);
    }
    return list;
  }
  if (isMap(snippet)) {
    const map = new Map<Key, Value>();
    for (const [key, item] of snippet) {
      const value = resolveItem(item, evaluation);
      if (value !== absent) map.set(key, value);
    }
    return map;
  }
  return snippet;
}

/** Computes a snippet; what a two-argument `if` leaves out is dropped from lists and maps and null by itself. */
export function resolve(snippet: Snippet, evaluation: Evaluation): Value {
  const value = resolveItem(snippet, evaluation);
  return value === absent ? null : value;
}

/** Computes a snippet, telling the caller when it is left out. */
export const resolveNullable = resolveItem;

/** @throws TemplateError StackValidationFailed whose path leads to the call at fault */
export function validate(snippet: Snippet, evaluation: Evaluation, path: readonly string[] = []): void {
  if (snippet instanceof Fn) {
    try {
      snippet.validate(evaluation);
    } catch (cause) {
      if (cause instanceof TemplateError && cause.type !== 'AssertionError') {
        throw validationFailed(cause.message, { path: [...path, snippet.name], cause });
      }
      throw cause;
    }
  } else if (isMap(snippet)) {
    for (const [key, item] of snippet) validate(item, evaluation, [...path, String(key)]);
  } else if (Array.isArray(snippet)) {
    const parent = path.at(-1) ?? '';
    snippet.forEach((item, index) => {
      validate(item, evaluation, [...path.slice(0, -1), `${parent}[${index}]`]);
    });
  }
}

/** Names of the resources a snippet needs, in the order met. */
export function dependencies(snippet: Snippet, path: string, evaluation: Evaluation): string[] {
  if (snippet instanceof Fn) return snippet.dependencies(path, evaluation);
  if (isMap(snippet))
    return [...snippet].flatMap(([key, item]) => dependencies(item, `${path}.${String(key)}`, evaluation));
  if (Array.isArray(snippet))
    return snippet.flatMap((item, index) => dependencies(item, `${path}[${index}]`, evaluation));
  return [];
}

/** Every call in a snippet, those in the arguments of others too. */
export function* calls(snippet: Snippet): Generator<Fn> {
  if (snippet instanceof Fn) {
    yield snippet;
    yield* calls(snippet.parts);
  } else if (isMap(snippet)) for (const item of snippet.values()) yield* calls(item);
  else if (Array.isArray(snippet)) for (const item of snippet) yield* calls(item);
}

/** Runs a computation whose failure only means that nothing can be said; a value not known yet counts as such. */
export function orNothing<T>(compute: () => T[]): T[] {
  try {
    return compute();
  } catch (cause) {
    if (cause instanceof TemplateError || cause instanceof NotYetKnown) return [];
    throw cause;
  }
}

/** Rebuilds the data a snippet was parsed from. */
export function render(snippet: Snippet): Value {
  if (snippet instanceof Fn) return new Map<Key, Value>([[snippet.name, render(snippet.args)]]);
  if (Array.isArray(snippet)) return snippet.map(render);
  if (isMap(snippet)) return new Map([...snippet].map(([key, item]) => [key, render(item)]));
  return snippet === absent ? null : snippet;
}
