// The version documents of bare metal.
import type { RequestContext } from '../openstack/index.ts';
import { atLeast } from '../openstack/index.ts';

export const minVersion = { major: 1, minor: 1 };
export const maxVersion = { major: 1, minor: 96 };
const maxText = `${maxVersion.major}.${maxVersion.minor}`;

function v1(baseUrl: string) {
  return {
    id: 'v1',
    status: 'CURRENT',
    version: maxText,
    min_version: `${minVersion.major}.${minVersion.minor}`,
    links: [{ href: `${baseUrl}/v1/`, rel: 'self' }],
  };
}

/** GET / */
export function rootDocument({ baseUrl }: RequestContext) {
  return {
    name: 'OpenStack Ironic API',
    description: 'Provisions and manages bare-metal machines: the Bare Metal API of Undercloud.',
    default_version: v1(baseUrl),
    versions: [v1(baseUrl)],
  };
}

const resources: readonly (readonly [name: string, since?: string])[] = [
  ['nodes'],
  ['ports'],
  ['chassis'],
  ['drivers'],
  ['lookup', '1.22'],
  ['heartbeat', '1.22'],
  ['portgroups', '1.23'],
  ['volume', '1.32'],
  ['conductors', '1.49'],
  ['allocations', '1.52'],
  ['events', '1.54'],
  ['deploy_templates', '1.55'],
  ['shards', '1.82'],
  ['continue_inspection', '1.84'],
  ['runbooks', '1.92'],
  ['inspection_rules', '1.96'],
];

/** GET /v1 */
export function v1Document({ baseUrl, microversion }: RequestContext) {
  const known = resources.filter(([, since]) => since === undefined || atLeast(microversion, since));
  return {
    id: 'v1',
    links: [
      { href: `${baseUrl}/v1/`, rel: 'self' },
      {
        href: 'https://docs.openstack.org/ironic/latest/contributor/webapi.html',
        rel: 'describedby',
        type: 'text/html',
      },
    ],
    media_types: [{ base: 'application/json', type: 'application/vnd.openstack.ironic.v1+json' }],
    version: v1(baseUrl),
    ...Object.fromEntries(
      known.map(([name]) => [
        name,
        [
          { href: `${baseUrl}/v1/${name}/`, rel: 'self' },
          { href: `${baseUrl}/${name}/`, rel: 'bookmark' },
        ],
      ]),
    ),
  };
}
