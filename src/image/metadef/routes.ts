// The metadata definitions of the Image API v2 on one page.
import { commonErrors, json, type PolicyRules, type Route, route } from '../../openstack/index.ts';
import { definitionHandlers, replaceTags } from './definition-handlers.ts';
import { createFindNamespace, namespaceHandlers } from './namespace-handlers.ts';
import { association, metadefDocuments, namespace, object, property, tag, tags } from './schemas.ts';
import type { MetadefStore } from './store.ts';

const reader = 'role:admin or (role:reader and project_id:%(project_id)s)';
const visible = "role:admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))";
const admin = 'rule:metadef_admin';

/** Upstream's rules for metadata definitions. */
export const metadefPolicy: PolicyRules = {
  metadef_default: '',
  metadef_admin: 'role:admin',
  get_metadef_namespace: visible,
  get_metadef_namespaces: reader,
  modify_metadef_namespace: admin,
  add_metadef_namespace: admin,
  delete_metadef_namespace: admin,
  get_metadef_object: visible,
  get_metadef_objects: visible,
  modify_metadef_object: admin,
  add_metadef_object: admin,
  delete_metadef_object: admin,
  list_metadef_resource_types: visible,
  get_metadef_resource_type: visible,
  add_metadef_resource_type_association: admin,
  remove_metadef_resource_type_association: admin,
  get_metadef_property: visible,
  get_metadef_properties: visible,
  modify_metadef_property: admin,
  add_metadef_property: admin,
  remove_metadef_property: admin,
  get_metadef_tag: visible,
  get_metadef_tags: visible,
  modify_metadef_tag: admin,
  add_metadef_tag: admin,
  add_metadef_tags: admin,
  delete_metadef_tag: admin,
  delete_metadef_tags: admin,
};

/** Rules that need the namespace are asked by the handlers, which know it. */
const authenticated = 'authenticated';
const all = '/v2/metadefs/namespaces';
const one = `${all}/:namespace`;

// biome-ignore format: one route a line reads as a table.
export function metadefRoutes(store: MetadefStore): Route[] {
  const parts = { store, find: createFindNamespace(store) };
  const namespaces = namespaceHandlers(parts);
  const properties = definitionHandlers(parts, 'property');
  const objects = definitionHandlers(parts, 'object');
  const tagged = definitionHandlers(parts, 'tag');
  return [
    route({ method: 'GET', path: '/v2/schemas/metadefs/:name', policy: authenticated, summary: 'Show a JSON schema of metadata definitions', handler: ({ params }) => schemaDocument(params.name ?? '') }),
    route({ method: 'GET', path: '/v2/metadefs/resource_types', policy: 'list_metadef_resource_types', summary: 'List resource types', handler: namespaces.resourceTypes }),
    route({ method: 'GET', path: all, policy: 'get_metadef_namespaces', summary: 'List namespaces', handler: namespaces.list }),
    route({ method: 'POST', path: all, policy: authenticated, summary: 'Create a namespace', body: namespace, handler: namespaces.create }),
    route({ method: 'GET', path: one, policy: authenticated, summary: 'Show a namespace with all that is in it', handler: namespaces.show }),
    route({ method: 'PUT', path: one, policy: authenticated, summary: 'Update a namespace', body: namespace, handler: namespaces.update }),
    route({ method: 'DELETE', path: one, policy: authenticated, summary: 'Delete a namespace', handler: namespaces.remove }),
    route({ method: 'GET', path: `${one}/resource_types`, policy: authenticated, summary: 'List resource type associations', handler: namespaces.associations }),
    route({ method: 'POST', path: `${one}/resource_types`, policy: authenticated, summary: 'Associate a resource type', body: association, handler: namespaces.associate }),
    route({ method: 'DELETE', path: `${one}/resource_types/:type`, policy: authenticated, summary: 'Remove a resource type association', handler: namespaces.dissociate }),
    route({ method: 'GET', path: `${one}/properties`, policy: authenticated, summary: 'List properties', handler: properties.list }),
    route({ method: 'POST', path: `${one}/properties`, policy: authenticated, summary: 'Create a property', body: property, handler: properties.create }),
    route({ method: 'DELETE', path: `${one}/properties`, policy: authenticated, summary: 'Delete all properties', handler: properties.removeAll }),
    route({ method: 'GET', path: `${one}/properties/:name`, policy: authenticated, summary: 'Show a property', handler: properties.show }),
    route({ method: 'PUT', path: `${one}/properties/:name`, policy: authenticated, summary: 'Update a property', body: property, handler: properties.update }),
    route({ method: 'DELETE', path: `${one}/properties/:name`, policy: authenticated, summary: 'Delete a property', handler: properties.remove }),
    route({ method: 'GET', path: `${one}/objects`, policy: authenticated, summary: 'List objects', handler: objects.list }),
    route({ method: 'POST', path: `${one}/objects`, policy: authenticated, summary: 'Create an object', body: object, handler: objects.create }),
    route({ method: 'DELETE', path: `${one}/objects`, policy: authenticated, summary: 'Delete all objects', handler: objects.removeAll }),
    route({ method: 'GET', path: `${one}/objects/:name`, policy: authenticated, summary: 'Show an object', handler: objects.show }),
    route({ method: 'PUT', path: `${one}/objects/:name`, policy: authenticated, summary: 'Update an object', body: object, handler: objects.update }),
    route({ method: 'DELETE', path: `${one}/objects/:name`, policy: authenticated, summary: 'Delete an object', handler: objects.remove }),
    route({ method: 'GET', path: `${one}/tags`, policy: authenticated, summary: 'List tags of a namespace', handler: tagged.list }),
    route({ method: 'POST', path: `${one}/tags`, policy: authenticated, summary: 'Replace the tags of a namespace, or add to them', body: tags, handler: replaceTags(parts) }),
    route({ method: 'DELETE', path: `${one}/tags`, policy: authenticated, summary: 'Delete all tags of a namespace', handler: tagged.removeAll }),
    route({ method: 'GET', path: `${one}/tags/:name`, policy: authenticated, summary: 'Show a tag of a namespace', handler: tagged.show }),
    route({ method: 'POST', path: `${one}/tags/:name`, policy: authenticated, summary: 'Create a tag in a namespace', payload: 'any', handler: tagged.createNamed }),
    route({ method: 'PUT', path: `${one}/tags/:name`, policy: authenticated, summary: 'Rename a tag of a namespace', body: tag, handler: tagged.update }),
    route({ method: 'DELETE', path: `${one}/tags/:name`, policy: authenticated, summary: 'Delete a tag of a namespace', handler: tagged.remove }),
  ];
}

function schemaDocument(name: string) {
  if (!Object.hasOwn(metadefDocuments, name)) throw commonErrors.NotFound();
  return json(metadefDocuments[name]);
}
