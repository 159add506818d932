// Reads what an agent reports of its machine, and derives the node's properties from it.
import { type InspectionReport, inspectionReport } from '../../agent/index.ts';
import type { BootMode } from '../../hardware/index.ts';
import { describeFault, violation } from '../../openstack/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import type { JsonObject } from '../store.ts';

export interface Findings {
  readonly properties: JsonObject;
  readonly macs: readonly string[];
  readonly bootMode: BootMode | null;
  readonly inventory: JsonObject;
}

/** Throws OperationFailed when the report cannot be read or says that inspection failed. */
export function findingsOfReport(value: unknown): Findings {
  const fault = violation(inspectionReport, value, 'body');
  if (fault)
    throw new OperationFailed(
      `The inspection report cannot be read. ${describeFault(fault)}`,
      'Use a ramdisk of this release.',
    );
  // The schema that was just checked is the declaration of this type.
  const { inventory, root_disk: rootDisk, error } = value as InspectionReport;
  if (error)
    throw new OperationFailed(`Inspection failed on the machine: ${error}.`, "The agent's log is on the console.");
  const disk = rootDisk ?? [...inventory.disks].sort((a, b) => a.size - b.size)[0];
  const { manufacturer, product_name: product } = inventory.system_vendor;
  return {
    properties: {
      cpus: inventory.cpu.count,
      cpu_arch: inventory.cpu.architecture,
      memory_mb: inventory.memory.physical_mb,
      ...(disk ? { local_gb: Math.floor(disk.size / 2 ** 30) } : {}),
      ...(manufacturer ? { vendor: manufacturer } : {}),
      ...(product ? { model: product } : {}),
    },
    macs: inventory.interfaces.map(({ mac_address: mac }) => mac.toLowerCase()),
    bootMode: inventory.boot.current_boot_mode,
    inventory: { ...inventory },
  };
}
