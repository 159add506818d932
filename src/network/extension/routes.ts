// Extensions and versions: what this service can do.
import { json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { extensions } from './extensions.data.ts';

const updated = '2026-01-01T00:00:00-00:00';

function present([alias, name, description]: (typeof extensions)[number]) {
  return { alias, name, description, updated, links: [] };
}

export function extensionRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2.0/extensions',
      policy: 'regular_user',
      summary: 'List the extensions',
      handler: () => json({ extensions: extensions.map(present) }),
    }),
    route({
      method: 'GET',
      path: '/v2.0/extensions/:alias',
      policy: 'regular_user',
      summary: 'Show an extension',
      handler: ({ params }) => {
        const found = extensions.find(([alias]) => alias === params.alias);
        if (!found) throw errors.NotFound('Extension', params.alias ?? '');
        return json({ extension: present(found) });
      },
    }),
  ];
}

/** `collections` are the paths of the resources, for the index at /v2.0. */
export function versionRoutes(collections: readonly { readonly path: string; readonly member: string }[]): Route[] {
  const list = (path: string) =>
    route({
      method: 'GET',
      path,
      policy: null,
      summary: 'Versions',
      handler: ({ context }) =>
        json({
          versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${context.baseUrl}/v2.0/` }] }],
        }),
    });
  const index = (path: string) =>
    route({
      method: 'GET',
      path,
      policy: 'regular_user',
      summary: 'The resources of version 2.0',
      handler: ({ context }) =>
        json({
          resources: collections.map(({ path: collection, member }) => {
            const name = collection.split('/').at(-1) ?? '';
            return {
              links: [{ rel: 'self', href: `${context.baseUrl}${collection}` }],
              name: member,
              collection: name,
            };
          }),
        }),
    });
  return [list(''), list('/'), index('/v2.0'), index('/v2.0/')];
}
