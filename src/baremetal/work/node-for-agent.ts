// The node, with its ports, as its ramdisk is told of it with each step.
import type { Parts } from '../parts.ts';
import { type NodeRow, type NodeUpdate, tables } from '../store.ts';

/** Ironic sends the whole node; this is what steps read of it. No secret is in it: those of driver_info are sealed elsewhere. */
export function nodeForAgent(node: NodeRow) {
  return {
    uuid: node.uuid,
    name: node.name,
    driver_info: node.driver_info,
    driver_internal_info: node.driver_internal_info,
    instance_info: node.instance_info,
    properties: node.properties,
    raid_config: node.raid_config,
    target_raid_config: node.target_raid_config,
  };
}

/** In Ironic's words, the oldest first. */
export async function portsForAgent({ database }: Pick<Parts, 'database'>, uuid: string) {
  return tables(database)
    .selectFrom('baremetal_ports')
    .select(['uuid', 'address', 'name', 'pxe_enabled', 'physical_network', 'local_link_connection'])
    .where('node_uuid', '=', uuid)
    .orderBy('id')
    .execute();
}

/** The columns that a RAID step of the ramdisk changes: what it says it has made is what the node has now. */
export function raidConfigAfter(
  step: { readonly interface: string; readonly step: string },
  result: unknown,
): NodeUpdate {
  if (step.interface !== 'raid') return {};
  if (step.step === 'delete_configuration') return { raid_config: '{}' };
  return typeof result === 'object' && result !== null ? { raid_config: JSON.stringify(result) } : {};
}
