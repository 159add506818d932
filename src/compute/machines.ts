// Bare metal as compute's source of machines.
import type { Baremetal, Node } from '../baremetal/index.ts';
import type { Transaction } from '../database/index.ts';
import type { Operations } from '../operations/index.ts';
import type { DeployOrder, Machine, MachineSource, OnBehalf, PowerTarget } from './parts.ts';

const powerActions = {
  on: 'power on',
  off: 'power off',
  'soft off': 'soft power off',
  reboot: 'rebooting',
  'soft reboot': 'soft rebooting',
} as const satisfies Record<PowerTarget, string>;

/** Verbs answer an operation that runs for the same parent already: a step that is repeated after a crash starts nothing twice. */
export function machinesOf(
  baremetal: Pick<
    Baremetal,
    'getNode' | 'listNodes' | 'listPorts' | 'deploy' | 'undeploy' | 'setPower' | 'rescue' | 'unrescue'
  >,
  operations: Pick<Operations, 'list'>,
): MachineSource {
  const running = async (uuid: string, kind: string) => {
    const found = await operations.list({ target: `node:${uuid}`, kind, states: ['queued', 'running', 'waiting'] });
    return found[0]?.id;
  };
  /** One that has ended well counts too: the step that started it was cut off for longer than it took. */
  const begun = async (uuid: string, kind: string, parentId: string | undefined) => {
    if (parentId === undefined) return undefined;
    const found = await operations.list({ target: `node:${uuid}`, kind, parentId });
    return found.find(({ state }) => state !== 'failed' && state !== 'parked' && state !== 'cancelled')?.id;
  };
  const deploy = async (
    tx: Transaction,
    uuid: string,
    order: DeployOrder,
    behalf: OnBehalf,
    rebuild: boolean,
  ): Promise<string> => {
    const already = await begun(uuid, 'node.deploy', behalf.parentId);
    if (already !== undefined) return already;
    const { configDrive } = order;
    return baremetal.deploy(tx, {
      nodeId: uuid,
      image: order.imageId,
      instanceUuid: order.serverId,
      instanceName: order.serverName,
      instanceInfo: {
        display_name: order.serverName,
        traits: order.traits,
        capabilities: order.capabilities,
        ...(order.rootGb > 0 ? { root_gb: order.rootGb } : {}),
        ...(order.swapMb > 0 ? { swap_mb: order.swapMb } : {}),
        ...(order.ephemeralGb > 0 ? { ephemeral_gb: order.ephemeralGb } : {}),
        // Null takes back what an earlier rebuild asked for; the state of a golden image is kept by it as well.
        ...(rebuild ? { preserve_ephemeral: order.keepEphemeral ? true : null } : {}),
      },
      ...(configDrive
        ? {
            configDrive: {
              meta_data: configDrive.metaData,
              network_data: configDrive.networkData,
              vendor_data: configDrive.vendorData,
              ...(configDrive.userData === undefined ? {} : { user_data: configDrive.userData }),
            },
          }
        : {}),
      rebuild,
      projectId: order.projectId,
      ...behalf,
    });
  };

  return {
    list: async () => (await baremetal.listNodes()).map(machineOf),
    async get(uuid) {
      const node = await baremetal.getNode(uuid);
      if (!node) return undefined;
      const ports = await baremetal.listPorts(uuid);
      const bootFirst = [...ports].sort((a, b) => Number(b.pxe_enabled) - Number(a.pxe_enabled));
      return { ...machineOf(node), macAddresses: bootFirst.map(({ address }) => address) };
    },
    deploy: (tx, uuid, order, behalf) => deploy(tx, uuid, order, behalf, false),
    rebuild: (tx, uuid, order, behalf) => deploy(tx, uuid, order, behalf, true),
    async undeploy(tx, uuid, serverId, behalf) {
      const node = await baremetal.getNode(uuid);
      if (node?.instance_uuid !== serverId) return undefined;
      const already = await running(uuid, 'node.undeploy');
      if (already !== undefined) return { operationId: already, afterCommit: async () => undefined };
      return baremetal.undeploy(tx, { nodeId: uuid, ...behalf });
    },
    async setPower(tx, uuid, target, behalf) {
      const already = await begun(uuid, 'node.power', behalf.parentId);
      return already ?? baremetal.setPower(tx, { nodeId: uuid, action: powerActions[target], ...behalf });
    },
    rescue: (tx, uuid, password, behalf) => baremetal.rescue(tx, { nodeId: uuid, password, ...behalf }),
    async unrescue(tx, uuid, behalf) {
      const already = await begun(uuid, 'node.unrescue', behalf.parentId);
      return already ?? baremetal.unrescue(tx, { nodeId: uuid, ...behalf });
    },
  };
}

function machineOf(node: Node): Machine {
  const { properties } = node;
  return {
    uuid: node.uuid,
    name: node.name,
    resourceClass: node.resource_class,
    cpus: whole(properties.cpus),
    memoryMb: whole(properties.memory_mb),
    localGb: whole(properties.local_gb),
    cpuArchitecture: typeof properties.cpu_arch === 'string' ? properties.cpu_arch : null,
    traits: node.traits,
    provisionState: node.provision_state,
    powerState: node.power_state,
    maintenance: node.maintenance,
    instanceUuid: node.instance_uuid,
  };
}

/** Properties of a node are what somebody wrote: numbers, texts, nothing. */
function whole(value: unknown): number {
  const number = Number(value ?? 0);
  return Number.isInteger(number) && number >= 0 ? number : 0;
}
