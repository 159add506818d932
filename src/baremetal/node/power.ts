// Asks for a change of a node's power.
import type { Transaction } from '../../database/index.ts';
import type { PowerAction } from '../../hardware/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import type { NodeRow } from '../store.ts';
import { changeNode } from './change.ts';
import { type Requested, startOn } from './provision.ts';
import { kindOf } from './states.ts';

export const powerActions: readonly PowerAction[] = [
  'power on',
  'power off',
  'rebooting',
  'soft power off',
  'soft rebooting',
];

export function isPowerAction(text: string): text is PowerAction {
  return powerActions.some((action) => action === text);
}

/** Starts node.power; its id. Throws NodeLocked, and InvalidStateRequested while the node is being cleaned. */
export async function requestPower(
  parts: Parts,
  tx: Transaction,
  node: NodeRow,
  action: PowerAction,
  asked: Requested & { readonly timeoutMs?: number },
): Promise<string> {
  if (node.disable_power_off && action.endsWith('power off')) {
    throw errors.Invalid(`Node ${node.uuid} is not to be switched off: disable_power_off is set.`);
  }
  if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
  const waits = kindOf(node.provision_state) === 'waiting' && node.provision_state !== 'clean wait';
  if (waits) throw errors.NodeLocked(node.uuid, parts.host);
  if (node.provision_state === 'clean wait' || node.provision_state === 'cleaning') {
    throw errors.InvalidStateRequested(action, node.uuid, node.provision_state, []);
  }
  const id = await startOn(
    parts,
    tx,
    node,
    'node.power',
    { action, ...(asked.timeoutMs === undefined ? {} : { timeoutMs: asked.timeoutMs }) },
    asked,
  );
  const target = action === 'power off' || action === 'soft power off' ? 'power off' : 'power on';
  await changeNode(
    parts,
    tx,
    node,
    { target_power_state: target, last_error: null, reservation: parts.host, operation_id: id, operation_epoch: 0 },
    { ...asked, operationId: id },
  );
  return id;
}
