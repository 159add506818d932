// The public face of bare metal.
import { hostname } from 'node:os';
import { sql } from 'kysely';
import { createSealer, type Database, type Transaction } from '../database/index.ts';
import type { HardwareDriver, PowerAction } from '../hardware/index.ts';
import type { Images } from '../image/index.ts';
import { type Api, systemCaller } from '../openstack/index.ts';
import type { Operations } from '../operations/index.ts';
import { createConsoles } from './console/consoles.ts';
import { introspectionApi } from './introspection/routes.ts';
import { startLoops } from './loops.ts';
import { type Dhcp, type DhcpOptions, startDhcp } from './machine/dhcp.ts';
import { changeNode } from './node/change.ts';
import { findNode, lockNode, seekNode } from './node/find.ts';
import { forgetHistory } from './node/forget-history.ts';
import { requestPower } from './node/power.ts';
import { type Requested, requestVerb } from './node/provision.ts';
import { type BaremetalConfig, type BootOptions, defaultConfig, type Parts, type ProviderSync } from './parts.ts';
import { baremetalApi, machineApi } from './routes.ts';
import { createSensorReadings, type NodeSensors } from './sensors.ts';
import { type NodeRow, type PortRow, tables } from './store.ts';
import { modelOf } from './work/deploy.ts';
import { nodeOperations } from './work/index.ts';

export type { Hook } from './inspection-hook/hook.ts';
export { hooksNamed as inspectionHooks, usualInspection } from './inspection-hook/hooks.ts';
export { builtInRules } from './inspection-rule/built-in.ts';
export type { DhcpOptions } from './machine/dhcp.ts';
export { type ProvisionState, provisionStates, transitions } from './node/states.ts';
export type { BaremetalConfig, BootOptions, BuildBootIso } from './parts.ts';
export { placementClass } from './placement/provider.ts';
export type { NodeSensors } from './sensors.ts';

/** A node as other services see it: the row without its secrets. */
export type Node = Omit<NodeRow, 'driver_secrets' | 'config_drive' | 'rescue_password'>;
export type BaremetalPort = PortRow;

export interface DeployRequest {
  /** Node UUID. */
  readonly nodeId: string;
  /** Image id or name in the image service. */
  readonly image: string;
  /** Files of the config drive (meta_data, user_data, network_data, vendor_data), or base64 of a built one. */
  readonly configDrive?: string | Readonly<Record<string, unknown>>;
  readonly instanceUuid?: string;
  readonly instanceName?: string;
  /** Further keys of instance_info, such as root_device or preserve_ephemeral. */
  readonly instanceInfo?: Readonly<Record<string, unknown>>;
  /** Writes the image anew on a node in use, keeping its state partition. */
  readonly rebuild?: boolean;
  readonly requestedBy: string;
  readonly requestId?: string;
  readonly projectId?: string;
  /** The operation that waits for this one. */
  readonly parentId?: string;
}

export interface NodeRequest {
  readonly nodeId: string;
  readonly requestedBy: string;
  readonly requestId?: string;
  readonly projectId?: string;
  readonly parentId?: string;
}

/** An operation was begun. Call `afterCommit` when the transaction has committed. */
export interface BegunOperation {
  readonly operationId: string;
  readonly afterCommit: () => Promise<void>;
}

export interface Baremetal {
  /** Bare Metal API v1. */
  readonly api: Api;
  /** Ironic Inspector's API v1. */
  readonly introspectionApi: Api;
  /** For the machines' listener: lookup, heartbeat, boot files. */
  readonly machineApi: Api;
  /** Node by UUID or name; undefined when there is none. */
  getNode(ident: string): Promise<Node | undefined>;
  /** All nodes, in the order they were added. */
  listNodes(): Promise<Node[]>;
  /** NICs of a node in the order they were added. */
  listPorts(nodeId: string): Promise<BaremetalPort[]>;
  /**
   * Queues node.deploy in `tx` and answers its id; the node is `deploying` from the commit on. Throws NodeNotFound, NodeLocked,
   * NodeInMaintenance, InstanceAssociated, InvalidStateRequested.
   */
  deploy(tx: Transaction, request: DeployRequest): Promise<string>;
  /** Queues node.undeploy; takes the node from an operation that waits for its machine. */
  undeploy(tx: Transaction, request: NodeRequest): Promise<BegunOperation>;
  /** Queues node.power. */
  setPower(
    tx: Transaction,
    request: NodeRequest & { readonly action: PowerAction; readonly timeoutMs?: number },
  ): Promise<string>;
  /** Queues node.rescue: a ramdisk to log in to as root with this password, which is kept sealed until then. */
  rescue(tx: Transaction, request: NodeRequest & { readonly password: string }): Promise<string>;
  /** Queues node.unrescue. */
  unrescue(tx: Transaction, request: NodeRequest): Promise<string>;
  /** Sets or removes instance_uuid, without anything being done to the machine. */
  setInstance(tx: Transaction, nodeId: string, instance: { uuid: string; name?: string } | null): Promise<void>;
  /** The image that was written to the node has come up through the firmware: the next of its kind may start by kexec. */
  provenBoot(nodeId: string): Promise<void>;
  /** Leaves each node so many lines of history, its latest; how many went. */
  forgetHistory(lines: number): Promise<number>;
  /** What the machines' sensors said lately. */
  sensors(): readonly NodeSensors[];
  /** Starts DHCP and the loops: this process's record, power sync, lost operations. Throws DnsmasqError. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface BaremetalOptions {
  readonly database: Database;
  /** Its kinds `node.*` are defined here, so create bare metal before `operations.launch()`. */
  readonly operations: Operations;
  readonly placement: ProviderSync;
  readonly images: Pick<Images, 'find' | 'openData'>;
  readonly hardware: readonly HardwareDriver[];
  readonly boot: BootOptions;
  /** DHCP and TFTP for the provisioning network, started by `start()`; absent where others do that. */
  readonly dhcp?: DhcpOptions;
  readonly config?: Partial<BaremetalConfig>;
  /** 32 bytes; seals passwords, agent tokens and config drives at rest. */
  readonly secret: Uint8Array;
  readonly log?: { warn(message: string, detail?: unknown): void };
}

