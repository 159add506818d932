// The conditions of one template, evaluated when first asked for.
import { TemplateError, validationFailed, valueError } from './errors.ts';
import type { Evaluation } from './evaluation.ts';
import { Fn, render, resolve, type Snippet, validate } from './fn/fn.ts';
import { str, type Value } from './value/index.ts';

export class Conditions {
  private readonly definitions: ReadonlyMap<string, Snippet>;
  private readonly answers = new Map<string, boolean | 'in progress'>();

  constructor(definitions: ReadonlyMap<string, Snippet>) {
    this.definitions = definitions;
  }

  names(): string[] {
    return [...this.definitions.keys()];
  }

  private check(name: string, value: Snippet): asserts value is boolean | Fn {
    if (typeof value === 'boolean' || value instanceof Fn) return;
    throw validationFailed(`The definition of condition "${name}" is invalid: ${str(render(value))}`, {
      error: 'Condition validation error',
    });
  }

  /** @throws TemplateError StackValidationFailed */
  validate(evaluation: Evaluation): void {
    for (const [name, definition] of this.definitions) {
      this.check(name, definition);
      validate(definition, evaluation);
    }
  }

  /**
   * Whether a condition holds; null always does.
   * @throws TemplateError ValueError for an unknown name, StackValidationFailed for a circle
   */
  holds(name: Value, evaluation: Evaluation): boolean {
    if (name === null) return true;
    if (typeof name === 'boolean') return name;
    const definition = typeof name === 'string' ? this.definitions.get(name) : undefined;
    if (typeof name !== 'string' || definition === undefined) throw valueError(`Invalid condition "${str(name)}"`);
    const known = this.answers.get(name);
    if (known === 'in progress')
      throw validationFailed(`Circular definition for condition "${name}"`, { error: 'Condition validation error' });
    if (known !== undefined) return known;
    this.answers.set(name, 'in progress');
    try {
      const value = resolve(definition, evaluation);
      this.check(name, value);
      this.answers.set(name, value === true);
      return value === true;
    } catch (cause) {
      if (!(cause instanceof TemplateError)) this.answers.delete(name);
      throw cause;
    }
  }
}
