// OS::Heat::Value: an expression with a name, computed in memory.

import type { Evaluation } from '../evaluation.ts';
import { resolve } from '../fn/fn.ts';
import { entries, Properties } from '../property/properties.ts';
import { compileProperties, type PropertyType } from '../property/schema.ts';
import type { ResourceNode, StackScope } from '../stack.ts';
import type { Value } from '../value/index.ts';

const types: Readonly<Record<string, PropertyType>> = {
  string: 'String',
  number: 'Number',
  comma_delimited_list: 'List',
  json: 'Map',
  boolean: 'Boolean',
};

/** The schema of the `value` property under the type the resource declares. */
export function valueSchema(type: Value) {
  const known = typeof type === 'string' ? types[type] : undefined;
  return compileProperties({
    value: { type: known ?? 'Any', required: true, update_allowed: true },
    type: { type: 'String', update_allowed: true },
  });
}

/** The attribute `value`. @throws TemplateError ValueError when the expression fails or does not fit the type */
export function valueAttribute(stack: StackScope, node: ResourceNode, evaluation: Evaluation): Value {
  const data = entries(node.definition.properties ?? new Map(), evaluation);
  const type = resolve(data.get('type') ?? null, evaluation);
  return new Properties(valueSchema(type), data, evaluation, stack.options.context.customs).get('value');
}
