// The public face of compute: servers on bare-metal nodes.
import type { Api, Caller } from '../openstack/index.ts';
import { actionLogHandlers } from './action/handlers.ts';
import { aggregateHandlers } from './aggregate/handlers.ts';
import { flavorHandlers } from './flavor/handlers.ts';
import { createFlavorStore } from './flavor/store.ts';
import { groupHandlers } from './group/handlers.ts';
import { hostHandlers } from './host/handlers.ts';
import { keypairHandlers } from './keypair/handlers.ts';
import { createKeypairStore } from './keypair/store.ts';
import { buildOperation } from './lifecycle/build.ts';
import { deleteOperation } from './lifecycle/delete.ts';
import { type Fitting, fittingMachines } from './lifecycle/fitting.ts';
import { powerOperation } from './lifecycle/power.ts';
import { syncPower } from './lifecycle/power-sync.ts';
import { rebuildOperation } from './lifecycle/rebuild.ts';
import { rescueOperation, unrescueOperation } from './lifecycle/rescue.ts';
import { limitsHandler } from './limits.ts';
import type { ComputeParts } from './parts.ts';
import { quotaHandlers } from './quota/handlers.ts';
import { computeApi } from './routes.ts';
import { actionHandler } from './server/actions.ts';
import { createServers } from './server/create.ts';
import { detailHandlers } from './server/details.ts';
import { isUuid, serverHandlers, startDelete } from './server/handlers.ts';
import { interfaceHandlers } from './server/interfaces.ts';
import type { ServerOrder } from './server/order.ts';
import { statusOf } from './server/server.ts';
import { findServer, type ServerWithPorts } from './server/store.ts';
import type { PortAddress, Texts } from './tables.ts';

export type { Fitting } from './lifecycle/fitting.ts';
export { machinesOf } from './machines.ts';
export { networksOf } from './networks.ts';
export type {
  Begun,
  ComputeParts,
  ConfigDrive,
  DeployOrder,
  ImageFacts,
  ImageSource,
  Machine,
  MachineSource,
  MachineWithNics,
  NetworkFacts,
  NetworkSource,
  NewPort,
  OnBehalf,
  PlacementSource,
  PortBinding,
  PortFacts,
  PowerTarget,
} from './parts.ts';
export type { ServerOrder } from './server/order.ts';
export type { RequestedNetwork } from './server/server.ts';
export type { PortAddress } from './tables.ts';

/** A server as the rest of the program sees it. */
export interface Server {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly projectId: string;
  /** Nova's: BUILD, ACTIVE, SHUTOFF, REBOOT, REBUILD, ERROR, ... */
  readonly status: string;
  readonly imageId: string | null;
  readonly flavorId: string;
  readonly metadata: Texts;
  /** The machine it has. */
  readonly nodeUuid: string | null;
  /** The operation that worked on it last. */
  readonly operationId: string | null;
  readonly fault: string | null;
  readonly ports: readonly {
    readonly portId: string;
    readonly networkId: string;
    readonly networkName: string;
    readonly macAddress: string;
    readonly addresses: readonly PortAddress[];
  }[];
}

