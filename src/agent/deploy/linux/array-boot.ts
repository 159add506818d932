// Lets each disk of an array start the machine: firmware reads disks, not arrays.
import { type Partition, type PartitionTable, primaryBytes, readTable, writeTable } from '../../disk-layout/gpt.ts';
import { AgentError } from '../../errors.ts';
import type { Disk } from '../../protocol.ts';
import { type BlockDevice, openBlockDevice } from './block-device.ts';

const mebibyte = 1 << 20;
const copyBytes = 4 * mebibyte;
const espType = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const legacyBootable = 4n;

/** Takes from each disk what it would start: before the array gets a new image, so that no old kernel meets a half-written root. */
export async function clearBoot(members: readonly Disk[]): Promise<void> {
  await eachMember(members, async (device, table) => {
    const esp = espOf(table);
    if (esp) await device.zero(esp.offsetBytes, mebibyte);
    await device.zero(0, 440);
  });
}

/**
 * Copies the EFI system partition of the image on the array to each disk; where BIOS starts from that partition too, as with golden
 * images, its boot code as well. Throws AgentError `bootLoader` when the image has none, when BIOS would not start it (`bootMode`), or for
 * disks without a place for it.
 */
export async function copyBoot(array: BlockDevice, members: readonly Disk[], bootMode: 'bios' | 'uefi'): Promise<void> {
  const table = readTable(await array.read(0, primaryBytes(array.sectorBytes)), array.sectorBytes);
  const from = espOf(table);
  if (!table || !from) {
    throw new AgentError(
      'bootLoader',
      `the image on ${array.path} has no EFI system partition to be copied to its disks`,
    );
  }
  const forBios = (from.attributes & legacyBootable) !== 0n;
  if (bootMode === 'bios' && !forBios) {
    throw new AgentError('bootLoader', 'BIOS does not start this whole-disk image from an array', {
      details: 'Start the machine under UEFI, or deploy a golden or a partition image.',
    });
  }
  await eachMember(members, async (device, own) => {
    const to = espOf(own);
    if (!own || !to || to.sizeBytes < from.sizeBytes) {
      throw new AgentError(
        'bootLoader',
        `${device.path} has no room for an EFI system partition of ${from.sizeBytes} bytes`,
      );
    }
    for (let at = 0; at < from.sizeBytes; at += copyBytes) {
      const bytes = await array.read(from.offsetBytes + at, Math.min(copyBytes, from.sizeBytes - at));
      await device.write(to.offsetBytes + at, bytes);
    }
    if (!forBios) return;
    const partitions = own.partitions.map((one) => (one === to ? { ...one, attributes: from.attributes } : one));
    const bytes = writeTable({ ...own, ...bootCodeOf(table), partitions }, device.sizeBytes, device.sectorBytes);
    await device.write(bytes.backupOffsetBytes, bytes.backup);
    await device.write(0, bytes.primary);
  });
}

function bootCodeOf({ bootCode, active }: PartitionTable): Pick<PartitionTable, 'bootCode' | 'active'> {
  return { bootCode, active };
}

function espOf(table: PartitionTable | undefined): Partition | undefined {
  return table?.partitions.find(({ type }) => type === espType);
}

async function eachMember(
  members: readonly Disk[],
  work: (device: BlockDevice, table: PartitionTable | undefined) => Promise<void>,
): Promise<void> {
  for (const disk of members) {
    const device = await openBlockDevice(disk.name, disk.size, disk.logical_sectors);
    try {
      await work(device, readTable(await device.read(0, primaryBytes(device.sectorBytes)), device.sectorBytes));
      await device.sync();
    } finally {
      await device.close();
    }
  }
}
