// The resource types that stacks can create, with their properties and attributes.
import { resourceTypes } from '../../src/orchestration/resources/index.ts';
import { code, type Page, page, table } from './markdown.ts';

/** Types that are unfolded into the resources inside them. */
const unfolded = [
  'OS::Heat::ResourceGroup',
  'OS::Heat::ResourceChain',
  'OS::Heat::SoftwareDeploymentGroup',
  'OS::Heat::StructuredDeploymentGroup',
  'OS::Heat::AutoScalingGroup',
];

export function resourceTypesPage(creatable: readonly string[]): Page {
  const names = [...new Set([...creatable, ...unfolded])].sort();
  const known = [...resourceTypes.names()].length;
  return page(
    'resource-types.md',
    'Resource types',
    `Stacks can create the ${names.length} types below, nested stacks (a template file as the type) and types that an environment maps to these. The template language knows the schemas of ${known} types: templates with the others validate, but a stack with one is refused before anything is made.`,
    ...names.map(describe),
  );
}

function describe(name: string): string {
  const type = resourceTypes.get(name);
  if (!type) throw new Error(`the resource type ${name} has no schema`);
  const properties = Object.entries(type.properties).map(([property, schema]) => [
    code(property),
    schema.type,
    schema.required ? 'required' : schema.default === undefined ? '' : code(JSON.stringify(schema.default)),
    schema.update_allowed ? 'in place' : schema.immutable ? 'refused' : 'replaces',
  ]);
  const attributes = Object.keys(type.attributes);
  return [
    `## ${name}`,
    properties.length === 0 ? 'No properties.' : table(['Property', 'Type', 'Default', 'Update'], properties),
    `Attributes: ${[...attributes.map(code), ...(type.open_attributes ? ['others that depend on what is inside'] : [])].join(', ') || 'none'}.`,
  ].join('\n\n');
}
