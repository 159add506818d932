// Turns template data into snippets: single-key maps named like a function become calls.
import { isPlainFault, validationFailed } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Scope } from '../scope.ts';
import { isDict, type Key, type Value } from '../value/index.ts';
import type { Fn, Snippet } from './fn.ts';

/** What a function's constructor gets. */
export interface Call {
  readonly scope: Scope | undefined;
  readonly name: string;
  readonly evaluation: Evaluation;
}
/** A plain function sees its arguments parsed; a macro sees them raw and parses what it chooses. */
export type FunctionKind =
  | { readonly kind: 'function'; readonly build: (call: Call, args: Snippet) => Fn }
  | { readonly kind: 'macro'; readonly build: (call: Call, raw: Value, parse: (snippet: Value) => Snippet) => Fn }
  /** Known to an older or newer version only: calling it fails on validation. */
  | { readonly kind: 'removed' };
export type FunctionTable = ReadonlyMap<string, FunctionKind>;

/**
 * Parses data into a snippet.
 * @throws TemplateError StackValidationFailed with the path of a call whose arguments have the wrong form
 */
export function parse(
  table: FunctionTable,
  scope: Scope | undefined,
  data: Value,
  path: string,
  evaluation: Evaluation,
  removed: (call: Call, args: Snippet) => Fn,
): Snippet {
  if (Array.isArray(data))
    return data.map((item, index) => parse(table, scope, item, `${path}[${index}]`, evaluation, removed));
  if (!isDict(data)) return data;
  if (data.size === 1) {
    for (const [name, args] of data) {
      const kind = typeof name === 'string' ? table.get(name) : undefined;
      if (kind === undefined || typeof name !== 'string') break;
      const here = `${path}.${name}`;
      const call: Call = { scope, name, evaluation };
      try {
        if (kind.kind === 'macro')
          return kind.build(call, args, (snippet) => parse(table, scope, snippet, here, evaluation, removed));
        const parsed = parse(table, scope, args, here, evaluation, removed);
        return kind.kind === 'removed' ? removed(call, parsed) : kind.build(call, parsed);
      } catch (cause) {
        if (isPlainFault(cause)) throw validationFailed(cause.message, { path: [here], cause });
        throw cause;
      }
    }
  }
  const map = new Map<Key, Snippet>();
  for (const [key, item] of data)
    map.set(
      key,
      parse(
        table,
        scope,
        item,
        typeof key === 'string' ? `${path}.${key}` : `${path}.${String(key)}`,
        evaluation,
        removed,
      ),
    );
  return map;
}
