// Placement's HTTP face: microversions, policy, faults, routes.
import type { Api } from '../openstack/index.ts';
import { placementFault } from './http/index.ts';
import type { Parts } from './parts.ts';
import { placementPolicy, placementScopes } from './policy.ts';
import { placementRoutes } from './routes.ts';

export function placementApi(parts: Parts): Api {
  return {
    service: 'placement',
    path: '/placement',
    noauthWithoutToken: 'refuse',
    policy: placementPolicy(parts.config.enforceScope),
    ...(parts.config.enforceScope ? { scopeTypes: placementScopes } : {}),
    microversions: {
      range: { min: { major: 1, minor: 0 }, max: { major: 1, minor: 39 } },
      headers: ['openstack-api-version'],
      answer: (version) => ({ 'openstack-api-version': `placement ${version}`, vary: 'openstack-api-version' }),
      unsupported: (text) => `Invalid microversion: Unacceptable version header: ${text}`,
    },
    renderFault: placementFault,
    routes: placementRoutes(parts),
  };
}
