// A template that stands for a known type has to offer what that type offers.
import { TemplateError, validationFailed } from '../errors.ts';
import type { TemplateChild } from '../expand/template-resource.ts';
import type { PropertySchema } from '../property/schema.ts';
import type { ResourceNode, StackScope } from '../stack.ts';

const parameterType = (schema: PropertySchema): string => (schema.type === 'Integer' ? 'Number' : schema.type);

/** @throws TemplateError StackValidationFailed naming the property or attribute that is missing or of another type */
export function validateFacade(stack: StackScope, node: ResourceNode, child: TemplateChild): void {
  const { registry } = stack.options.environment;
  const { definition, entry } = node;
  let behind: ReturnType<typeof registry.find>;
  try {
    behind = registry.find(definition.type, definition.name, entry ? { ignore: entry } : {});
  } catch (cause) {
    if (cause instanceof TemplateError && cause.type === 'EntityNotFound') return;
    throw cause;
  }
  if (behind.kind !== 'plugin') return;
  const facade = stack.options.context.types.get(behind.name);
  if (!facade) return;
  const type = definition.type;
  for (const [name, schema] of facade.properties) {
    const provided = child.schemata.get(name);
    if (schema.required && !provided)
      throw validationFailed(`Required property ${name} for facade ${type} missing in provider`);
    if (provided && parameterType(schema) !== provided.type) {
      throw validationFailed(
        `Property ${name} type mismatch between facade ${type} (${schema.type}) and provider (${provided.type})`,
      );
    }
  }
  for (const [name, schema] of child.schemata) {
    if (schema.required && !facade.properties.has(name))
      throw validationFailed(`Provider requires property ${name} unknown in facade ${type}`);
  }
  const outputs = new Set([...child.attributeNames(), 'show']);
  for (const attribute of [...Object.keys(facade.data.attributes), 'show']) {
    if (!outputs.has(attribute))
      throw validationFailed(`Attribute ${attribute} for facade ${type} missing in provider`);
  }
}
