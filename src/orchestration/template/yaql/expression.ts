// What a parsed YAQL expression consists of.
import type { Float } from '../value/index.ts';

export type Constant = null | boolean | number | bigint | Float | string;

export type Expression =
  | { readonly kind: 'constant'; readonly value: Constant }
  /** A bare word: a text, or the name of a property or named argument. */
  | { readonly kind: 'keyword'; readonly value: string }
  | { readonly kind: 'variable'; readonly name: string }
  /** A call; operators are calls with names such as `#operator_+`. Only plain calls can be methods. */
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Argument[]; readonly method: boolean }
  | { readonly kind: 'group'; readonly inner: Expression }
  | { readonly kind: 'rule'; readonly source: Expression; readonly destination: Expression };

/** An argument; null stands for one left out between commas. */
export type Argument = Expression | null;

/** An expression that is no YAQL. */
export class YaqlSyntaxError extends Error {}
