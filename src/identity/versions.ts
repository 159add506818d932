// Version discovery at /identity and /identity/v3.
import { json, type Route, route } from '../openstack/index.ts';

function version(baseUrl: string) {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${baseUrl}/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
}

export function versionRoutes(): Route[] {
  const list = (path: string) =>
    route({
      method: 'GET',
      path,
      policy: null,
      summary: 'Versions',
      handler: ({ context }) =>
        json({ versions: { values: [version(context.baseUrl)] } }, 300, { location: `${context.baseUrl}/v3/` }),
    });
  const show = (path: string) =>
    route({
      method: 'GET',
      path,
      policy: null,
      summary: 'Version 3',
      handler: ({ context }) => json({ version: version(context.baseUrl) }),
    });
  return [list(''), list('/'), show('/v3'), show('/v3/')];
}
