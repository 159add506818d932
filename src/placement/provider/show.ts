// A resource provider as the API shows it.
import type { ApiRequest } from '../../openstack/index.ts';
import { since } from '../http/index.ts';

export interface ShownProvider {
  readonly uuid: string;
  readonly name: string;
  readonly generation: number;
  readonly parent: string | null;
  readonly root: string;
}

/** First microversion -> what it links to; paths are relative to the service. */
const links: readonly (readonly [minor: number, rel: string])[] = [
  [0, 'inventories'],
  [0, 'usages'],
  [1, 'aggregates'],
  [6, 'traits'],
  [11, 'allocations'],
];

export function showProvider(request: ApiRequest, provider: ShownProvider): Record<string, unknown> {
  const self = providerPath(provider.uuid);
  return {
    uuid: provider.uuid,
    name: provider.name,
    generation: provider.generation,
    links: [
      { rel: 'self', href: self },
      ...links.filter(([minor]) => since(request, minor)).map(([, rel]) => ({ rel, href: `${self}/${rel}` })),
    ],
    ...(since(request, 14) ? { parent_provider_uuid: provider.parent, root_provider_uuid: provider.root } : {}),
  };
}

export function providerPath(uuid: string): string {
  return `/resource_providers/${uuid}`;
}
