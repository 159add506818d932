// The parts of a machine: processors, memory, NICs, disks.
import type { Bmc } from './bmc.ts';
import { fault } from './messages.ts';
import { chassis, collection, healthy, link, links, resource, system } from './resources.ts';
import { type Answer, ok, type RedfishRequest } from './router.ts';

export const listProcessors = (): Answer =>
  ok(collection(`${system}/Processors`, 'ProcessorCollection', 'Processors', [`${system}/Processors/CPU0`]));

export function getProcessor(_bmc: Bmc, request: RedfishRequest): Answer {
  if (request.path.id !== 'CPU0') throw fault('ResourceMissingAtURI', [request.uri]);
  return ok({
    ...resource(`${system}/Processors/CPU0`, 'Processor.v1_9_0.Processor', 'CPU0', 'Processor'),
    Socket: 'CPU0',
    ProcessorType: 'CPU',
    ProcessorArchitecture: 'x86',
    InstructionSet: 'x86-64',
    Manufacturer: 'QEMU',
    Model: 'QEMU Virtual CPU',
    TotalCores: 1,
    TotalThreads: 1,
    MaxSpeedMHz: 2000,
    Status: healthy,
  });
}

export const listMemory = (): Answer =>
  ok(collection(`${system}/Memory`, 'MemoryCollection', 'Memory', [`${system}/Memory/DIMM0`]));

export function getMemory(bmc: Bmc, request: RedfishRequest): Answer {
  if (request.path.id !== 'DIMM0') throw fault('ResourceMissingAtURI', [request.uri]);
  return ok({
    ...resource(`${system}/Memory/DIMM0`, 'Memory.v1_9_0.Memory', 'DIMM0', 'Memory module'),
    CapacityMiB: bmc.spec.memoryMb,
    MemoryType: 'DRAM',
    MemoryDeviceType: 'DDR4',
    DeviceLocator: 'DIMM0',
    Status: healthy,
  });
}

const nicPath = (index: number): string => `${system}/EthernetInterfaces/NIC${index + 1}`;

export const listInterfaces = (bmc: Bmc): Answer =>
  ok(
    collection(
      `${system}/EthernetInterfaces`,
      'EthernetInterfaceCollection',
      'Ethernet interfaces',
      bmc.spec.nics.map((_, index) => nicPath(index)),
    ),
  );

export function getInterface(bmc: Bmc, request: RedfishRequest): Answer {
  const index = bmc.spec.nics.findIndex((_, one) => `NIC${one + 1}` === request.path.id);
  const nic = bmc.spec.nics[index];
  if (!nic) throw fault('ResourceMissingAtURI', [request.uri]);
  const up = bmc.machine.power() === 'On' && !bmc.state.faults['link-down'];
  return ok({
    ...resource(nicPath(index), 'EthernetInterface.v1_6_0.EthernetInterface', `NIC${index + 1}`, `NIC ${index + 1}`),
    MACAddress: nic.mac.toUpperCase(),
    PermanentMACAddress: nic.mac.toUpperCase(),
    InterfaceEnabled: true,
    LinkStatus: up ? 'LinkUp' : 'LinkDown',
    SpeedMbps: 1000,
    FullDuplex: true,
    Status: { State: 'Enabled', Health: up || bmc.machine.power() !== 'On' ? 'OK' : 'Warning' },
  });
}

export const storage = `${system}/Storage/1`;
export const drivePath = (index: number): string => `${storage}/Drives/Disk${index}`;

const diskHealth = (bmc: Bmc): { State: string; Health: string } => ({
  State: 'Enabled',
  Health: bmc.state.faults['disk-failing'] ? 'Critical' : 'OK',
});

const diskModel = (bmc: Bmc): string => (bmc.spec.diskBus === 'nvme' ? 'QEMU NVMe Ctrl' : 'VirtIO block');

export const listStorage = (): Answer => ok(collection(`${system}/Storage`, 'StorageCollection', 'Storage', [storage]));

export function getStorage(bmc: Bmc, request: RedfishRequest): Answer {
  if (request.path.id !== '1') throw fault('ResourceMissingAtURI', [request.uri]);
  return ok({
    ...resource(storage, 'Storage.v1_9_0.Storage', '1', 'Disk controller'),
    StorageControllers: [
      {
        '@odata.id': `${storage}#/StorageControllers/0`,
        MemberId: '0',
        Name: diskModel(bmc),
        Status: healthy,
        SupportedControllerProtocols: ['PCIe'],
        SupportedDeviceProtocols: [bmc.spec.diskBus === 'nvme' ? 'NVMe' : 'PCIe'],
      },
    ],
    Drives: links(bmc.spec.disks.map((_, index) => drivePath(index))),
    'Drives@odata.count': bmc.spec.disks.length,
    Volumes: link(`${storage}/Volumes`),
    Status: diskHealth(bmc),
  });
}

function diskIndex(bmc: Bmc, request: RedfishRequest): number {
  const index = bmc.spec.disks.findIndex((_, one) => `Disk${one}` === request.path.disk);
  if (index < 0 || request.path.id !== '1') throw fault('ResourceMissingAtURI', [request.uri]);
  return index;
}

export function getDrive(bmc: Bmc, request: RedfishRequest): Answer {
  const index = diskIndex(bmc, request);
  return ok({
    ...resource(drivePath(index), 'Drive.v1_11_0.Drive', `Disk${index}`, `Disk ${index}`),
    CapacityBytes: bmc.spec.disks[index]?.sizeBytes ?? 0,
    MediaType: 'SSD',
    Protocol: bmc.spec.diskBus === 'nvme' ? 'NVMe' : 'PCIe',
    Manufacturer: 'QEMU',
    Model: diskModel(bmc),
    SerialNumber: `${bmc.spec.serial}-${index}`,
    BlockSizeBytes: 512,
    PredictedMediaLifeLeftPercent: bmc.state.faults['disk-failing'] ? 0 : 100,
    FailurePredicted: bmc.state.faults['disk-failing'] === true,
    Status: diskHealth(bmc),
    Links: { Chassis: link(chassis) },
  });
}
