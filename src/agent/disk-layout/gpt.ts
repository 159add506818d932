// GUID partition tables as bytes: read from an image, written for a disk (UEFI 2.10, clause 5).
import { AgentError } from '../errors.ts';
import { crc32 } from './crc32.ts';

export interface Partition {
  readonly type: string;
  readonly guid: string;
  readonly name: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** Attribute bits; bit 2 marks a partition that a legacy BIOS loader starts from. */
  readonly attributes: bigint;
}

export interface PartitionTable {
  readonly diskGuid: string;
  readonly partitions: readonly Partition[];
  /** The first 446 bytes of the disk: a BIOS loader's code, or zeros. */
  readonly bootCode: Uint8Array;
  /** Whether the protective MBR entry carries the active flag, which some BIOSes want to see. */
  readonly active: boolean;
}

const entryBytes = 128;
const entryCount = 128;
const tableBytes = entryBytes * entryCount;

/** Bytes from the start of a disk that hold its MBR, header and entries. */
export function primaryBytes(sectorBytes: number): number {
  return 2 * sectorBytes + tableBytes;
}

/** The table in the first bytes of a disk, or undefined when there is none that is whole. */
export function readTable(head: Buffer, sectorBytes = 512): PartitionTable | undefined {
  if (head.length < primaryBytes(sectorBytes)) return undefined;
  const header = head.subarray(sectorBytes, sectorBytes + 92);
  const table = parse(header, head, 0, sectorBytes);
  return table && { ...table, bootCode: Buffer.from(head.subarray(0, 446)), active: head[446] === 0x80 };
}

/**
 * The backup table in the last bytes of a disk (`tail` ends where the disk ends), or undefined. An image written over the start of a disk
 * leaves this copy alone, so after a power cut it still tells where the state partition is.
 */
export function readBackupTable(tail: Buffer, diskBytes: number, sectorBytes = 512): PartitionTable | undefined {
  if (tail.length < sectorBytes + tableBytes) return undefined;
  const header = tail.subarray(tail.length - sectorBytes, tail.length - sectorBytes + 92);
  const table = parse(header, tail, diskBytes - tail.length, sectorBytes);
  return table && { ...table, bootCode: Buffer.alloc(446), active: false };
}

function parse(
  checked: Buffer,
  bytes: Buffer,
  bytesAt: number,
  sectorBytes: number,
): Pick<PartitionTable, 'diskGuid' | 'partitions'> | undefined {
  const header = Buffer.from(checked);
  if (header.toString('latin1', 0, 8) !== 'EFI PART') return undefined;
  const expected = header.readUInt32LE(16);
  header.writeUInt32LE(0, 16);
  if (crc32(header) !== expected) return undefined;
  const start = Number(header.readBigUInt64LE(72)) * sectorBytes - bytesAt;
  const count = header.readUInt32LE(80);
  const size = header.readUInt32LE(84);
  if (start < 0 || start + count * size > bytes.length || size < entryBytes) return undefined;
  if (crc32(bytes.subarray(start, start + count * size)) !== header.readUInt32LE(88)) return undefined;
  const partitions: Partition[] = [];
  for (let index = 0; index < count; index += 1) {
    const entry = bytes.subarray(start + index * size, start + index * size + entryBytes);
    if (entry.subarray(0, 16).every((byte) => byte === 0)) continue;
    const first = Number(entry.readBigUInt64LE(32));
    const last = Number(entry.readBigUInt64LE(40));
    partitions.push({
      type: readGuid(entry, 0),
      guid: readGuid(entry, 16),
      name: entry.toString('utf16le', 56, 128).replace(/\0.*$/s, ''),
      offsetBytes: first * sectorBytes,
      sizeBytes: (last - first + 1) * sectorBytes,
      attributes: entry.readBigUInt64LE(48),
    });
  }
  return { diskGuid: readGuid(header, 56), partitions };
}

/** Bytes at the end of a disk that hold the backup table. */
export function backupBytes(sectorBytes: number): number {
  return sectorBytes + tableBytes;
}

