// MBR partition tables as bytes: four primary partitions, addressed by sectors of 32 bits.
import { AgentError } from '../errors.ts';

export interface MbrPartition {
  /** The system id: 0x83 Linux, 0x82 swap, 0xef EFI system partition. */
  readonly type: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** The one that a BIOS starts from. */
  readonly active: boolean;
}

const slots = [446, 462, 478, 494];

/** The partitions in the first sector of a disk; undefined where it holds no table, or the protective one of a GPT. */
export function readMbr(sector: Buffer, sectorBytes: number): readonly MbrPartition[] | undefined {
  if (sector.length < 512 || sector.readUInt16LE(510) !== 0xaa55) return undefined;
  const found = slots.flatMap((at): MbrPartition[] => {
    const type = sector.readUInt8(at + 4);
    if (type === 0) return [];
    const offsetBytes = sector.readUInt32LE(at + 8) * sectorBytes;
    const sizeBytes = sector.readUInt32LE(at + 12) * sectorBytes;
    return [{ type, offsetBytes, sizeBytes, active: sector.readUInt8(at) === 0x80 }];
  });
  return found.some(({ type }) => type === 0xee) ? undefined : found;
}

/** The first sector of a disk with these partitions and no boot code. Throws AgentError `layout` for what an MBR cannot hold. */
export function writeMbr(partitions: readonly MbrPartition[], diskId: number, sectorBytes: number): Buffer {
  if (partitions.length > slots.length) {
    throw new AgentError('layout', `an MBR holds four partitions, not ${partitions.length}: ask for disk_label gpt`);
  }
  const sector = Buffer.alloc(512);
  sector.writeUInt32LE(diskId, 440);
  partitions.forEach(({ type, offsetBytes, sizeBytes, active }, index) => {
    const at = slots[index] ?? 0;
    if ((offsetBytes + sizeBytes) / sectorBytes > 0xffffffff) {
      throw new AgentError('layout', 'an MBR cannot hold what lies beyond 2 TiB: ask for disk_label gpt');
    }
    // Cylinders, heads and sectors as their largest values: everyone reads the sector numbers instead.
    sector.set([active ? 0x80 : 0, 0xfe, 0xff, 0xff, type, 0xfe, 0xff, 0xff], at);
    sector.writeUInt32LE(offsetBytes / sectorBytes, at + 8);
    sector.writeUInt32LE(sizeBytes / sectorBytes, at + 12);
  });
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}
