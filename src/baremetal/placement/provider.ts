// Keeps a node's resource provider in step with the node, in the transaction that changes the node.
import type { Transaction } from '../../database/index.ts';
import type { ProviderSync } from '../parts.ts';
import type { NodeRow } from '../store.ts';

/** What placement knows of a node. */
export interface ProviderFacts {
  readonly name: string;
  readonly resourceClass: string;
  /** 1 keeps new claims away; what is claimed already stays. */
  readonly reserved: 0 | 1;
  readonly traits: readonly string[];
}

/** Placement's name of a bare-metal resource class: `baremetal` -> `CUSTOM_BAREMETAL` (Nova's rule). */
export function placementClass(resourceClass: string): string {
  return `CUSTOM_${resourceClass.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

/** Of a node, what placement is told. */
export type ProvidedNode = Pick<
  NodeRow,
  'uuid' | 'name' | 'resource_class' | 'provision_state' | 'maintenance' | 'retired' | 'allocation_uuid' | 'traits'
>;

/** The provider that a node should have; undefined: none, for nothing is known of its use yet. */
export function providerOf(node: ProvidedNode): ProviderFacts | undefined {
  if (node.resource_class === null || node.provision_state === 'enroll' || node.provision_state === 'verifying') {
    return undefined;
  }
  const free =
    node.provision_state === 'available' && !node.maintenance && !node.retired && node.allocation_uuid === null;
  return {
    name: node.name ?? node.uuid,
    resourceClass: placementClass(node.resource_class),
    reserved: free ? 0 : 1,
    traits: [...node.traits].sort(),
  };
}

/** Whether a change of the node is none for placement. */
export function sameProvider(before: ProvidedNode, after: ProvidedNode): boolean {
  return JSON.stringify(providerOf(before)) === JSON.stringify(providerOf(after));
}

/** Brings the provider from what `before` wants to what `after` wants; nothing happens when that is the same. */
export async function syncProvider(
  placement: ProviderSync,
  tx: Transaction,
  before: NodeRow | undefined,
  after: NodeRow | undefined,
): Promise<void> {
  const had = before && providerOf(before);
  const wants = after && providerOf(after);
  const uuid = (after ?? before)?.uuid;
  if (uuid === undefined || JSON.stringify(had) === JSON.stringify(wants)) return;
  if (!wants) {
    await placement.removeProvider(tx, uuid);
    return;
  }
  if (had?.name !== wants.name) await placement.ensureProvider(tx, { uuid, name: wants.name });
  if (had?.resourceClass !== wants.resourceClass || had.reserved !== wants.reserved) {
    await placement.setInventory(tx, uuid, {
      [wants.resourceClass]: { total: 1, reserved: wants.reserved, maxUnit: 1 },
    });
  }
  if (JSON.stringify(had?.traits ?? []) !== JSON.stringify(wants.traits))
    await placement.setTraits(tx, uuid, wants.traits);
}
