// A resource as the rules of its type see it.
import { requiredNames } from '../definition.ts';
import type { Evaluation } from '../evaluation.ts';
import { resolve } from '../fn/fn.ts';
import { entries, Properties } from '../property/properties.ts';
import type { RuleSubject } from '../resource-type.ts';
import type { ResourceNode, StackScope } from '../stack.ts';
import { isDict, str, toPlain } from '../value/index.ts';

export function ruleSubject(stack: StackScope, node: ResourceNode, evaluation: Evaluation): RuleSubject {
  const { definition, schema } = node;
  const read = (schemata: Properties['schemata'] | undefined, snippet: typeof definition.properties) =>
    new Properties(schemata ?? new Map(), entries(snippet ?? new Map(), evaluation), evaluation, undefined);
  const former = new Set([...(schema?.properties.values() ?? [])].map(({ replaces }) => replaces));
  return {
    name: definition.name,
    names: [...(schema?.properties.keys() ?? [])],
    property: (name) =>
      schema?.properties.has(name) && !former.has(name)
        ? toPlain(read(schema.properties, definition.properties).translated(name))
        : null,
    updatePolicy: (name) =>
      schema?.updatePolicy.has(name) ? toPlain(read(schema.updatePolicy, definition.updatePolicy).get(name)) : null,
    metadata: () => {
      const metadata = resolve(definition.metadata ?? null, evaluation);
      return isDict(metadata)
        ? Object.fromEntries([...metadata].map(([key, value]) => [str(key), toPlain(value)]))
        : {};
    },
    resource: (name) => (stack.hasResource(name) ? ruleSubject(stack, stack.node(name), evaluation) : undefined),
    requiredBy: (name) =>
      [...stack.definitions.values()]
        .filter((other) => requiredNames(other, evaluation).includes(name))
        .map((other) => other.name),
  };
}
