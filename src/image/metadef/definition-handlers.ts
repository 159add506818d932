// Handlers for what is in a namespace: properties, objects, tags.
import type { Static } from '@sinclair/typebox';
import { type ApiRequest, empty, json } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { unstorable } from '../text.ts';
import type { FindNamespace, Handler } from './namespace-handlers.ts';
import type { tags as tagsSchema } from './schemas.ts';
import type { Definition, DefinitionKind, MetadefStore, Named, Namespace } from './store.ts';
import { collections, definitionView, propertiesView } from './view.ts';

export type NamedBody = { readonly name: string } & Readonly<Record<string, unknown>>;

interface Parts {
  readonly store: MetadefStore;
  readonly find: FindNamespace;
}

/** The names that upstream's policy has for what is done with a kind. */
const rules = {
  property: { list: 'get_metadef_properties', add: 'add_metadef_property', remove: 'remove_metadef_property' },
  object: { list: 'get_metadef_objects', add: 'add_metadef_object', remove: 'delete_metadef_object' },
  tag: { list: 'get_metadef_tags', add: 'add_metadef_tag', remove: 'delete_metadef_tag' },
} as const;

export function definitionHandlers({ store, find }: Parts, kind: DefinitionKind) {
  const rule = rules[kind];
  const nameIn = ({ params }: ApiRequest) => params.name ?? '';

  const list: Handler = async (request) => {
    const namespace = await find(request, rule.list);
    const rows = await store.definitions(namespace.id, kind);
    const prefix = await prefixFor(namespace, request);
    return json({
      [collections[kind]]:
        kind === 'property'
          ? propertiesView(rows, prefix)
          : rows.map((row) => definitionView(namespace.namespace, row, prefix)),
      first: `/v2/metadefs/namespaces/${encodeURIComponent(namespace.namespace)}/${collections[kind]}`,
      schema: `/v2/schemas/metadefs/${collections[kind]}`,
    });
  };

  const create: Handler<NamedBody> = async (request) => add(request, request.body);

  /** `POST .../tags/NAME` needs no body. */
  const createNamed: Handler = async (request) => {
    const name = nameIn(request);
    if (name.length > 80) throw errors.NotTheSchema('the name is longer than 80 characters');
    return add(request, { name });
  };

  async function add(request: ApiRequest, body: NamedBody) {
    const namespace = await find(request, rule.add);
    const named = storable(body);
    const made = await store.transaction((tx) => store.addDefinition(tx, namespace.id, kind, named));
    if (!made) throw errors.MetadefExists(kind, body.name);
    return json(definitionView(namespace.namespace, made), 201);
  }

  const show: Handler = async (request) => {
    const namespace = await find(request, `get_metadef_${kind}`);
    const prefix = await prefixFor(namespace, request);
    const asked = nameIn(request);
    const row = asked.startsWith(prefix) ? await get(namespace, asked.slice(prefix.length)) : undefined;
    if (!row) throw errors.MetadefNotFound(kind, asked);
    return json(definitionView(namespace.namespace, row, prefix));
  };

  async function get({ id }: Namespace, name: string): Promise<Definition | undefined> {
    return name.includes('\0') ? undefined : store.definition(id, kind, name);
  }

  const update: Handler<NamedBody> = async (request) => {
    const namespace = await find(request, `modify_metadef_${kind}`);
    const name = nameIn(request);
    const named = storable(request.body);
    const row = name.includes('\0') ? 'missing' : await store.changeDefinition(namespace.id, kind, name, named);
    if (row === 'missing') throw errors.MetadefNotFound(kind, name);
    if (row === 'taken') throw errors.MetadefExists(kind, named.name);
    return json(definitionView(namespace.namespace, row));
  };

  const remove: Handler = async (request) => {
    const { id } = await find(request, rule.remove);
    const name = nameIn(request);
    const removed = name.includes('\0')
      ? 0
      : await store.transaction((tx) => store.removeDefinitions(tx, id, kind, name));
    if (removed === 0) throw errors.MetadefNotFound(kind, name);
    return empty();
  };

  const removeAll: Handler = async (request) => {
    const { id } = await find(request, kind === 'tag' ? 'delete_metadef_tags' : rule.remove);
    await store.transaction((tx) => store.removeDefinitions(tx, id, kind));
    return empty();
  };

  /** What a resource type's properties are called begins with this. */
  async function prefixFor({ id }: Namespace, { search }: ApiRequest): Promise<string> {
    const type = search.get('resource_type');
    if (type === null) return '';
    return (await store.associations([id])).find((link) => link.resource_type === type)?.prefix ?? '';
  }

  return { list, create, createNamed, show, update, remove, removeAll };
}

/** Replaces all tags of a namespace, or adds to them with the header `X-Openstack-Append: True`. */
export function replaceTags({ store, find }: Parts): Handler<Static<typeof tagsSchema>> {
  return async (request) => {
    const namespace = await find(request, 'add_metadef_tags');
    const append = String(request.headers['x-openstack-append']).toLowerCase() === 'true';
    const made = await store.transaction(async (tx) => {
      if (!append) await store.removeDefinitions(tx, namespace.id, 'tag');
      const rows: Definition[] = [];
      for (const tag of request.body.tags) {
        const row = await store.addDefinition(tx, namespace.id, 'tag', storable(tag));
        if (!row) throw errors.MetadefExists('tag', tag.name);
        rows.push(row);
      }
      return rows;
    });
    return json({ tags: made.map((row) => definitionView(namespace.namespace, row)) }, 201);
  };
}

/** Set by the server, and sent back by clients with what they have read. */
const served = new Set(['created_at', 'updated_at', 'self', 'schema']);

function storable({ name, ...rest }: NamedBody): Named {
  const why = unstorable({ name, rest });
  if (why !== undefined) throw errors.NotTheSchema(`${JSON.stringify(name)} ${why}`);
  return { name, definition: Object.fromEntries(Object.entries(rest).filter(([key]) => !served.has(key))) };
}
