// Lets the driver forget what it keeps for a node: its session with the BMC, and what it has found out about that.
import type { Parts } from '../parts.ts';
import type { NodeRow } from '../store.ts';
import { driverInfoOf } from '../work/node-work.ts';

/** To be called when the change is committed. `after`: the node as it is now; undefined: it is gone. */
export function forgetMachine(parts: Pick<Parts, 'hardware' | 'sealer'>, before: NodeRow, after?: NodeRow): void {
  const now = after && after.driver === before.driver ? driverInfoOf(parts, after) : undefined;
  parts.hardware.get(before.driver)?.forget?.(driverInfoOf(parts, before), now);
}
