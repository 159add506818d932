// Collects what an inspection reports.
import { asAgentError } from '../errors.ts';
import type { Json } from '../parse.ts';
import type { InspectionReport } from '../protocol.ts';
import type { Machine } from './machine.ts';

export interface InspectionWishes {
  readonly rootDeviceHints?: Json | undefined;
  /** A MAC, or BOOTIF's form of it. */
  readonly bootInterface?: string | undefined;
}

/** The report of this machine; a missing root disk is part of the report, not a failure. */
export async function inspect(machine: Machine, wishes: InspectionWishes): Promise<InspectionReport> {
  const found = await machine.inventory();
  const heard = await machine.lldp?.();
  const interfaces = found.interfaces.map((card) => ({ ...card, lldp: heard?.get(card.name) ?? null }));
  const report = {
    inventory: { ...found, interfaces },
    boot_interface: wishes.bootInterface ?? found.boot.pxe_interface,
    ...(machine.pciDevices ? { pci_devices: [...(await machine.pciDevices())] } : {}),
  };
  try {
    return { ...report, root_disk: await machine.rootDisk(wishes.rootDeviceHints) };
  } catch (thrown) {
    return { ...report, root_disk: null, error: asAgentError(thrown).message };
  }
}
