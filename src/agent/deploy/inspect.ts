// Collects what an inspection reports.
import { asAgentError } from '../errors.ts';
import type { Json } from '../parse.ts';
import type { InspectionReport } from '../protocol.ts';
import type { Machine } from './machine.ts';

/** The report of this machine; a missing root disk is part of the report, not a failure. `bootInterface` is a MAC, or BOOTIF's form of it. */
export async function inspect(
  machine: Machine,
  hints: Json | undefined,
  bootInterface: string | undefined,
): Promise<InspectionReport> {
  const inventory = await machine.inventory();
  const boot_interface = bootInterface ?? inventory.boot.pxe_interface;
  try {
    return { inventory, boot_interface, root_disk: await machine.rootDisk(hints) };
  } catch (thrown) {
    return { inventory, boot_interface, root_disk: null, error: asAgentError(thrown).message };
  }
}
