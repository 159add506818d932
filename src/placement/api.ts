// Placement's HTTP face: microversions, version document, faults, policy.
import type { Database } from '../database/index.ts';
import { type Api, errorsFault, json, route } from '../openstack/index.ts';
import type { PlacementConfig } from './config.ts';
import type { ProviderFollower } from './provider-index/index.ts';

export interface ApiParts {
  readonly database: Database;
  readonly follower: ProviderFollower;
  readonly config: PlacementConfig;
}

export function placementApi(_parts: ApiParts): Api {
  return {
    service: 'placement',
    path: '/placement',
    noauthWithoutToken: 'refuse',
    policy: {},
    microversions: {
      range: { min: { major: 1, minor: 0 }, max: { major: 1, minor: 39 } },
      headers: ['openstack-api-version'],
      answer: (version) => ({ 'openstack-api-version': `placement ${version}`, vary: 'openstack-api-version' }),
    },
    renderFault: errorsFault,
    routes: [
      route({
        method: 'GET',
        path: '/',
        policy: null,
        summary: 'Show the versions of the API',
        handler: () =>
          json({
            versions: [
              {
                id: 'v1.0',
                max_version: '1.39',
                min_version: '1.0',
                status: 'CURRENT',
                links: [{ rel: 'self', href: '' }],
              },
            ],
          }),
      }),
    ],
  };
}
