// The bytes of a chunk's file: a table of frames, each compressed on its own and checked on its own.
import { crc32 } from 'node:zlib';
import { compress, decompress } from '@mongodb-js/zstd';

/** Bytes of image per frame: what a reader holds in memory. 256 KiB costs 3 % of ratio against one frame of 4 MiB. */
export const frameBytes = 256 * 1024;

const magic = Buffer.from('UCK1');
const headerBytes = 8;
const entryBytes = 8;
const compressedFlag = 0x8000_0000;
const level = 1;
/** A frame that zstd makes no smaller than this share is stored as it is. */
const worthwhile = 0.95;

export interface Frame {
  /** Place in the file and length there. */
  readonly offset: number;
  readonly storedBytes: number;
  readonly compressed: boolean;
  readonly crc: number;
  /** Length of the frame's image bytes. */
  readonly sizeBytes: number;
}

/** The file of a chunk was changed by something else than this program. */
export class ChunkDamaged extends Error {
  override name = 'ChunkDamaged';
}

/** The file's bytes, in parts, for a chunk's `content`. Incompressible content is stored as it is. */
export async function encodeChunk(content: Buffer, options: { compress: boolean }): Promise<Buffer[]> {
  const plain: Buffer[] = [];
  for (let at = 0; at < content.length; at += frameBytes) plain.push(content.subarray(at, at + frameBytes));
  const first = plain[0];
  const tryAll =
    options.compress && first !== undefined && (await compress(first, level)).length < first.length * worthwhile;
  const stored = await Promise.all(
    plain.map(async (frame) => {
      const packed = tryAll ? await compress(frame, level) : frame;
      return packed.length < frame.length * worthwhile ? packed : frame;
    }),
  );
  const header = Buffer.alloc(headerBytes + entryBytes * plain.length);
  magic.copy(header);
  header.writeUInt32BE(content.length, 4);
  plain.forEach((frame, index) => {
    const packed = stored[index] ?? frame;
    const flag = packed === frame ? 0 : compressedFlag;
    header.writeUInt32BE(packed.length + flag, headerBytes + index * entryBytes);
    header.writeUInt32BE(crc32(frame), headerBytes + index * entryBytes + 4);
  });
  return [header, ...stored];
}

/** Length of the header of a chunk of `sizeBytes`. */
export function headerLength(sizeBytes: number): number {
  return headerBytes + entryBytes * Math.ceil(sizeBytes / frameBytes);
}

/** Reads the table of frames. Throws ChunkDamaged when it is not the header of a chunk of `sizeBytes`. */
export function parseHeader(header: Buffer, sizeBytes: number): Frame[] {
  const wanted = headerLength(sizeBytes);
  if (header.length < wanted || !header.subarray(0, 4).equals(magic) || header.readUInt32BE(4) !== sizeBytes) {
    throw new ChunkDamaged('its header is not that of a chunk of this size');
  }
  const frames: Frame[] = [];
  let offset = wanted;
  for (let at = 0; at < sizeBytes; at += frameBytes) {
    const entry = headerBytes + frames.length * entryBytes;
    const word = header.readUInt32BE(entry);
    const compressed = word >= compressedFlag;
    const storedBytes = compressed ? word - compressedFlag : word;
    const crc = header.readUInt32BE(entry + 4);
    frames.push({ offset, storedBytes, compressed, crc, sizeBytes: Math.min(frameBytes, sizeBytes - at) });
    offset += storedBytes;
  }
  return frames;
}

/** The image bytes of a frame. Throws ChunkDamaged when they are not those that were written. */
export async function decodeFrame(frame: Frame, stored: Buffer): Promise<Buffer> {
  const content = frame.compressed ? await unpack(stored) : stored;
  if (content.length !== frame.sizeBytes || crc32(content) !== frame.crc) {
    throw new ChunkDamaged('a frame differs from what was written');
  }
  return content;
}

async function unpack(stored: Buffer): Promise<Buffer> {
  try {
    return await decompress(stored);
  } catch (cause) {
    throw new ChunkDamaged('a frame cannot be decompressed', { cause });
  }
}
