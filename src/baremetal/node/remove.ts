// Forgets a node.
import type { Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { syncProvider } from '../placement/provider.ts';
import { type NodeRow, tables } from '../store.ts';
import { type Because, telling } from './change.ts';

const removable = ['manageable', 'enroll', 'adopt failed', 'available'];

/** Deletes the node with its ports. Throws NodeLocked, NodeAssociated, NodeProtected, InvalidState. */
export async function removeNode(parts: Parts, tx: Transaction, node: NodeRow, because: Because): Promise<void> {
  if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
  if (node.instance_uuid !== null) throw errors.NodeAssociated(node.uuid, node.instance_uuid);
  if (node.protected) throw errors.NodeProtected(node.uuid);
  if (!removable.includes(node.provision_state) && !node.maintenance) {
    throw errors.InvalidState(
      `Can not delete node "${node.uuid}" while it is in provision state "${node.provision_state}". Valid provision states to perform deletion are: ${removable.join(', ')}`,
    );
  }
  const inside = await tables(tx)
    .selectFrom('baremetal_nodes')
    .select('uuid')
    .where('parent_node', '=', node.uuid)
    .executeTakeFirst();
  if (inside)
    throw errors.InvalidState(`Node ${node.uuid} has node ${inside.uuid} inside of it; delete that one first.`);
  await syncProvider(parts.placement, tx, node, undefined);
  await tables(tx)
    .updateTable('baremetal_allocations')
    .set({ node_uuid: null, state: 'error', last_error: `Node ${node.uuid} was deleted.` })
    .where('node_uuid', '=', node.uuid)
    .execute();
  const deleted = {
    kind: 'baremetal.node.deleted',
    subject: `node:${node.uuid}`,
    projectId: node.owner,
    requestId: because.requestId ?? null,
    payload: { name: node.name },
  };
  await telling(tx, [deleted]).deleteFrom('baremetal_nodes').where('id', '=', node.id).execute();
}
