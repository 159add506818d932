// Python's tuple unpacking of function arguments, with its error texts.
import { typeError, valueError } from '../errors.ts';
import { absent, typeName, type Value } from '../value/index.ts';
import { Fn, isMap, type Snippet } from './fn.ts';

/** Python's type name of a snippet. */
export function snippetType(snippet: Snippet): string {
  if (snippet instanceof Fn) return 'Function';
  return snippet === absent ? 'ellipsis' : typeName(snippet);
}

/**
 * Takes exactly `count` items out of a list, text or map.
 * @throws TemplateError ValueError when the number differs, TypeError when it has no items
 */
export function unpack(args: Snippet, count: number): Snippet[] {
  let items: Snippet[];
  if (Array.isArray(args)) items = args;
  else if (typeof args === 'string') items = [...args];
  else if (isMap(args)) items = [...args.keys()];
  else throw typeError(`cannot unpack non-iterable ${snippetType(args)} object`);
  if (items.length < count) throw valueError(`not enough values to unpack (expected ${count}, got ${items.length})`);
  if (items.length > count) throw valueError(`too many values to unpack (expected ${count})`);
  return items;
}

/** Whether a snippet is a Python sequence (a text is one). */
export function isSequence(snippet: Snippet | Value): snippet is Snippet[] | string {
  return Array.isArray(snippet) || typeof snippet === 'string';
}

/** @throws TemplateError TypeError when a value cannot be a map key */
export function hashable(value: Value): asserts value is Exclude<Value, Value[] | Map<unknown, unknown>> {
  if (Array.isArray(value) || value instanceof Map) throw typeError(`unhashable type: '${typeName(value)}'`);
}
