// Puts a server on its networks: a port for each, on the NICs of its machine, and takes it off again.
import type { Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import type { ComputeParts, PortFacts } from '../parts.ts';
import type { RequestedNetwork } from '../server/server.ts';
import { inTables, type ServerRow } from '../tables.ts';

const deviceOwner = 'compute:nova';

/** Makes or binds the ports that are not bound to this machine yet. Run again it changes nothing. */
export async function attachNetworks(parts: ComputeParts, server: ServerRow, nodeUuid: string): Promise<void> {
  const machine = await parts.machines.get(nodeUuid);
  if (!machine) throw new Error(`node ${nodeUuid} is gone`);
  await parts.database.transaction().execute(async (tx) => {
    const held = await inTables(tx)
      .selectFrom('compute_server_ports')
      .selectAll()
      .where('server_id', '=', server.id)
      .orderBy('position')
      .execute();
    for (const [position, wanted] of server.requested_networks.entries()) {
      const macAddress = machine.macAddresses[position];
      if (macAddress === undefined) throw new Error(`node ${nodeUuid} has no NIC number ${position + 1}`);
      const portId = held.find((port) => port.position === position)?.port_id ?? wanted.portId;
      const port = await takePort(parts.networks, tx, server, wanted, { nodeUuid, macAddress, portId });
      await remember(tx, server.id, position, port, { owned: wanted.portId === undefined, tag: wanted.tag ?? null });
    }
  });
}

async function remember(
  tx: Transaction,
  serverId: string,
  position: number,
  port: PortFacts,
  { owned, tag }: { owned: boolean; tag: string | null },
): Promise<void> {
  const facts = {
    network_id: port.networkId,
    network_name: port.networkName,
    mac_address: port.macAddress,
    fixed_ips: JSON.stringify(port.addresses),
  };
  await inTables(tx)
    .insertInto('compute_server_ports')
    .values({ server_id: serverId, port_id: port.id, position, owned, tag, ...facts })
    .onConflict((conflict) => conflict.columns(['server_id', 'port_id']).doUpdateSet(facts))
    .execute();
}

/** Puts the server on one more network, on the first NIC of its machine that carries none. @throws ApiError */
export async function attachPort(
  { machines, networks }: Pick<ComputeParts, 'machines' | 'networks'>,
  tx: Transaction,
  server: ServerRow,
  wanted: RequestedNetwork,
): Promise<PortFacts> {
  const machine = server.node_uuid === null ? undefined : await machines.get(server.node_uuid);
  if (!machine) throw errors.MachineMissing(server.id);
  const held = await inTables(tx)
    .selectFrom('compute_server_ports')
    .select(['mac_address'])
    .where('server_id', '=', server.id)
    .execute();
  const taken = new Set(held.map((port) => port.mac_address));
  const macAddress = machine.macAddresses.find((mac) => !taken.has(mac));
  if (macAddress === undefined) throw errors.NicMissing(machine.name ?? machine.uuid, machine.macAddresses.length);
  const position = machine.macAddresses.indexOf(macAddress);
  const port = await takePort(networks, tx, server, wanted, {
    nodeUuid: machine.uuid,
    macAddress,
    portId: wanted.portId,
  });
  await remember(tx, server.id, position, port, { owned: wanted.portId === undefined, tag: wanted.tag ?? null });
  return port;
}

/** Takes the server off one network; false when the port is none of its. */
export async function detachPort(
  { networks }: Pick<ComputeParts, 'networks'>,
  tx: Transaction,
  serverId: string,
  portId: string,
): Promise<boolean> {
  const row = await inTables(tx)
    .deleteFrom('compute_server_ports')
    .where('server_id', '=', serverId)
    .where('port_id', '=', portId)
    .returning(['port_id', 'owned'])
    .executeTakeFirst();
  if (row) await letGo(networks, tx, row);
  return row !== undefined;
}

/** A port made for the server goes with it; any other is freed. */
function letGo(networks: ComputeParts['networks'], tx: Transaction, port: { port_id: string; owned: boolean }) {
  return port.owned ? networks.deletePort(tx, port.port_id) : networks.unbindPort(tx, port.port_id);
}

/** Binds the port that is there, or makes one. */
function takePort(
  networks: ComputeParts['networks'],
  tx: Transaction,
  server: ServerRow,
  wanted: RequestedNetwork,
  on: { readonly nodeUuid: string; readonly macAddress: string; readonly portId: string | undefined },
): Promise<PortFacts> {
  const { nodeUuid: hostId, macAddress, portId } = on;
  const binding = { deviceId: server.id, deviceOwner, hostId, macAddress, dnsName: server.hostname };
  if (portId !== undefined) return networks.bindPort(tx, portId, binding);
  return networks.createPort(tx, {
    ...binding,
    networkId: wanted.networkId ?? '',
    projectId: server.project_id,
    ...(wanted.subnetId === undefined ? {} : { subnetId: wanted.subnetId }),
    ...(wanted.fixedIp === undefined ? {} : { fixedIp: wanted.fixedIp }),
  });
}

/** Deletes the ports made for the server, frees the others, and forgets both. */
export async function detachNetworks({ networks }: Pick<ComputeParts, 'networks'>, tx: Transaction, serverId: string) {
  const ports = await inTables(tx)
    .deleteFrom('compute_server_ports')
    .where('server_id', '=', serverId)
    .returning(['port_id', 'owned'])
    .execute();
  for (const port of ports) await letGo(networks, tx, port);
}

/** The MTU of each of the server's networks. */
export async function mtusOf({ networks }: Pick<ComputeParts, 'networks'>, portIds: readonly string[]) {
  const found: Record<string, number> = {};
  for (const id of portIds) {
    const port = await networks.port(id);
    if (!port) throw errors.PortNotFound(id);
    found[port.networkId] = port.mtu;
  }
  return found;
}
