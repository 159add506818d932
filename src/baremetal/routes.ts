// The whole Bare Metal API on one page.
import { Type } from '@sinclair/typebox';
import { type Api, baremetalFault, json, type Route, route } from '../openstack/index.ts';
import { collectionHandlers } from './document/collection.ts';
import { patchSchema } from './document/patch.ts';
import { heartbeatSchema, machineHandlers } from './machine/api.ts';
import { nodeHandlers } from './node/handlers.ts';
import { newNodeSchema, provisionSchema } from './node/schemas.ts';
import { stateHandlers } from './node/state-handlers.ts';
import type { Parts } from './parts.ts';
import { defaultPolicy } from './policy.ts';
import { newPortSchema, ports as portsSpec } from './port/port.ts';
import { maxVersion, minVersion, rootDocument, v1Document } from './versions.ts';

const handler = 'handler' as const;
const powerSchema = Type.Object(
  { target: Type.String(), timeout: Type.Optional(Type.Union([Type.Integer(), Type.Null()])) },
  { additionalProperties: false },
);
const raidSchema = Type.Record(Type.String(), Type.Unknown());
const bootDeviceSchema = Type.Object({ boot_device: Type.String() }, { additionalProperties: true });
const targetSchema = Type.Object({ target: Type.String() });
const flagTargetSchema = Type.Object({ target: Type.Union([Type.Boolean(), Type.String()]) });

/** The API for people and their programs. */
export function baremetalApi(parts: Parts): Api {
  const nodes = nodeHandlers(parts);
  const states = stateHandlers(parts);
  const ports = collectionHandlers(parts, portsSpec);
  return {
    service: 'baremetal',
    path: '/baremetal',
    policy: defaultPolicy(parts.config.strictScopes),
    renderFault: baremetalFault,
    microversions: {
      range: { min: minVersion, max: maxVersion },
      headers: ['x-openstack-ironic-api-version', 'openstack-api-version'],
      answer: (version) => ({
        'X-OpenStack-Ironic-API-Version': version,
        'X-OpenStack-Ironic-API-Minimum-Version': `${minVersion.major}.${minVersion.minor}`,
        'X-OpenStack-Ironic-API-Maximum-Version': `${maxVersion.major}.${maxVersion.minor}`,
        'OpenStack-API-Version': `baremetal ${version}`,
        Vary: 'X-OpenStack-Ironic-API-Version, OpenStack-API-Version',
      }),
    },
    routes: withSlashes([
      route({
        method: 'GET',
        path: '',
        policy: null,
        summary: 'Versions',
        handler: ({ context }) => json(rootDocument(context)),
      }),
      route({
        method: 'GET',
        path: '/v1',
        policy: null,
        summary: 'What version 1 has',
        handler: ({ context }) => json(v1Document(context)),
      }),

      route({
        method: 'GET',
        path: '/v1/nodes',
        policy: 'baremetal:node:list',
        enforcement: handler,
        summary: 'List nodes',
        handler: nodes.list,
      }),
      route({
        method: 'POST',
        path: '/v1/nodes',
        policy: 'baremetal:node:create',
        enforcement: handler,
        summary: 'Enrol a node',
        body: newNodeSchema,
        handler: nodes.create,
      }),
      route({
        method: 'GET',
        path: '/v1/nodes/detail',
        policy: 'baremetal:node:list',
        enforcement: handler,
        summary: 'List nodes with all fields',
        handler: nodes.detail,
      }),
      route({
        method: 'GET',
        path: '/v1/nodes/:node',
        policy: 'baremetal:node:get',
        enforcement: handler,
        summary: 'Show a node',
        handler: nodes.show,
      }),
      route({
        method: 'PATCH',
        path: '/v1/nodes/:node',
        policy: 'baremetal:node:update',
        enforcement: handler,
        summary: 'Change a node',
        body: patchSchema,
        handler: nodes.update,
      }),
      route({
        method: 'DELETE',
        path: '/v1/nodes/:node',
        policy: 'baremetal:node:delete',
        enforcement: handler,
        summary: 'Forget a node',
        handler: nodes.remove,
      }),
      route({
        method: 'GET',
        path: '/v1/nodes/:node/states',
        policy: 'baremetal:node:get_states',
        enforcement: handler,
        summary: 'States of a node',
        handler: nodes.states,
      }),
      route({
        method: 'PUT',
        path: '/v1/nodes/:node/states/provision',
        policy: 'baremetal:node:set_provision_state',
        enforcement: handler,
        summary: 'Ask for a provision state',
        body: provisionSchema,
        handler: states.provision,
      }),
      route({
        method: 'PUT',
        path: '/v1/nodes/:node/states/power',
        policy: 'baremetal:node:set_power_state',
        enforcement: handler,
        summary: 'Ask for a power state',
        body: powerSchema,
        handler: states.power,
      }),
      route({
        method: 'PUT',
        path: '/v1/nodes/:node/states/raid',
        since: '1.12',
        policy: 'baremetal:node:set_raid_state',
        enforcement: handler,
        summary: 'Ask for a RAID configuration',
        body: raidSchema,
        handler: states.raid,
      }),
      route({
        method: 'PUT',
        path: '/v1/nodes/:node/states/boot_mode',
        since: '1.76',
        policy: 'baremetal:node:set_boot_mode',
        enforcement: handler,
        summary: 'Set the boot mode',
        body: targetSchema,
        handler: states.setBootMode,
      }),
      route({
        method: 'PUT',
        path: '/v1/nodes/:node/states/secure_boot',
        since: '1.76',
        policy: 'baremetal:node:set_secure_boot',
        enforcement: handler,
        summary: 'Set secure boot',
        body: flagTargetSchema,
        handler: states.setSecureBoot,
      }),
      route({
        method: 'PUT',
        path: '/v1/nodes/:node/maintenance',
        policy: 'baremetal:node:set_maintenance',
        enforcement: handler,
        summary: 'Take a node out of use',
        payload: 'any',
        handler: states.setMaintenance,
      }),
      route({
        method: 'DELETE',
        path: '/v1/nodes/:node/maintenance',
        policy: 'baremetal:node:clear_maintenance',
        enforcement: handler,
        summary: 'Put a node back into use',
        handler: states.clearMaintenance,
      }),
      route({
        method: 'GET',
        path: '/v1/nodes/:node/management/boot_device',
        policy: 'baremetal:node:get_boot_device',
        enforcement: handler,
        summary: 'Boot device',
        handler: states.bootDevice,
      }),
      route({
        method: 'PUT',
        path: '/v1/nodes/:node/management/boot_device',
        policy: 'baremetal:node:set_boot_device',
        enforcement: handler,
        summary: 'Set the boot device',
        body: bootDeviceSchema,
        handler: states.setBootDevice,
      }),
      route({
        method: 'GET',
        path: '/v1/nodes/:node/management/boot_device/supported',
        policy: 'baremetal:node:get_boot_device',
        enforcement: handler,
        summary: 'Boot devices the node knows',
        handler: states.supportedBootDevices,
      }),
      route({
        method: 'PUT',
        path: '/v1/nodes/:node/management/inject_nmi',
        since: '1.29',
        policy: 'baremetal:node:inject_nmi',
        enforcement: handler,
        summary: 'Inject a non-maskable interrupt',
        payload: 'any',
        handler: states.injectNmi,
      }),

      route({
        method: 'GET',
        path: '/v1/ports',
        policy: 'baremetal:port:list',
        enforcement: handler,
        summary: 'List ports',
        handler: ports.list,
      }),
      route({
        method: 'POST',
        path: '/v1/ports',
        policy: 'baremetal:port:create',
        enforcement: handler,
        summary: 'Add a port',
        body: newPortSchema,
        handler: ports.create,
      }),
      route({
        method: 'GET',
        path: '/v1/ports/detail',
        policy: 'baremetal:port:list',
        enforcement: handler,
        summary: 'List ports with all fields',
        handler: ports.detail,
      }),
      route({
        method: 'GET',
        path: '/v1/ports/:ident',
        policy: 'baremetal:port:get',
        enforcement: handler,
        summary: 'Show a port',
        handler: ports.show,
      }),
      route({
        method: 'PATCH',
        path: '/v1/ports/:ident',
        policy: 'baremetal:port:update',
        enforcement: handler,
        summary: 'Change a port',
        body: patchSchema,
        handler: ports.update,
      }),
      route({
        method: 'DELETE',
        path: '/v1/ports/:ident',
        policy: 'baremetal:port:delete',
        enforcement: handler,
        summary: 'Remove a port',
        handler: ports.remove,
      }),
      ...machineRoutes(parts).filter(({ path }) => path.startsWith('/v1/')),
    ]),
  };
}

