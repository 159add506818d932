// Reads what an agent reports of its machine, and derives the node's properties from it.
import { type Static, Type } from '@sinclair/typebox';
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

const open = { additionalProperties: true } as const;
const textOrNull = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const disk = Type.Object({ name: Type.String(), size: Type.Number() }, open);

/** What is read of a report: agents of other makes and ages leave out what ours says, and say more. */
const reportSchema = Type.Object(
  {
    inventory: Type.Object(
      {
        interfaces: Type.Array(Type.Object({ mac_address: Type.String() }, open)),
        cpu: Type.Object({ count: Type.Integer(), architecture: Type.String() }, open),
        memory: Type.Object({ physical_mb: Type.Integer() }, open),
        disks: Type.Array(disk),
        system_vendor: Type.Optional(Type.Object({ manufacturer: textOrNull, product_name: textOrNull }, open)),
        boot: Type.Optional(Type.Object({ current_boot_mode: textOrNull }, open)),
      },
      open,
    ),
    root_disk: Type.Optional(Type.Union([disk, Type.Null()])),
    error: textOrNull,
  },
  open,
);

/** Throws OperationFailed when the report cannot be read or says that inspection failed. */
export function findingsOfReport(value: unknown): Findings {
  const fault = violation(reportSchema, value, 'body');
  if (fault)
    throw new OperationFailed(
      `The inspection report cannot be read. ${describeFault(fault)}`,
      'Use a ramdisk of this release.',
    );
  // The schema that was just checked is the declaration of this type.
  const { inventory, root_disk: rootDisk, error } = value as Static<typeof reportSchema>;
  if (error)
    throw new OperationFailed(`Inspection failed on the machine: ${error}.`, "The agent's log is on the console.");
  const disk = rootDisk ?? [...inventory.disks].sort((a, b) => a.size - b.size)[0];
  const { manufacturer, product_name: product } = inventory.system_vendor ?? {};
  const mode = inventory.boot?.current_boot_mode;
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
    bootMode: mode === 'bios' || mode === 'uefi' ? mode : null,
    inventory: { ...inventory },
  };
}
