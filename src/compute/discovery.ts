// What compute says of its versions.
import { type Answer, json } from '../openstack/index.ts';

export const minVersion = { major: 2, minor: 1 };
export const maxVersion = { major: 2, minor: 95 };

function document(baseUrl: string): Record<string, unknown> {
  return {
    id: 'v2.1',
    status: 'CURRENT',
    version: `${maxVersion.major}.${maxVersion.minor}`,
    min_version: `${minVersion.major}.${minVersion.minor}`,
    updated: '2013-07-23T11:33:21Z',
    links: [{ rel: 'self', href: `${baseUrl}/v2.1/` }],
  };
}

/** `baseUrl` ends in `/compute`. */
export function versions(baseUrl: string): Answer {
  return json({ versions: [document(baseUrl)] });
}

export function version(baseUrl: string): Answer {
  const media = [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }];
  return json({ version: { ...document(baseUrl), 'media-types': media } });
}
