// Out-of-band inspection: what a Redfish service knows about its machine.
import type { Firmware } from '../capabilities.ts';
import type { HardwareInventory, Inspection } from '../contract.ts';
import { member, numberOf, type Resource, references, resources, textOf } from './resource.ts';
import type { SystemAccess } from './system.ts';

const architectures: Readonly<Record<string, string>> = { 'x86-64': 'x86_64', x86: 'i686', ARM: 'aarch64' };

export function redfishInspection(system: SystemAccess, firmware: Firmware): Inspection {
  async function membersOf(of: Resource, name: string): Promise<Resource[]> {
    const path = textOf(member(of, name), '@odata.id');
    if (path === null) return [];
    return Promise.all(references(await system.client.get(path)).map((one) => system.client.get(one)));
  }

  async function disks(of: Resource): Promise<HardwareInventory['disks']> {
    const drives: Resource[] = [];
    for (const controller of await membersOf(of, 'Storage')) {
      drives.push(...(await Promise.all(references(controller.Drives).map((path) => system.client.get(path)))));
    }
    // Services from before the Storage schema, and controllers without drives of their own.
    if (drives.length === 0) {
      for (const controller of await membersOf(of, 'SimpleStorage')) drives.push(...resources(controller.Devices));
    }
    return drives.flatMap((drive) => {
      const sizeBytes = numberOf(drive, 'CapacityBytes');
      if (sizeBytes === null) return [];
      return [
        { name: textOf(drive, 'Name') ?? textOf(drive, 'Id') ?? 'disk', sizeBytes, model: textOf(drive, 'Model') },
      ];
    });
  }

  return {
    async inventory() {
      const of = await system.read();
      const [nics, processors, storage, versions] = await Promise.all([
        membersOf(of, 'EthernetInterfaces'),
        membersOf(of, 'Processors'),
        disks(of),
        firmware.components(),
      ]);
      const versionOf = (part: string) => versions.find(({ component }) => component === part)?.version ?? null;
      const cpus = processors.filter((one) => (textOf(one, 'ProcessorType') ?? 'CPU') === 'CPU');
      const threads = cpus.reduce(
        (sum, cpu) => sum + (numberOf(cpu, 'TotalThreads') ?? numberOf(cpu, 'TotalCores') ?? 0),
        0,
      );
      const memoryGib = numberOf(member(of, 'MemorySummary'), 'TotalSystemMemoryGiB');
      const mode = textOf(member(of, 'Boot'), 'BootSourceOverrideMode');
      const architecture = cpus.map((cpu) => textOf(cpu, 'InstructionSet')).find((set) => set !== null);
      return {
        manufacturer: textOf(of, 'Manufacturer'),
        model: textOf(of, 'Model'),
        serialNumber: textOf(of, 'SerialNumber'),
        biosVersion: versionOf('bios'),
        bmcVersion: versionOf('bmc'),
        cpuCount: threads > 0 ? threads : numberOf(member(of, 'ProcessorSummary'), 'LogicalProcessorCount'),
        cpuModel:
          textOf(member(of, 'ProcessorSummary'), 'Model') ??
          cpus.map((cpu) => textOf(cpu, 'Model')).find(Boolean) ??
          null,
        cpuArch: architecture ? (architectures[architecture] ?? architecture) : null,
        memoryMb: memoryGib === null ? null : Math.round(memoryGib * 1024),
        bootMode: mode === 'UEFI' ? 'uefi' : mode === 'Legacy' ? 'bios' : null,
        macs: nics.flatMap((nic) => {
          const mac = textOf(nic, 'PermanentMACAddress') ?? textOf(nic, 'MACAddress');
          return mac === null ? [] : [mac.toLowerCase().replaceAll('-', ':')];
        }),
        disks: storage,
      };
    },
  };
}
