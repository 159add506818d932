// The version documents of the introspection API.
import type { RequestContext } from '../../openstack/index.ts';

export const minVersion = { major: 1, minor: 0 };
export const maxVersion = { major: 1, minor: 18 };
export const newest = '1.18';

const link = (href: string) => [{ href, rel: 'self' }];

/** GET / */
export function rootDocument({ baseUrl }: RequestContext) {
  return { versions: [{ id: newest, status: 'CURRENT', links: link(`${baseUrl}/v1`) }] };
}

/** GET /v1 */
export function v1Document({ baseUrl }: RequestContext) {
  return {
    resources: ['introspection', 'rules'].map((name) => ({ name, links: link(`${baseUrl}/v1/${name}`) })),
  };
}
