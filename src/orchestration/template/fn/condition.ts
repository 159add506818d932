// Functions of conditions: if, equals, not, and, or.
import { type TemplateError, valueError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { type Absent, absent, equal, type Value } from '../value/index.ts';
import { dependencies, Fn, resolve, resolveNullable, type Snippet, validate } from './fn.ts';
import type { Call } from './parse.ts';

/** `if` chooses while parsing: the branch not taken is never looked at. */
export class If extends Fn {
  private readonly chosen: Snippet;
  constructor(call: Call, raw: Value, parse: (snippet: Value) => Snippet, nullable: boolean) {
    super(call.scope, call.name, raw);
    const wrong = () =>
      valueError(`Arguments to "${call.name}" must be of the form: [condition_name, value_if_true, value_if_false]`);
    if (!Array.isArray(raw) || raw.length === 0) throw wrong();
    if (nullable ? raw.length < 2 || raw.length > 3 : raw.length !== 3) throw wrong();
    const [condition = null, whenTrue = null] = raw;
    const parsed = this.stack.parseCondition(condition, call.name, call.evaluation);
    const value = resolve(parsed, call.evaluation);
    const holds = typeof value === 'boolean' ? value : this.stack.condition(value, call.evaluation);
    if (holds) this.chosen = parse(whenTrue);
    else this.chosen = raw.length === 2 ? absent : parse(raw[2] ?? null);
  }
  override result(evaluation: Evaluation): Value | Absent {
    return resolveNullable(this.chosen, evaluation);
  }
  override validate(evaluation: Evaluation): void {
    validate(this.chosen, evaluation);
  }
  override dependencies(path: string, evaluation: Evaluation): string[] {
    return dependencies(this.chosen, `${path}.${this.name}`, evaluation);
  }
  override get parts(): Snippet {
    return this.chosen;
  }
}

export class Equals extends Fn {
  constructor(call: Call, args: Snippet) {
    super(call.scope, call.name, args);
    if (!Array.isArray(args) || args.length !== 2)
      throw valueError(`Arguments to "${call.name}" must be of the form: [value_1, value_2]`);
  }
  override result(evaluation: Evaluation): Value {
    const [first = null, second = null] = Array.isArray(this.args) ? this.args : [];
    return equal(resolve(first, evaluation), resolve(second, evaluation));
  }
}

abstract class Combination extends Fn {
  protected holds(value: Value, evaluation: Evaluation): boolean {
    return typeof value === 'boolean' ? value : this.stack.condition(value, evaluation);
  }
}

export class Not extends Combination {
  private readonly condition: Snippet;
  constructor(call: Call, args: Snippet, list: boolean) {
    super(call.scope, call.name, args);
    if (list) {
      if (!Array.isArray(args) || args.length !== 1)
        throw valueError(`Arguments to "${call.name}" must be of the form: [condition]`);
      this.condition = args[0] ?? null;
    } else {
      if (args === null) throw valueError(`Argument to "${call.name}" must be a condition`);
      this.condition = args;
    }
  }
  override result(evaluation: Evaluation): Value {
    return !this.holds(resolve(this.condition, evaluation), evaluation);
  }
}

export class AndOr extends Combination {
  private readonly every: boolean;
  constructor(call: Call, args: Snippet, every: boolean) {
    super(call.scope, call.name, args);
    this.every = every;
    if (!Array.isArray(args)) throw valueError(`Arguments to "${call.name}" must be a list of conditions`);
    if (args.length < 2) throw valueError(`The minimum number of condition arguments to "${call.name}" is 2.`);
  }
  override result(evaluation: Evaluation): Value {
    const items = resolve(this.args, evaluation);
    if (!Array.isArray(items)) return this.every;
    return this.every
      ? items.every((item) => this.holds(item, evaluation))
      : items.some((item) => this.holds(item, evaluation));
  }
}

/** A function that may not stand where it was found. */
export function invalidHere(name: string): TemplateError {
  return valueError(`The function "${name}" is invalid in this context`);
}