export interface Compute {
  /** Compute API v2.1. */
  readonly api: Api;
  /**
   * Writes a server and starts its build; watch `operationId` for the end. With an `id` that exists already that server is
   * answered, and a build of it that failed or was parked goes on. Throws the errors of the Compute API's "Create server".
   */
  createServer(
    order: ServerOrder,
    caller: Caller,
    provenance: { requestId: string; parentId?: string },
  ): Promise<{ readonly id: string; readonly operationId: string }>;
  getServer(id: string): Promise<Server | undefined>;
  /** Id of a flavor that the caller may use, by id or name. */
  findFlavor(idOrName: string, caller: Caller): Promise<string | undefined>;
  /** Machines that a server of this flavor and image could be put on now, and of each other one why not. For plans. */
  fittingMachines(flavorId: string, imageId: string, caller: Caller): Promise<Fitting>;
  hasKeypair(name: string, caller: Caller): Promise<boolean>;
  /** Starts the removal and returns its operation; undefined when there is no such server. */
  deleteServer(
    id: string,
    caller: Caller,
    provenance: { requestId: string; parentId?: string },
  ): Promise<string | undefined>;
  /** Looks now whether machines are on or off; `start` does it every half minute. */
  syncPower(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

const powerSyncMs = 30_000;

/** Defines its operations: call it before `operations.launch()`. */
export function createCompute(parts: ComputeParts): Compute {
  const { database, operations } = parts;
  const flavors = createFlavorStore(database);
  const keypairs = createKeypairStore(database);
  const all = { ...parts, flavors, keypairs };
  operations.define('server.build', buildOperation(parts));
  operations.define('server.delete', deleteOperation(parts));
  operations.define('server.power', powerOperation(parts));
  operations.define('server.rebuild', rebuildOperation(parts));
  operations.define('server.rescue', rescueOperation(parts));
  operations.define('server.unrescue', unrescueOperation(parts));
  let timer: NodeJS.Timeout | undefined;
  let syncing: Promise<unknown> = Promise.resolve();
  const api = computeApi({
    servers: serverHandlers(all),
    details: detailHandlers(parts),
    interfaces: interfaceHandlers(all),
    act: actionHandler(all),
    flavors: flavorHandlers({ flavors }),
    keypairs: keypairHandlers({ keypairs }),
    groups: groupHandlers(database),
    hosts: hostHandlers(parts, new Date()),
    actionLog: actionLogHandlers(parts),
    aggregates: aggregateHandlers(database, parts.host),
    quotas: quotaHandlers(database),
    limits: limitsHandler(database),
  });
  return {
    api,
    async createServer(order, caller, provenance) {
      const { servers } = await createServers(all, order, caller, provenance);
      const [first] = servers;
      if (!first) throw new RangeError('an order without a server: minCount must be at least 1');
      return first;
    },
    async getServer(id) {
      const found = isUuid(id) ? await findServer(database, id) : undefined;
      return found && toServer(found);
    },
    async findFlavor(idOrName, caller) {
      const admin = caller.roles.includes('admin');
      const projectId = caller.projectId ?? '';
      const byId = await flavors.find(idOrName, projectId, admin);
      if (byId) return byId.id;
      const all = await flavors.list({ projectId, admin, minRamMb: 0, minDiskGb: 0, sortKey: 'name', sortDir: 'asc' });
      return all.find((flavor) => flavor.name === idOrName)?.id;
    },
    fittingMachines: (flavorId, imageId, caller) => fittingMachines(parts, flavors, flavorId, imageId, caller),
    hasKeypair: async (name, caller) => (await keypairs.find(caller.userId, name)) !== undefined,
    async deleteServer(id, caller, provenance) {
      const found = isUuid(id) ? await findServer(database, id) : undefined;
      return found && startDelete(parts, found.server, caller, provenance);
    },
    syncPower: () => syncPower(parts),
    start() {
      timer = setInterval(() => {
        syncing = syncPower(parts).catch((error: unknown) =>
          parts.log?.warn('the power of servers could not be compared with their machines', error),
        );
      }, powerSyncMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      await syncing;
    },
  };
}

function toServer({ server, ports }: ServerWithPorts): Server {
  return {
    id: server.id,
    name: server.name,
    hostname: server.hostname,
    projectId: server.project_id,
    status: statusOf(server.vm_state, server.task_state),
    imageId: server.image_id,
    flavorId: server.flavor.id,
    metadata: server.metadata,
    nodeUuid: server.node_uuid,
    operationId: server.operation_id,
    fault: server.fault?.message ?? null,
    ports: ports.map((port) => ({
      portId: port.port_id,
      networkId: port.network_id,
      networkName: port.network_name,
      macAddress: port.mac_address,
      addresses: port.fixed_ips,
    })),
  };
}