/** The API for machines, on the provisioning network's listener: no tokens, nothing secret. */
export function machineApi(parts: Parts): Api {
  return {
    service: 'baremetal-machines',
    path: '',
    policy: {},
    renderFault: baremetalFault,
    routes: withSlashes(machineRoutes(parts)),
  };
}

function machineRoutes(parts: Parts): Route[] {
  const machine = machineHandlers(parts);
  return [
    route({ method: 'GET', path: '/v1/lookup', policy: null, summary: 'Who am I? (ramdisk)', handler: machine.lookup }),
    route({
      method: 'POST',
      path: '/v1/heartbeat/:node',
      policy: null,
      summary: 'I am alive (ramdisk)',
      body: heartbeatSchema,
      handler: machine.heartbeat,
    }),
    route({
      method: 'POST',
      path: '/v1/continue_inspection',
      policy: null,
      summary: 'What I found (ramdisk)',
      payload: 'any',
      handler: machine.continueInspection,
    }),
    route({
      method: 'GET',
      path: '/boot/ipxe/:mac',
      policy: null,
      summary: 'iPXE script of a machine',
      handler: machine.ipxe,
    }),
    route({
      method: 'GET',
      path: '/boot/files/:file',
      policy: null,
      summary: 'Kernel and initramfs',
      handler: machine.bootFile,
    }),
    route({
      method: 'GET',
      path: '/boot/media/:file',
      policy: null,
      summary: 'Boot ISO of a node',
      handler: machine.media,
    }),
  ];
}

/** Ironic answers `/v1/nodes/` as it answers `/v1/nodes`. */
function withSlashes(routes: Route[]): Route[] {
  return routes.flatMap((one) => [one, { ...one, path: `${one.path}/` }]);
}
