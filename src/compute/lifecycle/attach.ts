// Puts a server on its networks: a port for each, on the NICs of its machine, and takes it off again.
import type { Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import type { ComputeParts, PortFacts } from '../parts.ts';
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
      const binding = { deviceId: server.id, deviceOwner, hostId: nodeUuid, macAddress, dnsName: server.hostname };
      const portId = held.find((port) => port.position === position)?.port_id ?? wanted.portId;
      const port =
        portId === undefined
          ? await parts.networks.createPort(tx, {
              ...binding,
              networkId: wanted.networkId ?? '',
              projectId: server.project_id,
              ...(wanted.fixedIp === undefined ? {} : { fixedIp: wanted.fixedIp }),
            })
          : await parts.networks.bindPort(tx, portId, binding);
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

/** Deletes the ports made for the server, frees the others, and forgets both. */
export async function detachNetworks({ networks }: Pick<ComputeParts, 'networks'>, tx: Transaction, serverId: string) {
  const ports = await inTables(tx)
    .deleteFrom('compute_server_ports')
    .where('server_id', '=', serverId)
    .returning(['port_id', 'owned'])
    .execute();
  for (const { port_id, owned } of ports) {
    if (owned) await networks.deletePort(tx, port_id);
    else await networks.unbindPort(tx, port_id);
  }
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