export function createBaremetal(options: BaremetalOptions): Baremetal {
  const { database, operations, images, log = console } = options;
  let dhcp: Dhcp | undefined;
  const sealer = createSealer(options.secret);
  const config = { ...defaultConfig, ...options.config };
  const alone: Omit<Parts, 'consoles'> = {
    database,
    operations,
    placement: options.placement,
    images: { find: (name) => images.find(name, systemCaller), openData: (id) => images.openData(id) },
    hardware: new Map(options.hardware.map((driver) => [driver.name, driver])),
    boot: options.boot,
    config,
    sensors: createSensorReadings({ database, config }),
    sealer,
    host: hostname(),
    log,
    refreshLeases: async () => dhcp?.refresh(),
  };
  const parts: Parts = { ...alone, consoles: createConsoles(alone) };
  for (const [kind, definition] of Object.entries(nodeOperations(parts))) operations.define(kind, definition);
  let stopLoops: (() => Promise<void>) | undefined;

  return {
    api: baremetalApi(parts),
    introspectionApi: introspectionApi(parts),
    machineApi: machineApi(parts),
    getNode: async (ident) => {
      const row = await seekNode(database, ident);
      return row && withoutSecrets(row);
    },
    listNodes: async () =>
      (await tables(database).selectFrom('baremetal_nodes').selectAll().orderBy('id').execute()).map(withoutSecrets),
    listPorts: (nodeId) =>
      tables(database)
        .selectFrom('baremetal_ports')
        .selectAll()
        .where('node_uuid', '=', nodeId)
        .orderBy('id')
        .execute(),

    async deploy(tx, request) {
      const node = await lockNode(tx, request.nodeId);
      const prepared = await changeNode(
        parts,
        tx,
        node,
        {
          instance_info: JSON.stringify({
            ...node.instance_info,
            ...request.instanceInfo,
            image_source: request.image,
          }),
          ...(request.instanceUuid === undefined ? {} : { instance_uuid: request.instanceUuid }),
          ...(request.instanceName === undefined ? {} : { instance_name: request.instanceName }),
        },
        asked(request),
      );
      const verb = request.rebuild ? 'rebuild' : 'active';
      const drive = request.configDrive === undefined ? {} : { configDrive: request.configDrive };
      return begunId(await requestVerb(parts, tx, prepared, verb, drive, asked(request)));
    },

    async undeploy(tx, request) {
      const begun = await requestVerb(parts, tx, await lockNode(tx, request.nodeId), 'deleted', {}, asked(request));
      return { operationId: begunId(begun), afterCommit: begun.afterCommit };
    },

    async setPower(tx, request) {
      const timeout = request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs };
      return requestPower(parts, tx, await lockNode(tx, request.nodeId), request.action, {
        ...asked(request),
        ...timeout,
      });
    },

    async rescue(tx, request) {
      const node = await lockNode(tx, request.nodeId);
      return begunId(
        await requestVerb(parts, tx, node, 'rescue', { rescuePassword: request.password }, asked(request)),
      );
    },

    async unrescue(tx, request) {
      return begunId(await requestVerb(parts, tx, await lockNode(tx, request.nodeId), 'unrescue', {}, asked(request)));
    },

    async setInstance(tx, nodeId, instance) {
      await changeNode(parts, tx, await lockNode(tx, nodeId), {
        instance_uuid: instance?.uuid ?? null,
        instance_name: instance?.name ?? null,
      });
    },

    async provenBoot(nodeId) {
      const node = await findNode(database, nodeId);
      const { image_written: written, boot_method: method } = node.driver_internal_info;
      const digest =
        typeof written === 'object' && written !== null && 'digest' in written ? written.digest : undefined;
      const model = await modelOf(parts, node);
      if (typeof digest !== 'string' || model === null || method !== 'reboot') return;
      await tables(database)
        .insertInto('baremetal_proven_boots')
        .values({ image_hash: digest, model, proven_at: sql<Date>`now()` })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    forgetHistory: (lines) => forgetHistory(database, lines),
    sensors: () => parts.sensors.all(),
    async start() {
      const { machinesUrl } = options.boot;
      if (options.dhcp && machinesUrl !== undefined) dhcp = await startDhcp(options.dhcp, machinesUrl, log);
      stopLoops = await startLoops(parts);
    },
    async stop() {
      await stopLoops?.();
      await parts.consoles.close();
      await dhcp?.stop();
      await Promise.all(options.hardware.map((driver) => driver.close()));
    },
  };
}

function withoutSecrets({
  driver_secrets: _secrets,
  config_drive: _drive,
  rescue_password: _password,
  ...node
}: NodeRow): Node {
  return node;
}

function asked(request: Omit<NodeRequest, 'nodeId'>): Requested {
  return {
    requestedBy: request.requestedBy,
    ...(request.requestId === undefined ? {} : { requestId: request.requestId }),
    ...(request.projectId === undefined ? {} : { projectId: request.projectId }),
    ...(request.parentId === undefined ? {} : { parentId: request.parentId }),
  };
}

function begunId({ operationId }: { operationId: string | null }): string {
  if (operationId === null) throw new Error('a verb that starts an operation answered none');
  return operationId;
}
