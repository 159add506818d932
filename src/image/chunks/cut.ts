// Cuts bytes into chunks where their content says so: content that moves inside of an image keeps most of its chunks.

/** The longest chunk, bytes. */
export const maxChunkBytes = 4 * 1024 * 1024;
/** No chunk but a blob's last is shorter. What lies before is not looked at, which is most of the bytes. */
export const minChunkBytes = 2 * 1024 * 1024;
const wordBytes = Int32Array.BYTES_PER_ELEMENT;
/** Every word shifts those before it by so many bits, until they are forgotten. */
const shift = 4;
const windowWords = 32 / shift;
/** One hash in 2^18 is this: with the two bounds a chunk has about 2.9 MB. Not 0, which is the hash of empty disk space. */
const end = { bits: 18, hash: 0x15a5a };

/**
 * Length of the chunk at the beginning of `bytes`, when it ends behind `from` (the bytes before were looked at already);
 * undefined when it goes on behind `bytes`. Chunks end at whole words, which is enough for disks, whose content moves by
 * sectors, and four times as fast as at any byte. `bytes` must begin at a whole word of its memory.
 */
export function chunkLength(bytes: Uint8Array, from: number): number | undefined {
  const to = Math.min(bytes.length, maxChunkBytes);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, Math.floor(to / wordBytes));
  const first = Math.floor(Math.max(from, minChunkBytes) / wordBytes);
  let hash = 0;
  for (let at = first - windowWords; at < words.length; at++) {
    hash = ((hash << shift) + Math.imul(words[at] ?? 0, 0x9e3779b1)) | 0;
    if (hash >>> (32 - end.bits) === end.hash && at >= first) return (at + 1) * wordBytes;
  }
  return to === maxChunkBytes ? maxChunkBytes : undefined;
}

/** Where chunks lie while they are worked on. */
export interface ChunkMemory {
  /** A buffer of `maxChunkBytes`. */
  take(): Buffer;
  /** Takes back a buffer, or a part of it, that nobody uses any more. */
  give(buffer: Buffer): void;
}

/**
 * Cuts a stream into chunks. Each lies at the beginning of a buffer of `memory`, which whoever asks for the next chunk has
 * taken over and gives back; whoever stops instead has not.
 */
export async function* chunksOf(source: AsyncIterable<Buffer>, memory: ChunkMemory): AsyncGenerator<Buffer> {
  let buffer: Buffer | undefined;
  let filled = 0;
  try {
    for await (const piece of source) {
      for (let at = 0; at < piece.length; ) {
        buffer ??= memory.take();
        const before = filled;
        filled += piece.copy(buffer, filled, at);
        const length = chunkLength(buffer.subarray(0, filled), before);
        at += (length ?? filled) - before;
        if (length === undefined) continue;
        yield buffer.subarray(0, length);
        buffer = undefined;
        filled = 0;
      }
    }
    if (buffer) yield buffer.subarray(0, filled);
    buffer = undefined;
  } finally {
    if (buffer) memory.give(buffer);
  }
}
