// Handlers for the namespaces of metadata definitions and the resource types that they are for.
import type { Static } from '@sinclair/typebox';
import { type Answer, type ApiRequest, empty, json, nextPageUrl } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { unstorable } from '../text.ts';
import type { association as associationSchema, namespace as namespaceSchema } from './schemas.ts';
import type { MetadefStore, Namespace, NamespaceSettings } from './store.ts';
import {
  associationView,
  collections,
  definitionView,
  namespacesPath,
  namespaceView,
  propertiesView,
  resourceTypeView,
} from './view.ts';

export type Handler<Body = unknown> = (request: ApiRequest<unknown, Body>) => Promise<Answer>;
export type NamespaceBody = Static<typeof namespaceSchema>;

/** The namespace of `:namespace`. Throws MetadefNotFound for one that is not there or not the caller's to see, Forbidden by `rule`. */
export type FindNamespace = (request: ApiRequest, rule: string) => Promise<Namespace>;

export function createFindNamespace(store: MetadefStore): FindNamespace {
  return async ({ params, context, may, enforce }, rule) => {
    const name = params.namespace ?? '';
    const found = name.includes('\0') ? undefined : await store.namespace(name);
    const target = { project_id: found?.owner, visibility: found?.visibility };
    const { caller } = context;
    const seen = found && (found.visibility === 'public' || found.owner === caller.projectId || may('metadef_admin'));
    if (!seen) throw errors.MetadefNotFound('namespace', name);
    enforce(rule, target);
    return found;
  };
}

export function namespaceHandlers({ store, find }: { store: MetadefStore; find: FindNamespace }) {
  const list: Handler = async ({ search, context, may }) => {
    const { limit, marker, visibility, types, order } = parseQuery(search);
    const all = await store.namespaces(may('metadef_admin') ? null : (context.caller.projectId ?? ''));
    const associations = await store.associations(all.map(({ id }) => id));
    const fit = all.filter(
      (one) =>
        (visibility === null || one.visibility === visibility) &&
        (types.length === 0 ||
          associations.some((link) => link.namespace_id === one.id && types.includes(link.resource_type))),
    );
    const sorted = fit.sort(order);
    const start = marker === null ? 0 : sorted.findIndex((one) => one.namespace === marker) + 1;
    if (marker !== null && start === 0) throw errors.BadFilter(`No namespace is called ${marker}, the marker.`);
    const page = sorted.slice(start, start + limit);
    const last = page.at(-1);
    return json({
      namespaces: page.map((one) => ({
        ...namespaceView(one),
        resource_type_associations: associations.filter((link) => link.namespace_id === one.id).map(associationView),
      })),
      first: search.size > 0 ? `${namespacesPath}?${without(search, 'marker')}` : namespacesPath,
      ...(last && start + limit < sorted.length
        ? { next: nextPageUrl('', namespacesPath, search, last.namespace) }
        : {}),
      schema: '/v2/schemas/metadefs/namespaces',
    });
  };

  const create: Handler<NamespaceBody> = async ({ body, context, enforce }) => {
    enforce('add_metadef_namespace');
    const settings = settingsOf(body, context.caller.projectId);
    const made = await store.transaction(async (tx) => {
      const namespace = await store.addNamespace(tx, settings);
      if (!namespace) throw errors.MetadefExists('namespace', body.namespace);
      for (const link of body.resource_type_associations ?? [])
        await store.associate(tx, associationOf(namespace, link));
      for (const [name, definition] of Object.entries(body.properties ?? {}))
        await store.addDefinition(tx, namespace.id, 'property', { name, definition });
      for (const { name, ...definition } of body.objects ?? [])
        await store.addDefinition(tx, namespace.id, 'object', { name, definition });
      for (const { name } of body.tags ?? [])
        await store.addDefinition(tx, namespace.id, 'tag', { name, definition: {} });
      return namespace;
    });
    const view = await whole(made);
    return json(view, 201, { location: `${context.baseUrl}${String(view.self)}` });
  };

  /** A namespace with all that is in it; names of properties as `resourceType` has them. */
  async function whole(namespace: Namespace, resourceType?: string): Promise<Record<string, unknown>> {
    const { id } = namespace;
    const links = await store.associations([id]);
    const prefix = links.find((link) => link.resource_type === resourceType)?.prefix ?? '';
    const [properties, objects, tags] = await Promise.all([
      store.definitions(id, 'property'),
      store.definitions(id, 'object'),
      store.definitions(id, 'tag'),
    ]);
    return {
      ...namespaceView(namespace),
      ...(links.length > 0 ? { resource_type_associations: links.map(associationView) } : {}),
      ...(properties.length > 0 ? { [collections.property]: propertiesView(properties, prefix) } : {}),
      ...(objects.length > 0
        ? { [collections.object]: objects.map((row) => definitionView(namespace.namespace, row, prefix)) }
        : {}),
      ...(tags.length > 0 ? { [collections.tag]: tags.map((row) => definitionView(namespace.namespace, row)) } : {}),
    };
  }

  const show: Handler = async (request) =>
    json(await whole(await find(request, 'get_metadef_namespace'), request.search.get('resource_type') ?? undefined));

  const update: Handler<NamespaceBody> = async (request) => {
    const { id } = await find(request, 'modify_metadef_namespace');
    const changed = await store.changeNamespace(id, settingsOf(request.body, request.context.caller.projectId));
    if (!changed) throw errors.MetadefExists('namespace', request.body.namespace);
    return json(namespaceView(changed));
  };

  const remove: Handler = async (request) => {
    const namespace = await find(request, 'delete_metadef_namespace');
    if (namespace.protected) throw errors.MetadefProtected(namespace.namespace);
    await store.removeNamespace(namespace.id);
    return empty();
  };

  const resourceTypes: Handler = async () =>
    json({ resource_types: (await store.resourceTypes()).map(resourceTypeView) });

  const associations: Handler = async (request) => {
    const { id } = await find(request, 'get_metadef_resource_type');
    return json({ resource_type_associations: (await store.associations([id])).map(associationView) });
  };

  const associate: Handler<Static<typeof associationSchema>> = async (request) => {
    const namespace = await find(request, 'add_metadef_resource_type_association');
    const link = associationOf(namespace, request.body);
    const made = await store.transaction((tx) => store.associate(tx, link));
    if (!made) throw errors.MetadefExists('resource type association', link.resource_type);
    return json(associationView(made), 201);
  };

  const dissociate: Handler = async (request) => {
    const { id } = await find(request, 'remove_metadef_resource_type_association');
    const type = request.params.type ?? '';
    if (type.includes('\0') || !(await store.dissociate(id, type)))
      throw errors.MetadefNotFound('resource type association', type);
    return empty();
  };

  return { list, create, show, update, remove, resourceTypes, associations, associate, dissociate };
}

