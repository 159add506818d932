// The properties of one resource: computed from their snippets, converted and checked by the type's schema.
import { NotYetKnown, TemplateError, validationFailed, valueError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { dependencies, resolve, resolveNullable, type Snippet, type SnippetMap } from '../fn/fn.ts';
import type { CustomConstraints } from '../parameter/constraints.ts';
import { absent, type Dict, isDict, truthy, type Value } from '../value/index.ts';
import type { PropertySchema } from './schema.ts';
import { checkNames, propertyValue, under } from './value.ts';

/** The snippets of a properties section by name; a call that yields the whole section is computed first. */
export function entries(snippet: Snippet, evaluation: Evaluation): SnippetMap {
  if (snippet instanceof Map) return snippet;
  const value = resolve(snippet, evaluation);
  return isDict(value) ? value : new Map();
}

export class Properties {
  readonly schemata: ReadonlyMap<string, PropertySchema>;
  private readonly data: SnippetMap;
  private readonly evaluation: Evaluation;
  private readonly customs: CustomConstraints | undefined;

  constructor(
    schemata: ReadonlyMap<string, PropertySchema>,
    data: SnippetMap,
    evaluation: Evaluation,
    customs: CustomConstraints | undefined,
  ) {
    this.schemata = schemata;
    this.data = data;
    this.evaluation = evaluation;
    this.customs = customs;
  }

  /** The value the template gives, undefined where it gives none. @throws TemplateError ValueError */
  given(name: string, check = false): Value | undefined {
    const snippet = this.data.get(name);
    const schema = this.schemata.get(name);
    if (snippet === undefined || !schema) return undefined;
    try {
      // A value that hangs on resources that do not exist is converted but not held against constraints.
      const checked = check && !(this.evaluation.initial && dependencies(snippet, '', this.evaluation).length > 0);
      const value = resolveNullable(snippet, this.evaluation);
      if (value === absent) return undefined;
      return propertyValue(value, schema, checked ? { customs: this.customs } : undefined);
    } catch (cause) {
      if (cause instanceof NotYetKnown || !(cause instanceof TemplateError) || cause.type === 'AssertionError')
        throw cause;
      if (cause.type === 'StackValidationFailed') throw validationFailed(cause.reason, { path: cause.path, cause });
      throw valueError(cause.message);
    }
  }

  /** The value the resource works with: given, default or null. @throws TemplateError ValueError */
  get(name: string, check = false): Value {
    const schema = this.schemata.get(name);
    if (!schema) throw new TemplateError('KeyError', `'Invalid Property ${name}'`);
    const value = this.given(name, check);
    if (value !== undefined) return value;
    if (schema.default !== null) return propertyValue(null, schema, check ? { customs: this.customs } : undefined);
    if (schema.required) throw valueError(`Property ${name} not assigned`);
    return null;
  }

  /**
   * The value under its name of today: what the template gives under an older name counts for it.
   * @throws TemplateError ValueError; StackValidationFailed when both names are used
   */
  translated(name: string, check = false): Value {
    const former = this.schemata.get(name)?.replaces;
    const before = former === undefined ? null : (this.given(former) ?? null);
    if (former === undefined || before === null) return this.get(name, check);
    if (truthy(before) && truthy(this.given(name) ?? null))
      throw validationFailed(`Cannot define the following properties at the same time: ${name}, ${former}`);
    return before;
  }

  /** All values by name. @throws TemplateError ValueError */
  all(): Dict {
    return new Map([...this.schemata.keys()].map((name) => [name, this.get(name)]));
  }

  /**
   * Checks names and, unless told otherwise, values.
   * @throws TemplateError StackValidationFailed `Property error: <section>.<name>: ...`
   */
  validate(section: string, withValues: boolean): void {
    try {
      checkNames([...this.data.keys()].map(String), this.schemata);
      for (const [name, schema] of this.schemata) {
        if (withValues) under(schema.required && !this.data.has(name) ? [] : [name], () => this.translated(name, true));
        if (!schema.implemented && this.data.has(name)) throw validationFailed(`Property ${name} not implemented yet`);
      }
    } catch (cause) {
      if (!(cause instanceof TemplateError) || cause.type !== 'StackValidationFailed') throw cause;
      throw validationFailed(cause.reason, {
        error: cause.error || 'Property error',
        path: [section, ...cause.path],
        cause,
      });
    }
  }
}
