// The virtual interfaces of a node: which port of the network service is on which of its NICs.
import type { Database, Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import { type NodeRow, type PortRow, tables } from '../store.ts';

export async function vifsOf(database: Database, node: string): Promise<string[]> {
  return (await portsOf(database, node)).flatMap((port) => vifOf(port) ?? []);
}

/** Throws VifNotAttached. */
export async function detachVif(tx: Transaction, node: NodeRow, vif: string): Promise<void> {
  const port = (await portsOf(tx, node.uuid)).find((one) => vifOf(one) === vif);
  if (!port) throw errors.VifNotAttached(vif, node.uuid);
  const { tenant_vif_port_id: _vif, ...rest } = port.internal_info;
  await writeInfo(tx, port, rest);
}

function portsOf(database: Database | Transaction, node: string): Promise<PortRow[]> {
  return tables(database)
    .selectFrom('baremetal_ports')
    .selectAll()
    .where('node_uuid', '=', node)
    .orderBy('pxe_enabled', 'desc')
    .orderBy('id')
    .execute();
}

function vifOf(port: PortRow): string | undefined {
  const vif = port.internal_info.tenant_vif_port_id;
  return typeof vif === 'string' ? vif : undefined;
}

async function writeInfo(tx: Transaction, port: PortRow, info: Readonly<Record<string, unknown>>): Promise<void> {
  await tables(tx)
    .updateTable('baremetal_ports')
    .set({ internal_info: JSON.stringify(info), updated_at: new Date() })
    .where('id', '=', port.id)
    .execute();
}

/**
 * Takes the port that the caller names, else the first free one, those that boot from the network first. Throws
 * VifAlreadyAttached and NoFreePort.
 */
export async function attachVif(
  tx: Transaction,
  node: NodeRow,
  vif: string,
  wanted: Readonly<Record<string, unknown>>,
): Promise<void> {
  const ports = await portsOf(tx, node.uuid);
  if (ports.some((port) => vifOf(port) === vif)) throw errors.VifAlreadyAttached(vif, node.uuid);
  const named = wanted.port_uuid;
  const free = ports.find((port) => vifOf(port) === undefined && (typeof named !== 'string' || port.uuid === named));
  if (!free) throw errors.NoFreePort(vif, node.uuid);
  await writeInfo(tx, free, { ...free.internal_info, tenant_vif_port_id: vif });
}