/** What a namespace is left without falls back to what a new one has, on a change too. */
function settingsOf(body: NamespaceBody, projectId: string | undefined): NamespaceSettings {
  const why = unstorable(body);
  if (why !== undefined) throw errors.NotTheSchema(`the namespace ${why}`);
  return {
    namespace: body.namespace,
    display_name: body.display_name ?? null,
    description: body.description ?? null,
    visibility: body.visibility ?? 'private',
    protected: body.protected ?? false,
    owner: body.owner ?? projectId ?? null,
  };
}

function associationOf({ id }: Namespace, link: Static<typeof associationSchema>) {
  const why = unstorable(link);
  if (why !== undefined) throw errors.NotTheSchema(`the association ${why}`);
  const { name, prefix = null, properties_target = null } = link;
  return { namespace_id: id, resource_type: name, prefix, properties_target };
}

function parseQuery(search: URLSearchParams) {
  const limit = search.get('limit') ?? '25';
  if (!/^\d{1,9}$/.test(limit)) throw errors.BadFilter('limit must be a whole number of 0 or more.');
  const visibility = search.get('visibility');
  if (visibility !== null && visibility !== 'public' && visibility !== 'private')
    throw errors.BadFilter(`Invalid visibility value: ${visibility}`);
  const key = search.get('sort_key') ?? 'created_at';
  const direction = search.get('sort_dir') ?? 'desc';
  if (direction !== 'asc' && direction !== 'desc') throw errors.BadFilter(`Invalid sort direction: ${direction}`);
  if (key !== 'created_at' && key !== 'updated_at' && key !== 'namespace')
    throw errors.BadFilter(`Namespaces cannot be sorted by ${key}.`);
  const sign = direction === 'asc' ? 1 : -1;
  return {
    limit: Number(limit),
    marker: search.get('marker'),
    visibility,
    types: (search.get('resource_types') ?? '').split(',').filter((type) => type !== ''),
    order: (a: Namespace, b: Namespace) => sign * (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : a.id - b.id),
  };
}

function without(search: URLSearchParams, name: string): URLSearchParams {
  const rest = new URLSearchParams(search);
  rest.delete(name);
  return rest;
}
