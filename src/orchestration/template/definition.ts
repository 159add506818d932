// Resource and output definitions: one entry of a template with its functions parsed.
import { invalidReference, TemplateError } from './errors.ts';
import type { Evaluation } from './evaluation.ts';
import { dependencies, type Fn, resolve, type Snippet, type SnippetMap, validate } from './fn/fn.ts';
import { type Dict, isDict, str, truthy, type Value } from './value/index.ts';

export interface ResourceDefinition {
  readonly name: string;
  readonly type: string;
  readonly properties: SnippetMap | Fn | undefined;
  readonly metadata: SnippetMap | Fn | undefined;
  readonly depends: readonly string[] | undefined;
  readonly deletionPolicy: string | undefined;
  readonly updatePolicy: SnippetMap | Fn | undefined;
  readonly description: string;
  readonly externalId: Snippet | undefined;
  /** Value of the condition that keeps it in the stack; null when it has none. */
  readonly condition: Value;
}

export interface OutputDefinition {
  readonly name: string;
  /** Null when a false condition switched the output off. */
  readonly value: Snippet;
  readonly description: string | undefined;
  readonly disabled: boolean;
}

/** Names of the resources a definition needs, explicit and by its functions. @throws TemplateError InvalidTemplateReference */
export function requiredNames(definition: ResourceDefinition, evaluation: Evaluation): string[] {
  const names = new Set(definition.depends ?? []);
  for (const [section, snippet] of [
    ['Properties', definition.properties],
    ['Metadata', definition.metadata],
  ] as const) {
    for (const name of dependencies(snippet ?? null, `${definition.name}.${section}`, evaluation)) names.add(name);
  }
  if (definition.externalId === undefined) return [...names];
  const id = resolve(definition.externalId, evaluation);
  if (!truthy(id)) return [...names];
  if ((definition.depends ?? []).length > 0) {
    throw new TemplateError(
      'InvalidExternalResourceDependency',
      `Invalid dependency with external ${definition.type} resource: ${str(id)}`,
    );
  }
  return [];
}

/**
 * The resources of a stack that a definition depends on; those a condition removed do not count.
 * @throws TemplateError InvalidTemplateReference for a name the template does not have
 */
export function dependenciesOf(
  definition: ResourceDefinition,
  stack: { hasResource(name: string): boolean; names(name: string): boolean },
  evaluation: Evaluation,
): string[] {
  return requiredNames(definition, evaluation).filter((name) => {
    if (stack.hasResource(name)) return true;
    if (stack.names(name)) return false;
    throw invalidReference(name, definition.name);
  });
}

/** Checks the calls in a definition. @throws TemplateError with the section's CFN name first in the path */
export function validateCalls(definition: ResourceDefinition, evaluation: Evaluation): void {
  validate(definition.properties ?? null, evaluation, ['Properties']);
  validate(definition.metadata ?? null, evaluation, ['Metadata']);
  validate(definition.updatePolicy ?? null, evaluation, ['UpdatePolicy']);
  validate(definition.externalId ?? null, evaluation, ['external_id']);
}

/** A section's value as a map; anything else counts as none. */
export function sectionValue(snippet: Snippet | undefined, evaluation: Evaluation): Dict {
  const value = resolve(snippet ?? null, evaluation);
  return isDict(value) ? value : new Map();
}
