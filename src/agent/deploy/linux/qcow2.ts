// Reads qcow2 images (QEMU's specification of the format, versions 2 and 3) and writes what they hold to a disk.
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { AgentError } from '../../errors.ts';
import type { BlockDevice } from './block-device.ts';
import type { ImageSource } from './image-source.ts';

export function isQcow2(head: Buffer): boolean {
  return head.toString('latin1', 0, 4) === 'QFI\xfb';
}

/**
 * Such an image cannot be written in one pass: it is kept in memory, verified, then written from `offsetBytes` on. Answers how many bytes
 * travelled. Throws AgentError `diskTooSmall` when it holds more than `roomBytes`, `unsupported`, and as the source does.
 */
export async function pourQcow2(
  source: ImageSource,
  device: BlockDevice,
  offsetBytes: number,
  roomBytes: number,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'image-'));
  try {
    const file = await open(join(folder, 'image.qcow2'), 'w+');
    try {
      const bytes = await source.pour(async (chunk) => void (await file.writeFile(chunk)));
      await writeQcow2(file, device, offsetBytes, roomBytes);
      return bytes;
    } finally {
      await file.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Header {
  readonly clusterBytes: number;
  readonly clusterBits: number;
  readonly virtualBytes: number;
  readonly tableOffset: number;
  readonly tableEntries: number;
}

/** Bits of incompatible features that may be set: only "was not closed properly", for guest data are whole without its reference counts. */
const harmless = 1n;

async function writeQcow2(
  file: FileHandle,
  device: BlockDevice,
  offsetBytes: number,
  roomBytes: number,
): Promise<void> {
  const header = parseHeader(await readAt(file, 0, 112));
  const { clusterBytes, clusterBits, virtualBytes } = header;
  if (virtualBytes > roomBytes) {
    throw new AgentError('diskTooSmall', `the image holds ${virtualBytes} bytes, there is room for ${roomBytes}`);
  }
  const blank = await device.offloadZeros(offsetBytes, virtualBytes);
  const entriesPerTable = clusterBytes / 8;
  const first = await readAt(file, header.tableOffset, header.tableEntries * 8);
  for (let at = 0; at < virtualBytes; at += entriesPerTable * clusterBytes) {
    const tableAt = hostOffset(first.readBigUInt64BE((at / clusterBytes / entriesPerTable) * 8));
    const table = tableAt === 0 ? undefined : await readAt(file, tableAt, clusterBytes);
    for (let index = 0; index < entriesPerTable; index += 1) {
      const guest = at + index * clusterBytes;
      if (guest >= virtualBytes) break;
      const length = Math.min(clusterBytes, virtualBytes - guest);
      const data = table && (await cluster(file, table.readBigUInt64BE(index * 8), clusterBytes, clusterBits));
      if (data) await device.write(offsetBytes + guest, data.subarray(0, length));
      else if (!blank) await device.zero(offsetBytes + guest, length);
    }
  }
}

function parseHeader(bytes: Buffer): Header {
  const version = bytes.readUInt32BE(4);
  const refuse = (what: string) => new AgentError('unsupported', `the qcow2 image ${what}: convert it to raw`);
  if (version !== 2 && version !== 3) throw refuse(`is of version ${version}`);
  if (bytes.readBigUInt64BE(8) !== 0n) throw refuse('lies over a backing file');
  if (bytes.readUInt32BE(32) !== 0) throw refuse('is encrypted');
  const clusterBits = bytes.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) throw refuse(`has clusters of 2^${clusterBits} bytes`);
  if (version === 3 && (bytes.readBigUInt64BE(72) & ~harmless) !== 0n) {
    throw refuse('has an external data file, extended entries or zstd clusters');
  }
  const header = {
    clusterBits,
    clusterBytes: 2 ** clusterBits,
    virtualBytes: Number(bytes.readBigUInt64BE(24)),
    tableEntries: bytes.readUInt32BE(36),
    tableOffset: Number(bytes.readBigUInt64BE(40)),
  };
  if (header.tableEntries * (header.clusterBytes / 8) * header.clusterBytes < header.virtualBytes) {
    throw refuse('has a table that is too short for its size');
  }
  return header;
}

/** Bits 9 to 55 of a table's entry. */
function hostOffset(entry: bigint): number {
  return Number(entry & 0x00ff_ffff_ffff_fe00n);
}

/** The bytes of a cluster; undefined where it reads as zeros. */
async function cluster(file: FileHandle, entry: bigint, bytes: number, bits: number): Promise<Buffer | undefined> {
  if ((entry & (1n << 62n)) !== 0n) {
    const offsetBits = BigInt(62 - (bits - 8));
    const at = Number(entry & ((1n << offsetBits) - 1n));
    const moreSectors = Number((entry & ((1n << 62n) - 1n)) >> offsetBits);
    const packed = await readAt(file, at, (moreSectors + 1) * 512 - (at % 512));
    return inflateRawSync(packed, { maxOutputLength: bytes });
  }
  const at = hostOffset(entry);
  const isZero = (entry & 1n) !== 0n;
  return at === 0 || isZero ? undefined : readAt(file, at, bytes);
}

/** Fewer bytes only at the file's end, where the last cluster may break off. */
async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  if (bytesRead === 0) throw new AgentError('write', `the qcow2 image ends before byte ${at}, which it refers to`);
  return buffer;
}
