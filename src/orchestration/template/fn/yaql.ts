// The yaql function: an expression in the YAQL language over data.
import { TemplateError, typeError, valueError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { repr, type Value } from '../value/index.ts';
import { evaluateYaql, parseYaql, YaqlSyntaxError } from '../yaql/index.ts';
import { Fn, isMap, resolve, type Snippet, validate } from './fn.ts';
import type { Call } from './parse.ts';

export class Yaql extends Fn {
  private readonly expression: Snippet;
  private readonly data: Snippet;
  constructor(call: Call, args: Snippet) {
    super(call.scope, call.name, args);
    if (!isMap(args)) throw typeError(`Arguments to "${call.name}" must be a map.`);
    const expression = args.get('expression');
    const unknown = [...args.keys()].some((key) => key !== 'expression' && key !== 'data');
    if (expression === undefined || unknown) {
      const example = `${call.name}:\n              expression: $.data.var1.sum()\n              data:\n                var1: [3, 2, 1]`;
      throw new TemplateError('KeyError', repr(`"${call.name}" syntax should be ${example}`));
    }
    this.expression = expression;
    this.data = args.get('data') ?? new Map();
  }

  private parse(expression: Value) {
    if (typeof expression !== 'string')
      throw typeError(`The "expression" argument to ${this.name} must contain a string.`);
    try {
      return parseYaql(expression);
    } catch (cause) {
      if (cause instanceof YaqlSyntaxError) throw valueError(`Bad expression ${cause.message}.`);
      throw cause;
    }
  }

  override validate(evaluation: Evaluation): void {
    validate(this.args, evaluation);
    if (!(this.expression instanceof Fn)) this.parse(resolve(this.expression, evaluation));
  }

  override result(evaluation: Evaluation): Value {
    const statement = this.parse(resolve(this.expression, evaluation));
    const data = resolve(this.data, evaluation);
    const limits = this.stack.limits;
    return evaluateYaql(statement, new Map([['data', data]]), {
      iterators: limits.yaqlIterators,
      memoryBytes: limits.yaqlMemoryBytes,
    });
  }
}
