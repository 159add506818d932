// The whole Bare Metal API, part by part.
import {
  type Answer,
  type Api,
  type ApiRequest,
  baremetalFault,
  formatMicroversion,
  json,
  type Route,
  route,
} from '../openstack/index.ts';
import { collectionRoutes } from './collection-routes.ts';
import { discoveryRoutes } from './discovery/routes.ts';
import { queryOf } from './document/guarded.ts';
import { withJsonSuffix } from './document/json-suffix.ts';
import { withNamesSince } from './document/named-since.ts';
import { listing } from './document/paging.ts';
import { driverHandlers } from './driver/handlers.ts';
import { errors } from './errors.ts';
import { machineHandlers } from './machine/api.ts';
import { heartbeatSchema } from './machine/heartbeat.ts';
import { eventsSchema, networkEvents } from './network-event.ts';
import { equipmentRoutes, nodePartRoutes, nodeRoutes, stateRoutes } from './node/routes.ts';
import type { Parts } from './parts.ts';
import { defaultPolicy, scopeTypes } from './policy.ts';
import { maxVersion, minVersion, rootDocument, v1Document } from './versions.ts';

/** The API for people and their programs. */
export function baremetalApi(parts: Parts): Api {
  const rangeHeaders = {
    'X-OpenStack-Ironic-API-Minimum-Version': formatMicroversion(minVersion),
    'X-OpenStack-Ironic-API-Maximum-Version': formatMicroversion(maxVersion),
  };
  return {
    service: 'baremetal',
    path: '/baremetal',
    noauthAdmins: 'everybody',
    policy: defaultPolicy(parts.config.strictScopes),
    scopeTypes: scopeTypes(parts.config.strictScopes),
    renderFault: baremetalFault,
    answersOptions: true,
    microversions: {
      range: { min: minVersion, max: maxVersion },
      headers: ['x-openstack-ironic-api-version', 'openstack-api-version'],
      refusal: { headers: rangeHeaders, malformed: 406 },
      answer: (version) => ({
        'X-OpenStack-Ironic-API-Version': version,
        ...rangeHeaders,
        'OpenStack-API-Version': `baremetal ${version}`,
        Vary: 'X-OpenStack-Ironic-API-Version, OpenStack-API-Version',
      }),
    },
    routes: withAliases(
      [
        versionsRoute,
        route({
          method: 'GET',
          path: '/v1',
          policy: null,
          summary: 'What version 1 has',
          handler: ({ context }) => json(v1Document(context)),
        }),
        ...nodeRoutes(parts),
        ...stateRoutes(parts),
        ...nodePartRoutes(parts),
        ...equipmentRoutes(parts),
        ...collectionRoutes(parts),
        ...discoveryRoutes(parts),
        ...driverRoutes(parts),
        route({
          method: 'POST',
          path: '/v1/events',
          since: '1.54',
          policy: 'baremetal:events:post',
          summary: 'What the network service says of ports',
          body: eventsSchema,
          handler: networkEvents(parts),
        }),
        ...agentRoutes(parts, true),
      ]
        .map(withNamesSince)
        .map(withJsonSuffix),
    ),
  };
}

const versionsRoute = route({
  method: 'GET',
  path: '',
  policy: null,
  summary: 'Versions',
  handler: ({ context }) => json(rootDocument(context)),
});

/** The API for machines, on the provisioning network's listener: no tokens, nothing secret. */
export function machineApi(parts: Parts): Api {
  const machine = machineHandlers(parts);
  return {
    service: 'baremetal-machines',
    path: '',
    policy: {},
    renderFault: baremetalFault,
    routes: withAliases([
      // A stock agent asks which version to speak: without an answer it speaks one that knows no tokens.
      versionsRoute,
      ...agentRoutes(parts, false),
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
    ]),
  };
}

function driverRoutes(parts: Parts): Route[] {
  const drivers = driverHandlers(parts);
  const closed = (
    path: string,
    rule: string,
    summary: string,
    handler: (request: ApiRequest) => Promise<Answer> | Answer,
    { asks, ...more }: { since?: string; until?: string; asks?: readonly string[] } = {},
  ) => route({ method: 'GET', path, policy: `baremetal:${rule}`, summary, ...queryOf(asks), handler, ...more });
  return [
    closed('/v1/drivers', 'driver:get', 'Hardware types', drivers.list, { asks: ['type', 'detail', 'fields'] }),
    closed('/v1/drivers/:driver', 'driver:get', 'A hardware type', drivers.show, { asks: ['fields'] }),
    closed('/v1/drivers/:driver/properties', 'driver:get_properties', 'What its driver_info holds', drivers.properties),
    closed(
      '/v1/drivers/:driver/raid/logical_disk_properties',
      'driver:get_raid_logical_disk_properties',
      'What a logical disk may say',
      drivers.logicalDisks,
      { since: '1.12' },
    ),
    closed(
      '/v1/drivers/:driver/raid/logical_disk_properties',
      'driver:get_raid_logical_disk_properties',
      'No RAID yet',
      () => {
        throw errors.NotAcceptable('RAID needs microversion 1.12 or newer.');
      },
      { until: '1.11' },
    ),
    closed(
      '/v1/drivers/:driver/vendor_passthru/methods',
      'driver:vendor_passthru',
      'Vendor methods',
      drivers.vendorMethods,
    ),
    ...['/v1/drivers/:driver/vendor_passthru', '/v1/drivers/:driver/vendor_passthru/:method'].flatMap((path) =>
      (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) =>
        route({
          method,
          path,
          policy: 'baremetal:driver:vendor_passthru',
          summary: 'Call a vendor method',
          payload: 'any',
          handler: drivers.vendorPassthru,
        }),
      ),
    ),
    closed('/v1/conductors', 'conductor:get', 'Processes that serve nodes', drivers.conductors, {
      since: '1.49',
      asks: listing,
    }),
    closed('/v1/conductors/:host', 'conductor:get', 'A process that serves nodes', drivers.conductor, {
      since: '1.49',
      asks: ['fields'],
    }),
  ];
}

/** `versioned`: on the listener for people they belong to microversions, as everything there. */
function agentRoutes(parts: Parts, versioned: boolean): Route[] {
  const machine = machineHandlers(parts);
  const since = (version: string) => (versioned ? { since: version } : {});
  return [
    route({
      method: 'GET',
      path: '/v1/lookup',
      policy: null,
      summary: 'Who am I? (ramdisk)',
      handler: machine.lookup,
      ...since('1.22'),
    }),
    route({
      method: 'POST',
      path: '/v1/heartbeat/:node',
      policy: null,
      summary: 'I am alive (ramdisk)',
      body: heartbeatSchema,
      handler: machine.heartbeat,
      ...since('1.22'),
    }),
    route({
      method: 'POST',
      path: '/v1/continue_inspection',
      policy: null,
      summary: 'What I found (ramdisk)',
      payload: 'any',
      handler: machine.continueInspection,
      ...since('1.84'),
    }),
  ];
}

/** Ironic answers `/v1/nodes/` and `/nodes` as it answers `/v1/nodes`. */
function withAliases(routes: Route[]): Route[] {
  return routes.flatMap((one) => {
    const paths = one.path.startsWith('/v1/') ? [one.path, one.path.slice('/v1'.length)] : [one.path];
    return paths.flatMap((path) => [
      { ...one, path },
      { ...one, path: `${path}/` },
    ]);
  });
}
