// The whole Compute API v2.1 on one page.
import { type Api, computeFault, describeFault, json, route } from '../openstack/index.ts';
import type { actionLogHandlers } from './action/handlers.ts';
import { aggregateAction, aggregateChange, type aggregateHandlers, newAggregate } from './aggregate/handlers.ts';
import { maxVersion, minVersion, version, versions } from './discovery.ts';
import { errors } from './errors.ts';
import type { flavorHandlers } from './flavor/handlers.ts';
import { flavorAction, flavorChange, newFlavor, newSpecs, oneSpec } from './flavor/schemas.ts';
import { type groupHandlers, newGroup } from './group/handlers.ts';
import type { hostHandlers } from './host/handlers.ts';
import { type keypairHandlers, newKeypair } from './keypair/handlers.ts';
import type { limitsHandler } from './limits.ts';
import { policy } from './policy.ts';
import { quotaChange, quotaClassChange, type quotaHandlers } from './quota/handlers.ts';
import type { actionHandler } from './server/actions.ts';
import type { detailHandlers } from './server/details.ts';
import type { serverHandlers } from './server/handlers.ts';
import { type interfaceHandlers, newInterface } from './server/interfaces.ts';
import { metaBody, metadataBody, newServer, serverAction, serverChange, tagsBody } from './server/schemas.ts';

export interface Handlers {
  readonly servers: ReturnType<typeof serverHandlers>;
  readonly details: ReturnType<typeof detailHandlers>;
  readonly interfaces: ReturnType<typeof interfaceHandlers>;
  readonly act: ReturnType<typeof actionHandler>;
  readonly flavors: ReturnType<typeof flavorHandlers>;
  readonly keypairs: ReturnType<typeof keypairHandlers>;
  readonly groups: ReturnType<typeof groupHandlers>;
  readonly hosts: ReturnType<typeof hostHandlers>;
  readonly actionLog: ReturnType<typeof actionLogHandlers>;
  readonly aggregates: ReturnType<typeof aggregateHandlers>;
  readonly quotas: ReturnType<typeof quotaHandlers>;
  readonly limits: ReturnType<typeof limitsHandler>;
}

/** Rules that need the thing are asked by the handlers, which know it. */
const authenticated = 'authenticated';
const server = '/v2.1/servers/:server';
const flavor = '/v2.1/flavors/:flavor';
const rule = (name: string) => `os_compute_api:${name}`;

