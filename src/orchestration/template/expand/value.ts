// OS::Heat::Value: an expression with a name, computed in memory.

import type { Evaluation } from '../evaluation.ts';
import { entries, Properties } from '../property/properties.ts';
import { compileProperties, type PropertyType } from '../property/schema.ts';
import type { ResourceNode, StackScope } from '../stack.ts';
import type { Value } from '../value/index.ts';
import { own } from '../value/own.ts';

const types: Readonly<Record<string, PropertyType>> = {
  string: 'String',
  number: 'Number',
  comma_delimited_list: 'List',
  json: 'Map',
  boolean: 'Boolean',
};

/** The schema of the `value` property under the type the resource declares. */
export function valueSchema(type: Value) {
  const known = typeof type === 'string' ? own(types, type) : undefined;
  return compileProperties({
    value: { type: known ?? 'Any', required: true, update_allowed: true },
    type: { type: 'String', update_allowed: true },
  });
}

const untyped = compileProperties({ value: { type: 'Any', required: true } });

/** The attribute `value`: the expression as it is; its declared type is only checked. @throws TemplateError ValueError when the expression fails */
export function valueAttribute(stack: StackScope, node: ResourceNode, evaluation: Evaluation): Value {
  const data = entries(node.definition.properties ?? new Map(), evaluation);
  return new Properties(untyped, data, evaluation, stack.options.context.customs).get('value');
}
