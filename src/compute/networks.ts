// The network service as compute's source of networks and ports.
import { randomBytes } from 'node:crypto';
import type { Network, NetworkSummary, Port } from '../network/index.ts';
import type { Caller } from '../openstack/index.ts';
import type { NetworkSource, PortBinding, PortFacts } from './parts.ts';

export function networksOf(
  network: Pick<
    Network,
    'listNetworks' | 'findNetwork' | 'subnetsOf' | 'findSubnet' | 'getPort' | 'createPort' | 'updatePort' | 'deletePort'
  >,
): NetworkSource {
  async function facts(port: Port): Promise<PortFacts> {
    const on = await network.findNetwork(port.networkId);
    if (!on) throw new Error(`network ${port.networkId} of port ${port.id} is gone`);
    const subnets = await network.subnetsOf(on.id);
    const addresses = port.fixedIps.flatMap(({ subnetId, ipAddress }) => {
      const subnet = subnets.find(({ id }) => id === subnetId);
      if (!subnet) return [];
      return [
        {
          ip: ipAddress,
          version: subnet.ipVersion === 6 ? (6 as const) : (4 as const),
          subnetId,
          cidr: subnet.cidr,
          gateway: subnet.gatewayIp,
          dnsServers: subnet.dnsNameservers,
          routes: subnet.hostRoutes,
        },
      ];
    });
    return {
      id: port.id,
      networkId: on.id,
      networkName: on.name,
      mtu: on.mtu,
      macAddress: port.macAddress,
      status: port.status,
      deviceId: port.deviceId,
      projectId: port.projectId,
      addresses,
    };
  }

  return {
    async networks(caller) {
      const all = await network.listNetworks();
      const own = all.filter((one) => isTheirs(one, caller));
      return own.length > 0 || !caller.roles.includes('admin') ? own : all;
    },
    async network(idOrName, caller) {
      const found = await network.findNetwork(idOrName);
      return found && (isTheirs(found, caller) || caller.roles.includes('admin')) ? found : undefined;
    },
    subnet: (idOrName) => network.findSubnet(idOrName),
    async port(id) {
      const found = await network.getPort(id);
      return found && facts(found);
    },
    async createPort(tx, { networkId, projectId, subnetId, fixedIp, ...binding }) {
      const address = {
        ...(subnetId === undefined ? {} : { subnetId }),
        ...(fixedIp === undefined ? {} : { ipAddress: fixedIp }),
      };
      const addresses = Object.keys(address).length === 0 ? {} : { fixedIps: [address] };
      return facts(await network.createPort(tx, { networkId, projectId, ...addresses, ...bound(binding) }));
    },
    bindPort: async (tx, id, binding) => facts(await network.updatePort(tx, id, bound(binding))),
    async unbindPort(tx, id) {
      // The machine's own MAC address goes with the machine: kept, it would keep the next port off this network.
      await network.updatePort(tx, id, {
        deviceId: '',
        deviceOwner: '',
        bindingHostId: '',
        dnsName: '',
        macAddress: randomMac(),
      });
    },
    deletePort: (tx, id) => network.deletePort(tx, id),
  };
}

function isTheirs({ shared, projectId }: NetworkSummary, caller: Caller): boolean {
  return shared || projectId === caller.projectId;
}

function bound({ deviceId, deviceOwner, hostId, macAddress, dnsName }: PortBinding) {
  return { deviceId, deviceOwner, bindingHostId: hostId, macAddress, dnsName };
}

/** OpenStack's prefix for made-up addresses. */
function randomMac(): string {
  return ['fa:16:3e', ...[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}
