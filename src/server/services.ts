// Builds every service and wires them to each other, by hand.
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type BootOptions, createBaremetal, type DhcpOptions, type NodeSensors } from '../baremetal/index.ts';
import { buildBootIso } from '../boot/media/index.ts';
import { createCompute, machinesOf, networksOf } from '../compute/index.ts';
import type { Database } from '../database/index.ts';
import { createFakeHardware, createIpmi, createRedfish } from '../hardware/index.ts';
import { createIdentity, createNoauth } from '../identity/index.ts';
import { createImages } from '../image/index.ts';
import { createNetwork, type Network } from '../network/index.ts';
import type { Api, Authenticate } from '../openstack/index.ts';
import type { Operations } from '../operations/index.ts';
import { createOrchestration, liveTypes, machinesFitting, templateQuestions } from '../orchestration/index.ts';
import { createPlacement } from '../placement/index.ts';
import { builtInRulesFrom } from './built-in-rules.ts';
import type { Config } from './config.ts';
import type { DataFolder } from './data-folder.ts';
import { discoveryProfiles } from './discovery-profiles.ts';
import { identityOptions } from './identity-options.ts';
import { inspectionOptions } from './inspection-options.ts';
import { enforcerOf } from './policy.ts';
import type { Provisioning } from './provisioning.ts';

export interface ServicesOptions {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly database: Database;
  readonly operations: Operations;
  readonly provisioning: Provisioning | undefined;
  /** Where deploy agents call over TLS, and whom they trust there. */
  readonly agents?: BootOptions['agents'];
  readonly log: Logger;
}

export interface Services {
  readonly apis: readonly Api[];
  /** What machines may call on the provisioning network. */
  readonly machineApis: readonly Api[];
  /** Resource types that stacks can create, beside groups and nested stacks. */
  readonly creatable: readonly string[];
  readonly authenticate: Authenticate;
  /** What deploy agents may call over TLS. */
  readonly agentApis: readonly Api[];
  /** Leaves each node so many lines of history, its latest; how many went. */
  forgetHistory(lines: number): Promise<number>;
  /** What the machines' sensors said lately. */
  sensors(): readonly NodeSensors[];
  /** To be called before anything is served. */
  prepare(): Promise<void>;
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
  { type: 'baremetal-introspection', name: 'ironic-inspector', path: '/introspection' },
  { type: 'compute', name: 'nova', path: '/compute/v2.1' },
  { type: 'orchestration', name: 'heat', path: '/orchestration/v1/%(project_id)s' },
];

