// Metadata definitions as JSON of the Image API v2.
import { second } from '../view.ts';
import type { Association, Definition, DefinitionKind, Namespace, ResourceType } from './store.ts';

export const namespacesPath = '/v2/metadefs/namespaces';

const times = (row: { created_at: Date; updated_at: Date }) => ({
  created_at: second(row.created_at),
  updated_at: second(row.updated_at),
});

export function namespaceView(namespace: Namespace): Record<string, unknown> {
  const { display_name, description, owner } = namespace;
  return {
    namespace: namespace.namespace,
    ...(display_name === null ? {} : { display_name }),
    ...(description === null ? {} : { description }),
    visibility: namespace.visibility,
    protected: namespace.protected,
    ...(owner === null ? {} : { owner }),
    ...times(namespace),
    self: `${namespacesPath}/${encodeURIComponent(namespace.namespace)}`,
    schema: '/v2/schemas/metadefs/namespace',
  };
}

export function associationView(association: Association): Record<string, unknown> {
  const { prefix, properties_target } = association;
  return {
    name: association.resource_type,
    ...(prefix === null ? {} : { prefix }),
    ...(properties_target === null ? {} : { properties_target }),
    ...times(association),
  };
}

export function resourceTypeView(type: ResourceType): Record<string, unknown> {
  return { name: type.name, ...times(type) };
}

/** `prefix` stands before the names of properties of a certain resource type. */
export function definitionView(namespace: string, row: Definition, prefix = ''): Record<string, unknown> {
  const { kind, name, definition } = row;
  switch (kind) {
    case 'property':
      return { name: `${prefix}${name}`, ...definition };
    case 'tag':
      return { name, ...times(row) };
    case 'object':
      return {
        name,
        ...definition,
        ...prefixed(definition, prefix),
        ...times(row),
        self: `${namespacesPath}/${encodeURIComponent(namespace)}/objects/${encodeURIComponent(name)}`,
        schema: '/v2/schemas/metadefs/object',
      };
  }
}

function prefixed({ properties = {} }: Definition['definition'], prefix: string): { properties?: unknown } {
  if (typeof properties !== 'object' || properties === null) return {};
  return { properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [`${prefix}${name}`, one])) };
}

/** Properties are listed by their names, which then do not stand in them again. */
export function propertiesView(rows: readonly Definition[], prefix = ''): Record<string, unknown> {
  return Object.fromEntries(rows.map(({ name, definition }) => [`${prefix}${name}`, definition]));
}

export const collections = { property: 'properties', object: 'objects', tag: 'tags' } as const satisfies Record<
  DefinitionKind,
  string
>;
