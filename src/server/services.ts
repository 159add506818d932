// Builds every service and wires them to each other, by hand.
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Database } from '../database/index.ts';
import { createIdentity, createNoauth } from '../identity/index.ts';
import { createImages } from '../image/index.ts';
import type { Api, Authenticate } from '../openstack/index.ts';
import type { Operations } from '../operations/index.ts';
import { createOrchestration } from '../orchestration/index.ts';
import { createPlacement } from '../placement/index.ts';
import type { Config } from './config.ts';
import type { DataFolder } from './data-folder.ts';
import type { Provisioning } from './provisioning.ts';

export interface ServicesOptions {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly database: Database;
  readonly operations: Operations;
  readonly provisioning: Provisioning | undefined;
  readonly log: Logger;
}

export interface Services {
  readonly apis: readonly Api[];
  /** What machines may call on the provisioning network. */
  readonly machineApis: readonly Api[];
  readonly authenticate: Authenticate;
  /** Writes the catalogue for the address that was bound; returns its endpoints. */
  announce(origin: string): Promise<{ type: string; url: string }[]>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Catalogue entries: service type, name, path below the listener. */
const catalogue = [
  { type: 'identity', name: 'keystone', path: '/identity/v3' },
  { type: 'image', name: 'glance', path: '/image' },
  { type: 'network', name: 'neutron', path: '/network' },
  { type: 'placement', name: 'placement', path: '/placement' },
  { type: 'baremetal', name: 'ironic', path: '/baremetal' },
  { type: 'compute', name: 'nova', path: '/compute/v2.1' },
  { type: 'orchestration', name: 'heat', path: '/orchestration/v1/%(project_id)s' },
];

export async function createServices({
  config,
  folder,
  database,
  operations,
  provisioning,
}: ServicesOptions): Promise<Services> {
  const machinesOrigin = () => (provisioning ? `http://${provisioning.address}:${provisioning.port}` : '');
  const identity = createIdentity({ database, secret: folder.secret });
  const images = createImages({ database, folder: join(folder.path, 'chunks') });
  const placement = createPlacement({
    database,
    config: { maxCandidates: config.limits.max_candidates, enforceScope: config.enforce_scope },
  });
  const orchestration = createOrchestration({
    database,
    operations,
    secret: folder.secret,
    machinesOrigin,
    types: () => new Map(),
    constraintsFor: async () => ({ check: () => null }),
  });
  return {
    apis: [identity.api, images.api, placement.api, orchestration.api],
    machineApis: [images.machineApi, orchestration.machineApi],
    authenticate: config.auth === 'none' ? trusting(identity.authenticate) : identity.authenticate,
    async announce(origin) {
      const endpoints = catalogue.map(({ type, name, path }) => ({ type, name, url: `${origin}${path}` }));
      await identity.bootstrap({ adminPassword: folder.adminPassword, region: config.region, endpoints });
      return endpoints;
    },
    async start() {
      await images.sweep();
    },
    stop: async () => {},
  };
}

/** `--auth none`: real tokens still name their user, so that clients that log in work too; anything else is noauth2's. */
function trusting(authenticate: Authenticate): Authenticate {
  const noauth = createNoauth();
  return async (headers, api, request) => (await authenticate(headers, api, request)) ?? noauth(headers, api, request);
}
