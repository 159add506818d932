// Writes down what inspection has derived: the node's ports, its inventory, the report itself.
import { randomUUID } from 'node:crypto';
import type { Transaction } from '../../database/index.ts';
import { sameValue } from '../node/secrets.ts';
import { type JsonObject, type PortRow, tables } from '../store.ts';
import type { PortDraft } from './hook.ts';
import type { Report } from './report.ts';

/** The node's ports as hooks see them. */
export async function portsOf(tx: Transaction, node: string): Promise<PortRow[]> {
  return tables(tx).selectFrom('baremetal_ports').selectAll().where('node_uuid', '=', node).orderBy('id').execute();
}

export function draftOf({ address, local_link_connection, physical_network }: PortRow): PortDraft {
  return { address, isNew: false, local_link_connection, physical_network };
}

/** Makes the node's ports what the hooks have made of them. A MAC address that another node has stays there. */
export async function keepPorts(
  tx: Transaction,
  node: string,
  before: readonly PortRow[],
  after: readonly PortDraft[],
): Promise<void> {
  for (const { address, isNew, local_link_connection, physical_network } of after) {
    const changed = { local_link_connection: JSON.stringify(local_link_connection), physical_network };
    if (isNew) {
      await tables(tx)
        .insertInto('baremetal_ports')
        .values({ uuid: randomUUID(), node_uuid: node, address, ...changed })
        .onConflict((conflict) => conflict.column('address').doNothing())
        .execute();
      continue;
    }
    const known = before.find((one) => one.address === address);
    if (!known || sameValue(draftOf(known), { address, isNew, local_link_connection, physical_network })) continue;
    await tables(tx)
      .updateTable('baremetal_ports')
      .set({ ...changed, updated_at: new Date() })
      .where('id', '=', known.id)
      .execute();
  }
  const gone = before.filter(({ address }) => !after.some((one) => one.address === address)).map(({ id }) => id);
  if (gone.length > 0) await tables(tx).deleteFrom('baremetal_ports').where('id', 'in', gone).execute();
}

/** Replaces what is known of the node. */
export async function keepReport(
  tx: Transaction,
  node: string,
  { report, pluginData }: { readonly report: Report; readonly pluginData: JsonObject },
): Promise<void> {
  const row = {
    inventory: JSON.stringify(report.inventory),
    plugin_data: JSON.stringify(pluginData),
    report: JSON.stringify(report),
    updated_at: new Date(),
  };
  await tables(tx)
    .insertInto('baremetal_inventories')
    .values({ node_uuid: node, ...row })
    .onConflict((conflict) => conflict.column('node_uuid').doUpdateSet(row))
    .execute();
}
