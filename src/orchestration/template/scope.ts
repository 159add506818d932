// What functions may ask of the stack they stand in.

import type { Evaluation } from './evaluation.ts';
import type { AttributePath, Snippet } from './fn/fn.ts';
import type { Dict, Value } from './value/index.ts';

/** Limits of one deployment; Heat's option names in comments. */
export interface Limits {
  /** yaql.limit_iterators */
  readonly yaqlIterators: number;
  /** yaql.memory_quota, bytes as Python counts them */
  readonly yaqlMemoryBytes: number;
  /** max_nested_stack_depth */
  readonly nestedDepth: number;
  /** max_resources_per_stack; -1 for no limit */
  readonly resourcesPerStack: number;
  /** max_template_size */
  readonly templateBytes: number;
}

export const defaultLimits: Limits = {
  yaqlIterators: 200,
  yaqlMemoryBytes: 10_000,
  nestedDepth: 5,
  resourcesPerStack: 1000,
  templateBytes: 524_288,
};

/** What a nested stack sees of the resource it stands for. */
export interface Facade {
  metadata(evaluation: Evaluation): Value;
  updatePolicy(evaluation: Evaluation): Value;
  deletionPolicy(evaluation: Evaluation): Value;
}

export interface Scope {
  /** Path of this stack in the graph: empty for the root, `outer/inner` below. */
  readonly path: string;
  readonly files: ReadonlyMap<string, string>;
  readonly limits: Limits;
  readonly zones: readonly string[];
  readonly facade: Facade | undefined;
  /** A parameter's value. @throws TemplateError UserParameterMissing */
  parameter(name: string, evaluation: Evaluation): Value;
  hasParameter(name: string): boolean;
  /** Whether the template's resources section names it, enabled or not. */
  names(resource: string): boolean;
  /** Whether the resource is part of the stack; conditions may have removed it. */
  hasResource(name: string): boolean;
  reference(resource: string, evaluation: Evaluation): Value;
  /** Whether a resource can have an attribute of that name. */
  hasAttribute(resource: string, attribute: string): boolean;
  attribute(resource: string, path: AttributePath, evaluation: Evaluation): Value;
  allAttributes(resource: string, evaluation: Evaluation): Dict;
  /** Whether a named condition holds. @throws TemplateError ValueError for an unknown one */
  condition(name: Value, evaluation: Evaluation): boolean;
  parseCondition(data: Value, path: string, evaluation: Evaluation): Snippet;
  /** The Mappings section of a CFN template. */
  readonly mappings: Dict;
}
