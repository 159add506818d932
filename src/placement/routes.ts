// The whole API of placement on one page.
import { type Answer, type ApiRequest, json, type Route, route } from '../openstack/index.ts';
import { aggregateHandlers } from './aggregate/handlers.ts';
import { allocationHandlers } from './allocation/handlers.ts';
import { candidateHandlers } from './candidate/handlers.ts';
import { cacheHeaders, newest, oldest } from './http/index.ts';
import { inventoryHandlers } from './inventory/handlers.ts';
import type { Handler, Parts } from './parts.ts';
import { providerHandlers } from './provider/handlers.ts';
import { reshapeHandlers } from './reshape/handlers.ts';
import { resourceClassHandlers } from './resource-class/handlers.ts';
import { traitHandlers } from './trait/handlers.ts';
import { usageHandlers } from './usage/handlers.ts';

export function placementRoutes(parts: Parts): Route[] {
  const providers = providerHandlers(parts);
  const inventories = inventoryHandlers(parts);
  const aggregates = aggregateHandlers(parts);
  const traits = traitHandlers(parts);
  const classes = resourceClassHandlers(parts);
  const allocations = allocationHandlers(parts);
  const usages = usageHandlers(parts);
  const candidates = candidateHandlers(parts);
  const { reshape } = reshapeHandlers(parts);
  const provider = '/resource_providers/:uuid';
  const inventory = `${provider}/inventories`;
  const p = 'placement:resource_providers';

  return [
    route({ method: 'GET', path: '/', policy: null, summary: 'Show the versions of the API', handler: versions }),

    on('GET', '/resource_providers', `${p}:list`, 'List resource providers', providers.list),
    on('POST', '/resource_providers', `${p}:create`, 'Create a resource provider', providers.create),
    on('GET', provider, `${p}:show`, 'Show a resource provider', providers.show),
    on('PUT', provider, `${p}:update`, 'Rename a resource provider or move it', providers.update),
    on('DELETE', provider, `${p}:delete`, 'Delete a resource provider', providers.remove),

    on('GET', inventory, `${p}:inventories:list`, 'List inventories of a provider', inventories.list),
    on('POST', inventory, `${p}:inventories:create`, 'Add an inventory', inventories.create),
    on('PUT', inventory, `${p}:inventories:update`, 'Replace all inventories', inventories.replace),
    on('DELETE', inventory, `${p}:inventories:delete`, 'Delete all inventories', inventories.clear, '1.5'),
    on('GET', `${inventory}/:resource_class`, `${p}:inventories:show`, 'Show an inventory', inventories.show),
    on('PUT', `${inventory}/:resource_class`, `${p}:inventories:update`, 'Change an inventory', inventories.update),
    on('DELETE', `${inventory}/:resource_class`, `${p}:inventories:delete`, 'Delete it', inventories.remove),

    on('GET', `${provider}/usages`, `${p}:usages`, 'Show what is used of a provider', usages.ofProvider),
    on('GET', `${provider}/aggregates`, `${p}:aggregates:list`, 'List its aggregates', aggregates.list, '1.1'),
    on('PUT', `${provider}/aggregates`, `${p}:aggregates:update`, 'Replace them', aggregates.replace, '1.1'),
    on('GET', `${provider}/traits`, `${p}:traits:list`, 'List traits of a provider', traits.listOf, '1.6'),
    on('PUT', `${provider}/traits`, `${p}:traits:update`, 'Replace its traits', traits.replaceOf, '1.6'),
    on('DELETE', `${provider}/traits`, `${p}:traits:delete`, 'Take its traits away', traits.clearOf, '1.6'),
    on('GET', `${provider}/allocations`, `${p}:allocations:list`, 'List who holds it', allocations.onProvider),

    on('GET', '/resource_classes', 'placement:resource_classes:list', 'List classes', classes.list, '1.2'),
    on('POST', '/resource_classes', 'placement:resource_classes:create', 'Create a class', classes.create, '1.2'),
    on('GET', '/resource_classes/:name', 'placement:resource_classes:show', 'Show a class', classes.show, '1.2'),
    on(
      'PUT',
      '/resource_classes/:name',
      'placement:resource_classes:update',
      'Rename a class',
      classes.rename,
      '1.2',
      '1.6',
    ),
    on('PUT', '/resource_classes/:name', 'placement:resource_classes:update', 'Create a class', classes.put, '1.7'),
    on('DELETE', '/resource_classes/:name', 'placement:resource_classes:delete', 'Delete it', classes.remove, '1.2'),

    on('GET', '/traits', 'placement:traits:list', 'List traits', traits.list, '1.6'),
    on('GET', '/traits/:name', 'placement:traits:show', 'Does a trait exist?', traits.show, '1.6'),
    on('PUT', '/traits/:name', 'placement:traits:update', 'Create a trait', traits.put, '1.6'),
    on('DELETE', '/traits/:name', 'placement:traits:delete', 'Delete a trait', traits.remove, '1.6'),

    on('POST', '/allocations', 'placement:allocations:manage', 'Replace many', allocations.putMany, '1.13'),
    on('GET', '/allocations/:consumer_uuid', 'placement:allocations:list', 'Show what it holds', allocations.show),
    on('PUT', '/allocations/:consumer_uuid', 'placement:allocations:update', 'Replace it', allocations.put),
    on('DELETE', '/allocations/:consumer_uuid', 'placement:allocations:delete', 'Free it', allocations.remove),
    on('POST', '/reshaper', 'placement:reshaper:reshape', 'Move inventories and allocations', reshape, '1.30'),

    {
      ...on('GET', '/usages', 'placement:usages', 'Sum up what a project uses', usages.total, '1.9'),
      enforcement: 'handler',
    },
    on(
      'GET',
      '/allocation_candidates',
      'placement:allocation_candidates:list',
      'List ways to serve a request',
      candidates.list,
      '1.10',
    ),
    // Ours: the reference has nothing like it.
    on(
      'GET',
      '/explain',
      'placement:allocation_candidates:list',
      'Say why trees do not serve a request',
      candidates.explain,
      '1.10',
    ),
  ];
}

/** Handlers read their own bodies and queries, for what they accept and answer differs by microversion. */
function on(
  method: Route['method'],
  path: string,
  policy: string,
  summary: string,
  handler: Handler,
  since?: string,
  until?: string,
): Route {
  const range = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
  return { method, path, policy, summary, handler, payload: 'raw', ...range };
}

function versions(request: ApiRequest): Answer {
  const version = {
    id: 'v1.0',
    max_version: newest,
    min_version: oldest,
    status: 'CURRENT',
    links: [{ rel: 'self', href: '' }],
  };
  return json({ versions: [version] }, 200, cacheHeaders(request));
}