export interface TableBytes {
  /** Goes to offset 0. */
  readonly primary: Buffer;
  readonly backup: Buffer;
  readonly backupOffsetBytes: number;
}

/** The bytes of both copies of a table for a disk of `diskBytes`. Throws AgentError `layout` when a partition does not fit. */
export function writeTable(table: PartitionTable, diskBytes: number, sectorBytes = 512): TableBytes {
  const sectors = Math.floor(diskBytes / sectorBytes);
  const tableSectors = tableBytes / sectorBytes;
  const lastUsable = sectors - tableSectors - 2;
  const entries = Buffer.alloc(tableBytes);
  table.partitions.forEach((partition, index) => {
    const first = partition.offsetBytes / sectorBytes;
    const last = first + partition.sizeBytes / sectorBytes - 1;
    if (!Number.isInteger(first) || !Number.isInteger(last) || first < tableSectors + 2 || last > lastUsable) {
      throw new AgentError('layout', `partition ${partition.name} does not fit a disk of ${diskBytes} bytes`);
    }
    const at = index * entryBytes;
    writeGuid(entries, at, partition.type);
    writeGuid(entries, at + 16, partition.guid);
    entries.writeBigUInt64LE(BigInt(first), at + 32);
    entries.writeBigUInt64LE(BigInt(last), at + 40);
    entries.writeBigUInt64LE(partition.attributes, at + 48);
    entries.write(partition.name.slice(0, 36), at + 56, 'utf16le');
  });
  const header = (own: number, other: number, entriesAt: number): Buffer => {
    const block = Buffer.alloc(sectorBytes);
    block.write('EFI PART', 0, 'latin1');
    block.writeUInt32LE(0x00010000, 8);
    block.writeUInt32LE(92, 12);
    block.writeBigUInt64LE(BigInt(own), 24);
    block.writeBigUInt64LE(BigInt(other), 32);
    block.writeBigUInt64LE(BigInt(tableSectors + 2), 40);
    block.writeBigUInt64LE(BigInt(lastUsable), 48);
    writeGuid(block, 56, table.diskGuid);
    block.writeBigUInt64LE(BigInt(entriesAt), 72);
    block.writeUInt32LE(entryCount, 80);
    block.writeUInt32LE(entryBytes, 84);
    block.writeUInt32LE(crc32(entries), 88);
    block.writeUInt32LE(crc32(block.subarray(0, 92)), 16);
    return block;
  };
  const backupStart = sectors - tableSectors - 1;
  return {
    primary: Buffer.concat([protectiveMbr(table, sectors, sectorBytes), header(1, sectors - 1, 2), entries]),
    backup: Buffer.concat([entries, header(sectors - 1, 1, backupStart)]),
    backupOffsetBytes: backupStart * sectorBytes,
  };
}

function protectiveMbr(table: PartitionTable, sectors: number, sectorBytes: number): Buffer {
  const block = Buffer.alloc(sectorBytes);
  block.set(table.bootCode.subarray(0, 446));
  block.set([table.active ? 0x80 : 0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff], 446);
  block.writeUInt32LE(1, 454);
  block.writeUInt32LE(Math.min(sectors - 1, 0xffffffff), 458);
  block.writeUInt16LE(0xaa55, 510);
  return block;
}

/** The order in which a GUID's bytes stand on disk: the first three groups are little-endian. */
const guidOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

function readGuid(bytes: Buffer, at: number): string {
  const hex = guidOrder
    .map((place) =>
      bytes
        .readUInt8(at + place)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5').toUpperCase();
}

function writeGuid(bytes: Buffer, at: number, guid: string): void {
  const plain = Buffer.from(guid.replaceAll('-', ''), 'hex');
  if (plain.length !== 16) throw new AgentError('layout', `${guid} is not a GUID`);
  guidOrder.forEach((place, index) => {
    bytes.writeUInt8(plain.readUInt8(index), at + place);
  });
}
