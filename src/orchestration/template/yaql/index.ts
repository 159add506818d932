// The YAQL query language: parse an expression, evaluate it over data.
import type { Value } from '../value/index.ts';
import { Context } from './context.ts';
import { toData, toValue } from './data.ts';
import { Engine, type YaqlLimits } from './engine.ts';
import type { Expression } from './expression.ts';
import { collectionFunctions } from './library/collections.ts';
import { mathFunctions } from './library/math.ts';
import { queryFunctions } from './library/queries.ts';
import { regexFunctions } from './library/regex.ts';
import { stringFunctions } from './library/strings.ts';
import { systemFunctions } from './library/system.ts';

export type { YaqlLimits } from './engine.ts';
export { type Expression, YaqlSyntaxError } from './expression.ts';
export { parseYaql } from './parser.ts';

const library = new Context();
for (const spec of [
  ...systemFunctions,
  ...stringFunctions,
  ...mathFunctions,
  ...collectionFunctions,
  ...queryFunctions,
  ...regexFunctions,
])
  library.register(spec);

/**
 * Evaluates an expression; `$` is the data.
 * @throws TemplateError for a function that does not exist or fit, a missing key, a limit passed
 */
export function evaluateYaql(expression: Expression, data: Value, limits: YaqlLimits): Value {
  const engine = new Engine(limits);
  const context = library.child();
  context.set('$', toData(data));
  return toValue(engine.evaluate(expression, context), (collection) => engine.limited(collection));
}
