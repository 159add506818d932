// Completes a stock whole-disk image on its disk: the backup table moves to the real end and a config drive partition is added.
import { randomUUID } from 'node:crypto';
import { type Partition, primaryBytes, readTable, writeTable } from '../../disk-layout/gpt.ts';
import { AgentError } from '../../errors.ts';
import type { BlockDevice } from './block-device.ts';

const mebibyte = 1 << 20;
const linuxData = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
const alignUp = (bytes: number) => Math.ceil(bytes / mebibyte) * mebibyte;

/** Throws AgentError `diskTooSmall` when no room is left for the config drive, `layout` when the image has no partition table to add it to. */
export async function finishStock(device: BlockDevice, configDrive: Uint8Array | undefined): Promise<void> {
  const table = readTable(await device.read(0, primaryBytes(device.sectorBytes)), device.sectorBytes);
  // One MiB is left for the backup table, as every partitioning program does.
  const end = Math.floor(device.sizeBytes / mebibyte) * mebibyte - mebibyte;
  const sizeBytes = alignUp(configDrive?.length ?? 0);
  const offsetBytes = end - sizeBytes;
  if (!table) {
    if (configDrive) await addToMbr(device, offsetBytes, sizeBytes, configDrive);
    return;
  }
  const used = Math.max(0, ...table.partitions.map((partition) => partition.offsetBytes + partition.sizeBytes));
  if (used > offsetBytes) {
    throw new AgentError(
      'diskTooSmall',
      `the image's partitions reach to ${used} of ${device.sizeBytes} bytes, which leaves no room`,
    );
  }
  const drive: Partition = {
    type: linuxData,
    guid: randomUUID().toUpperCase(),
    name: 'config-2',
    attributes: 0n,
    offsetBytes,
    sizeBytes,
  };
  const partitions = configDrive ? [...table.partitions, drive] : table.partitions;
  const bytes = writeTable({ ...table, partitions }, device.sizeBytes, device.sectorBytes);
  if (configDrive) await device.write(offsetBytes, configDrive);
  await device.write(bytes.backupOffsetBytes, bytes.backup);
  await device.write(0, bytes.primary);
}

/** Puts the config drive into a free slot of the four in an MBR. */
async function addToMbr(device: BlockDevice, offset: number, size: number, configDrive: Uint8Array): Promise<void> {
  const sector = await device.read(0, 512);
  const slots = [446, 462, 478, 494].map((at) => ({
    at,
    type: sector.readUInt8(at + 4),
    end: (sector.readUInt32LE(at + 8) + sector.readUInt32LE(at + 12)) * 512,
  }));
  const free = slots.find((slot) => slot.type === 0);
  if (sector.readUInt16LE(510) !== 0xaa55 || !free) {
    throw new AgentError('layout', 'the image has no partition table with a free slot for the config drive');
  }
  if (slots.some((slot) => slot.type !== 0 && slot.end > offset)) {
    throw new AgentError('diskTooSmall', "the image's partitions leave no room for the config drive");
  }
  if ((offset + size) / 512 > 0xffffffff) {
    throw new AgentError('layout', 'an MBR cannot hold a config drive at the end of a disk beyond 2 TiB');
  }
  sector.set([0, 0xfe, 0xff, 0xff, 0x83, 0xfe, 0xff, 0xff], free.at);
  sector.writeUInt32LE(offset / 512, free.at + 8);
  sector.writeUInt32LE(size / 512, free.at + 12);
  await device.write(offset, configDrive);
  await device.write(0, sector);
}
