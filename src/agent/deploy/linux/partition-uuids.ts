// Reads the UUIDs of the file systems that an image brought.
import type { Partition } from '../../disk-layout/gpt.ts';
import type { BlockDevice } from './block-device.ts';

/** By Ironic's names: `root uuid` and `efi system partition uuid`; what cannot be read is left out. */
export async function partitionUuids(
  device: BlockDevice,
  partitions: readonly Partition[],
): Promise<Readonly<Record<string, string>>> {
  const result: Record<string, string> = {};
  const root = partitions.find((partition) => partition.name === 'root-a') ?? largest(partitions);
  const esp = partitions.find((partition) => partition.type === 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B');
  if (root) {
    const block = await device.read(root.offsetBytes + 1024, 1024);
    if (block.length === 1024 && block.readUInt16LE(56) === 0xef53) {
      const hex = block.toString('hex', 104, 120);
      result['root uuid'] = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    }
  }
  if (esp) {
    const block = await device.read(esp.offsetBytes, 512);
    if (block.length === 512 && block.toString('latin1', 82, 87) === 'FAT32') {
      const serial = block.readUInt32LE(67).toString(16).padStart(8, '0').toUpperCase();
      result['efi system partition uuid'] = `${serial.slice(0, 4)}-${serial.slice(4)}`;
    }
  }
  return result;
}

function largest(partitions: readonly Partition[]): Partition | undefined {
  return [...partitions].sort((a, b) => b.sizeBytes - a.sizeBytes)[0];
}
