// The stack inside a resource, as its parent sees it.
import type { NotYetKnown, TemplateError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import type { AttributePath } from '../fn/fn.ts';
import type { StackScope } from '../stack.ts';
import type { Dict, Value } from '../value/index.ts';

/** How far the expansion of a nested stack came. */
export type ChildState =
  | { readonly kind: 'expanded'; readonly scope: StackScope }
  | { readonly kind: 'fault'; readonly cause: TemplateError }
  /** Its shape hangs on a value that is not known yet. */
  | { readonly kind: 'deferred'; readonly waitsFor: NotYetKnown };

export interface Child {
  readonly state: ChildState;
  /** What the nested stack is given as parameters, in the form it travels to the server. */
  parameters(evaluation: Evaluation): Dict;
  attribute(path: AttributePath, evaluation: Evaluation): Value;
  attributeNames(): readonly string[];
}