export async function createServices({
  config,
  folder,
  database,
  operations,
  provisioning,
  agents,
  log,
}: ServicesOptions): Promise<Services> {
  const warnings = { warn: (message: string, detail?: unknown) => log.warn({ detail }, message) };
  const identity = createIdentity({ database, secret: folder.secret, ...identityOptions(config.identity) });
  const images = createImages({
    database,
    folder: join(folder.path, 'chunks'),
    operations,
    log: warnings,
  });
  const network = createNetwork({ database });
  const placement = createPlacement({
    database,
    config: { maxCandidates: config.limits.max_candidates, enforceScope: config.enforce_scope },
    log: warnings,
  });
  const baremetal = createBaremetal({
    database,
    operations,
    placement,
    images,
    hardware: [createRedfish(), createIpmi(), createFakeHardware()],
    boot: {
      machinesUrl: provisioning?.origin,
      agents,
      deployKernel: 'deploy-kernel',
      deployRamdisk: 'deploy-ramdisk',
      cacheFolder: join(folder.path, 'boot'),
      buildBootIso,
      kernelArguments: 'console=ttyS0 quiet net.ifnames=0 mitigations=off',
    },
    config: {
      powerSyncMs: config.sync.power_s * 1000,
      sensorSyncMs: config.sync.sensors_s * 1000,
      restrictLookup: config.ramdisk.restrict_lookup,
      fastTrack: config.ramdisk.fast_track,
      fastTrackTimeoutMs: config.ramdisk.fast_track_timeout_s * 1000,
      verifyBmcClock: config.verifying.bmc_clock,
      automatedClean: config.cleaning.automated,
      ramdiskTimeoutMs: config.limits.callback_timeout_s * 1000,
      holdTimeoutMs: config.limits.hold_timeout_s * 1000,
      powerPolicy: config.power.policy,
      strictScopes: config.enforce_scope,
      inspection: inspectionOptions(config.inspection),
      builtInRules: builtInRulesFrom(config.inspection.built_in_rules),
      console: {
        address: config.console.address,
        firstPort: config.console.first_port,
        lastPort: config.console.last_port,
        idleMs: config.console.timeout_s * 1000,
      },
      discovery: { mode: config.discovery.mode, profiles: discoveryProfiles(config.discovery) },
    },
    ...(provisioning && config.provision.dhcp
      ? { dhcp: dhcpOptions(provisioning, network, join(folder.path, 'dhcp')) }
      : {}),
    secret: folder.secret,
    log: warnings,
  });
  const compute = createCompute({
    database,
    operations,
    placement,
    machines: machinesOf(baremetal, operations),
    networks: networksOf(network),
    images,
    host: hostname(),
  });
  const orchestration = createOrchestration({
    database,
    operations,
    secret: folder.secret,
    region: config.region,
    machinesOrigin: () => provisioning?.origin ?? '',
    types: (channels, secrets) =>
      liveTypes({
        database,
        operations,
        compute,
        network,
        images,
        channels,
        secrets,
        enforcerOf: (api) => enforcerOf(config, api),
      }),
    questions: templateQuestions({ images, compute, network }),
    fitting: machinesFitting({ images, compute }),
    async firstReport(serverId) {
      // The image has come up on this machine model: the next one of the two may be started by kexec.
      const node = (await compute.getServer(serverId))?.nodeUuid;
      if (node) await baremetal.provenBoot(node);
    },
  });
  return {
    apis: [
      identity.api,
      images.api,
      network.api,
      placement.api,
      baremetal.api,
      baremetal.introspectionApi,
      compute.api,
      orchestration.api,
    ],
    creatable: orchestration.creatable,
    machineApis: [images.machineApi, baremetal.machineApi, orchestration.machineApi],
    agentApis: [baremetal.machineApi],
    forgetHistory: baremetal.forgetHistory,
    sensors: () => baremetal.sensors(),
    authenticate: config.auth === 'none' ? trusting(identity.authenticate) : identity.authenticate,
    prepare: () => identity.bindSecrets(),
    async announce(origin) {
      const endpoints = catalogue.map(({ type, name, path }) => ({ type, name, url: `${origin}${path}` }));
      await identity.bootstrap({ adminPassword: folder.adminPassword, region: config.region, endpoints });
      return endpoints;
    },
    async start() {
      await images.start();
      if (provisioning) await network.ensureProvisioningNetwork(provisioningNetwork(provisioning));
      await baremetal.start();
      compute.start();
    },
    async stop() {
      await images.stop();
      await compute.stop();
      await baremetal.stop();
      placement.close();
    },
  };
}

const provisioningNetworkName = 'ctlplane';

function provisioningNetwork({ cidr, address, ports }: Provisioning) {
  return {
    name: provisioningNetworkName,
    cidr,
    gateway: address,
    dhcpStart: ports.first,
    dhcpEnd: ports.last,
    dns: [],
  };
}

/** Machines with a port get that port's address; the others one of the dynamic pool. */
function dhcpOptions(provisioning: Provisioning, network: Network, folder: string): DhcpOptions {
  return {
    network: {
      interface: provisioning.interface,
      address: provisioning.address,
      cidr: provisioning.cidr,
      pool: provisioning.dynamicPool,
      router: provisioning.address,
    },
    folder,
    async leases() {
      const found = await network.findNetwork(provisioningNetworkName);
      const leases = found ? await network.leases(found.id) : [];
      return leases.flatMap(({ macAddress, addresses, hostname }) => {
        const address = addresses.find((one) => !one.includes(':'));
        return address === undefined
          ? []
          : [{ mac: macAddress, address, ...(hostname === undefined ? {} : { hostname }) }];
      });
    },
  };
}

/** `--auth none`: real tokens still name their user, so that clients that log in work too; anything else is noauth2's. */
function trusting(authenticate: Authenticate): Authenticate {
  const noauth = createNoauth();
  return async (headers, api, request) => (await authenticate(headers, api, request)) ?? noauth(headers, api, request);
}