// biome-ignore format: one route a line reads as a table.
export function computeApi({ servers, details, interfaces, act, flavors, keypairs, groups, hosts, actionLog, aggregates, quotas, limits }: Handlers): Api {
  return {
    service: 'compute',
    path: '/compute',
    policy: { ...policy, [authenticated]: '' },
    microversions: {
      range: { min: minVersion, max: maxVersion },
      headers: ['openstack-api-version', 'x-openstack-nova-api-version'],
      answer: (chosen) => ({
        'openstack-api-version': `compute ${chosen}`,
        'x-openstack-nova-api-version': chosen,
        vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
      }),
    },
    renderFault: computeFault,
    schemaFault: (fault) => errors.Invalid(describeFault(fault)),
    routes: [
      route({ method: 'GET', path: '', policy: null, summary: 'List versions', handler: ({ context }) => versions(context.baseUrl) }),
      route({ method: 'GET', path: '/', policy: null, summary: 'List versions', handler: ({ context }) => versions(context.baseUrl) }),
      route({ method: 'GET', path: '/v2.1', policy: null, summary: 'Show the version', handler: ({ context }) => version(context.baseUrl) }),
      route({ method: 'GET', path: '/v2.1/', policy: null, summary: 'Show the version', handler: ({ context }) => version(context.baseUrl) }),
      route({ method: 'GET', path: '/v2.1/extensions', policy: authenticated, summary: 'List extensions: all is in the microversions', handler: () => json({ extensions: [] }) }),

      route({ method: 'GET', path: '/v2.1/servers', policy: rule('servers:index'), summary: 'List servers', handler: servers.list }),
      route({ method: 'GET', path: '/v2.1/servers/detail', policy: rule('servers:detail'), summary: 'List servers with details', handler: servers.detail }),
      route({ method: 'POST', path: '/v2.1/servers', policy: authenticated, summary: 'Create servers', body: newServer, handler: servers.create }),
      route({ method: 'GET', path: server, policy: authenticated, summary: 'Show a server', handler: servers.show }),
      route({ method: 'PUT', path: server, policy: authenticated, summary: 'Update a server', body: serverChange, handler: servers.update }),
      route({ method: 'DELETE', path: server, policy: authenticated, summary: 'Delete a server', handler: servers.remove }),
      route({ method: 'POST', path: `${server}/action`, policy: authenticated, summary: 'Start, stop, reboot, rebuild, lock, reset a server', body: serverAction, handler: act }),
      route({ method: 'GET', path: `${server}/ips`, policy: authenticated, summary: 'List addresses', handler: servers.ips }),
      route({ method: 'GET', path: `${server}/ips/:network`, policy: authenticated, summary: 'List addresses on a network', handler: servers.ipsOfNetwork }),
      route({ method: 'GET', path: `${server}/os-security-groups`, policy: authenticated, summary: 'List security groups', handler: servers.securityGroups }),
      route({ method: 'GET', path: `${server}/metadata`, policy: authenticated, summary: 'List metadata', handler: details.metadata }),
      route({ method: 'POST', path: `${server}/metadata`, policy: authenticated, summary: 'Add metadata', body: metadataBody, handler: details.addMetadata }),
      route({ method: 'PUT', path: `${server}/metadata`, policy: authenticated, summary: 'Replace metadata', body: metadataBody, handler: details.replaceMetadata }),
      route({ method: 'GET', path: `${server}/metadata/:key`, policy: authenticated, summary: 'Show a metadata item', handler: details.metadataItem }),
      route({ method: 'PUT', path: `${server}/metadata/:key`, policy: authenticated, summary: 'Set a metadata item', body: metaBody, handler: details.setMetadataItem }),
      route({ method: 'DELETE', path: `${server}/metadata/:key`, policy: authenticated, summary: 'Remove a metadata item', handler: details.removeMetadataItem }),
      route({ method: 'GET', path: `${server}/tags`, since: '2.26', policy: authenticated, summary: 'List tags', handler: details.tags }),
      route({ method: 'PUT', path: `${server}/tags`, since: '2.26', policy: authenticated, summary: 'Replace tags', body: tagsBody, handler: details.replaceTags }),
      route({ method: 'DELETE', path: `${server}/tags`, since: '2.26', policy: authenticated, summary: 'Remove all tags', handler: details.clearTags }),
      route({ method: 'GET', path: `${server}/tags/:tag`, since: '2.26', policy: authenticated, summary: 'Check a tag', handler: details.tag }),
      route({ method: 'PUT', path: `${server}/tags/:tag`, since: '2.26', policy: authenticated, summary: 'Add a tag', handler: details.addTag }),
      route({ method: 'DELETE', path: `${server}/tags/:tag`, since: '2.26', policy: authenticated, summary: 'Remove a tag', handler: details.removeTag }),
      route({ method: 'GET', path: `${server}/os-interface`, policy: authenticated, summary: 'List interfaces', handler: interfaces.list }),
      route({ method: 'POST', path: `${server}/os-interface`, policy: authenticated, summary: 'Attach an interface', body: newInterface, handler: interfaces.attach }),
      route({ method: 'GET', path: `${server}/os-interface/:port`, policy: authenticated, summary: 'Show an interface', handler: interfaces.show }),
      route({ method: 'DELETE', path: `${server}/os-interface/:port`, policy: authenticated, summary: 'Detach an interface', handler: interfaces.detach }),
      route({ method: 'GET', path: `${server}/migrations`, since: '2.23', policy: rule('servers:migrations:index'), summary: 'List migrations: a machine does not move', handler: () => json({ migrations: [] }) }),
      route({ method: 'GET', path: `${server}/os-instance-actions`, policy: authenticated, summary: 'List what was done', handler: actionLog.list }),
      route({ method: 'GET', path: `${server}/os-instance-actions/:request`, policy: authenticated, summary: 'Show what was done', handler: actionLog.show }),
      route({ method: 'GET', path: `${server}/os-volume_attachments`, policy: authenticated, summary: 'List volumes: none', handler: () => json({ volumeAttachments: [] }) }),

      route({ method: 'GET', path: '/v2.1/flavors', policy: rule('flavors'), summary: 'List flavors', handler: flavors.list }),
      route({ method: 'GET', path: '/v2.1/flavors/detail', policy: rule('flavors'), summary: 'List flavors with details', handler: flavors.detail }),
      route({ method: 'POST', path: '/v2.1/flavors', policy: rule('os-flavor-manage:create'), summary: 'Create a flavor', body: newFlavor, handler: flavors.create }),
      route({ method: 'GET', path: flavor, policy: rule('flavors'), summary: 'Show a flavor', handler: flavors.show }),
      route({ method: 'PUT', path: flavor, since: '2.55', policy: rule('os-flavor-manage:update'), summary: 'Describe a flavor', body: flavorChange, handler: flavors.update }),
      route({ method: 'DELETE', path: flavor, policy: rule('os-flavor-manage:delete'), summary: 'Delete a flavor', handler: flavors.remove }),
      route({ method: 'POST', path: `${flavor}/action`, policy: rule('os-flavor-access'), summary: 'Give or take access', body: flavorAction, handler: flavors.action }),
      route({ method: 'GET', path: `${flavor}/os-flavor-access`, policy: rule('os-flavor-access'), summary: 'List who has access', handler: flavors.access }),
      route({ method: 'GET', path: `${flavor}/os-extra_specs`, policy: rule('os-flavor-extra-specs:index'), summary: 'List extra specs', handler: flavors.specs }),
      route({ method: 'POST', path: `${flavor}/os-extra_specs`, policy: rule('os-flavor-extra-specs:create'), summary: 'Add extra specs', body: newSpecs, handler: flavors.addSpecs }),
      route({ method: 'GET', path: `${flavor}/os-extra_specs/:key`, policy: rule('os-flavor-extra-specs:index'), summary: 'Show an extra spec', handler: flavors.spec }),
      route({ method: 'PUT', path: `${flavor}/os-extra_specs/:key`, policy: rule('os-flavor-extra-specs:create'), summary: 'Set an extra spec', body: oneSpec, handler: flavors.setSpec }),
      route({ method: 'DELETE', path: `${flavor}/os-extra_specs/:key`, policy: rule('os-flavor-extra-specs:delete'), summary: 'Remove an extra spec', handler: flavors.removeSpec }),

      route({ method: 'GET', path: '/v2.1/os-keypairs', policy: authenticated, summary: 'List key pairs', handler: keypairs.list }),
      route({ method: 'POST', path: '/v2.1/os-keypairs', policy: authenticated, summary: 'Import or create a key pair', body: newKeypair, handler: keypairs.create }),
      route({ method: 'GET', path: '/v2.1/os-keypairs/:keypair', policy: authenticated, summary: 'Show a key pair', handler: keypairs.show }),
      route({ method: 'DELETE', path: '/v2.1/os-keypairs/:keypair', policy: authenticated, summary: 'Delete a key pair', handler: keypairs.remove }),

      route({ method: 'GET', path: '/v2.1/os-server-groups', policy: rule('os-server-groups:index'), summary: 'List server groups', handler: groups.list }),
      route({ method: 'POST', path: '/v2.1/os-server-groups', policy: rule('os-server-groups:create'), summary: 'Create a server group', body: newGroup, handler: groups.create }),
      route({ method: 'GET', path: '/v2.1/os-server-groups/:group', policy: authenticated, summary: 'Show a server group', handler: groups.show }),
      route({ method: 'DELETE', path: '/v2.1/os-server-groups/:group', policy: authenticated, summary: 'Delete a server group', handler: groups.remove }),

      route({ method: 'GET', path: '/v2.1/os-aggregates', policy: rule('os-aggregates'), summary: 'List aggregates', handler: aggregates.list }),
      route({ method: 'POST', path: '/v2.1/os-aggregates', policy: rule('os-aggregates'), summary: 'Create an aggregate', body: newAggregate, handler: aggregates.create }),
      route({ method: 'GET', path: '/v2.1/os-aggregates/:aggregate', policy: rule('os-aggregates'), summary: 'Show an aggregate', handler: aggregates.show }),
      route({ method: 'PUT', path: '/v2.1/os-aggregates/:aggregate', policy: rule('os-aggregates'), summary: 'Rename an aggregate', body: aggregateChange, handler: aggregates.update }),
      route({ method: 'DELETE', path: '/v2.1/os-aggregates/:aggregate', policy: rule('os-aggregates'), summary: 'Delete an aggregate', handler: aggregates.remove }),
      route({ method: 'POST', path: '/v2.1/os-aggregates/:aggregate/action', policy: rule('os-aggregates'), summary: 'Add or remove a host, set metadata', body: aggregateAction, handler: aggregates.action }),

      route({ method: 'GET', path: '/v2.1/os-quota-sets/:project', policy: authenticated, summary: 'Show quotas', handler: quotas.show }),
      route({ method: 'GET', path: '/v2.1/os-quota-sets/:project/defaults', policy: authenticated, summary: 'Show default quotas', handler: quotas.defaults }),
      route({ method: 'GET', path: '/v2.1/os-quota-sets/:project/detail', policy: authenticated, summary: 'Show quotas and what is used', handler: quotas.detail }),
      route({ method: 'PUT', path: '/v2.1/os-quota-sets/:project', policy: authenticated, summary: 'Set quotas', body: quotaChange, handler: quotas.update }),
      route({ method: 'DELETE', path: '/v2.1/os-quota-sets/:project', policy: authenticated, summary: 'Go back to the default quotas', handler: quotas.remove }),
      route({ method: 'GET', path: '/v2.1/os-quota-class-sets/:class', policy: rule('os-quota-class-sets'), summary: 'Show the default quotas', handler: quotas.showClass }),
      route({ method: 'PUT', path: '/v2.1/os-quota-class-sets/:class', policy: rule('os-quota-class-sets'), summary: 'Set the default quotas', body: quotaClassChange, handler: quotas.updateClass }),

      route({ method: 'GET', path: '/v2.1/limits', policy: rule('limits'), summary: 'Show limits', handler: limits }),
      route({ method: 'GET', path: '/v2.1/os-availability-zone', policy: rule('os-availability-zone:list'), summary: 'List availability zones', handler: hosts.zones }),
      route({ method: 'GET', path: '/v2.1/os-availability-zone/detail', policy: rule('os-availability-zone:detail'), summary: 'List availability zones with hosts', handler: hosts.zonesDetail }),
      route({ method: 'GET', path: '/v2.1/os-hypervisors', policy: rule('os-hypervisors'), summary: 'List hypervisors: the nodes', handler: hosts.hypervisors }),
      route({ method: 'GET', path: '/v2.1/os-hypervisors/detail', policy: rule('os-hypervisors'), summary: 'List hypervisors with details', handler: hosts.hypervisorsDetail }),
      route({ method: 'GET', path: '/v2.1/os-hypervisors/statistics', until: '2.87', policy: rule('os-hypervisors'), summary: 'Sum of all hypervisors', handler: hosts.statistics }),
      route({ method: 'GET', path: '/v2.1/os-hypervisors/:hypervisor', policy: rule('os-hypervisors'), summary: 'Show a hypervisor', handler: hosts.hypervisor }),
      route({ method: 'GET', path: '/v2.1/os-hypervisors/:hypervisor/search', until: '2.52', policy: rule('os-hypervisors'), summary: 'Find hypervisors by name', handler: (request) => hosts.search(request, false) }),
      route({ method: 'GET', path: '/v2.1/os-hypervisors/:hypervisor/servers', until: '2.52', policy: rule('os-hypervisors'), summary: 'Find hypervisors by name, with their servers', handler: (request) => hosts.search(request, true) }),
      route({ method: 'GET', path: '/v2.1/os-hypervisors/:hypervisor/uptime', until: '2.87', policy: rule('os-hypervisors'), summary: 'Not offered for bare metal', handler: hosts.uptime }),
      route({ method: 'POST', path: `${server}/remote-consoles`, since: '2.6', policy: authenticated, summary: 'Not offered for bare metal', payload: 'any', handler: () => { throw errors.NotOffered('A remote console'); } }),
      route({ method: 'GET', path: '/v2.1/os-migrations', policy: rule('os-migrations:index'), summary: 'List migrations: a machine does not move', handler: () => json({ migrations: [] }) }),
      route({ method: 'GET', path: '/v2.1/os-services', policy: rule('os-services:list'), summary: 'List services', handler: hosts.services }),
    ],
  };
}
