// The folder of chunk files, each named by the SHA-256 of its content and complete as soon as it has its name.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ChunkDamaged, decodeFrame, encodeChunk, frameBytes, headerLength, parseHeader } from './chunk-format.ts';

export interface ChunkFiles {
  /**
   * Writes the file of a chunk and returns its length; `sync` brings it to the disk. One that is there with `storedBytes` is left
   * alone: name it only for a file that is known to be whole.
   */
  write(sha256: Buffer, content: Buffer, storedBytes?: number): Promise<number>;
  /** Resolves when these chunks are on the disk, names and content. */
  sync(chunks: readonly Buffer[]): Promise<void>;
  /** Image bytes `start` to `end` (exclusive) of a chunk of `sizeBytes`, in pieces of at most a frame, each checked. */
  read(sha256: Buffer, sizeBytes: number, start: number, end: number): AsyncGenerator<Buffer>;
  /** Undefined when the content has its hash; otherwise what is wrong. */
  verify(sha256: Buffer, sizeBytes: number): Promise<string | undefined>;
  remove(sha256: Buffer): Promise<void>;
  /** Names of all chunks that have a file. */
  list(): AsyncGenerator<Buffer>;
  /** Removes what writers that ended in the middle left behind, `olderThanMs` ago. */
  removeUnfinished(olderThanMs: number): Promise<number>;
}

const syncAtOnce = 8;

/** Opens `folder` (made when missing) as a chunk store. */
export function createChunkFiles(folder: string, options: { compress?: boolean } = {}): ChunkFiles {
  const chunks = join(folder, 'chunks');
  const unfinished = join(folder, 'unfinished');
  for (const path of [chunks, unfinished]) mkdirSync(path, { recursive: true, mode: 0o700 });
  const pathOf = (sha256: Buffer) => {
    const name = sha256.toString('hex');
    return join(chunks, name.slice(0, 2), name);
  };

  async function write(sha256: Buffer, content: Buffer, storedBytes?: number): Promise<number> {
    const path = pathOf(sha256);
    if (storedBytes !== undefined && (await lengthOf(path)) === storedBytes) return storedBytes;
    const encoded = await encodeChunk(content, { compress: options.compress ?? true });
    const length = encoded.reduce((sum, part) => sum + part.length, 0);
    const partial = join(unfinished, randomUUID());
    const file = await open(partial, 'wx', 0o600);
    try {
      const { bytesWritten } = await file.writev(encoded);
      if (bytesWritten !== length) throw new Error(`the disk took ${bytesWritten} of ${length} bytes: is it full?`);
    } finally {
      await file.close();
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(partial, path);
    return length;
  }

  async function sync(wanted: readonly Buffer[]): Promise<void> {
    const paths = wanted.map(pathOf);
    for (let at = 0; at < paths.length; at += syncAtOnce)
      await Promise.all(paths.slice(at, at + syncAtOnce).map(syncFile));
    for (const path of new Set(paths.map(dirname))) await syncFile(path);
    await syncFile(chunks);
  }

  async function* read(sha256: Buffer, sizeBytes: number, start: number, end: number): AsyncGenerator<Buffer> {
    const file = await open(pathOf(sha256), 'r');
    try {
      const frames = parseHeader(await readAt(file, 0, headerLength(sizeBytes)), sizeBytes);
      for (let index = Math.floor(start / frameBytes); index * frameBytes < end; index++) {
        const frame = frames[index];
        if (!frame) return;
        const content = await decodeFrame(frame, await readAt(file, frame.offset, frame.storedBytes));
        const base = index * frameBytes;
        yield content.subarray(Math.max(0, start - base), Math.min(content.length, end - base));
      }
    } finally {
      await file.close();
    }
  }

  async function verify(sha256: Buffer, sizeBytes: number): Promise<string | undefined> {
    const hash = createHash('sha256');
    try {
      for await (const piece of read(sha256, sizeBytes, 0, sizeBytes)) hash.update(piece);
    } catch (error) {
      if (error instanceof ChunkDamaged) return error.message;
      if (isMissing(error)) return 'its file is missing';
      throw error;
    }
    return hash.digest().equals(sha256) ? undefined : 'its content has another hash than its name';
  }

  async function remove(sha256: Buffer): Promise<void> {
    try {
      await unlink(pathOf(sha256));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async function* list(): AsyncGenerator<Buffer> {
    for (const prefix of (await readdir(chunks)).sort()) {
      for (const name of await readdir(join(chunks, prefix))) {
        if (/^[0-9a-f]{64}$/.test(name)) yield Buffer.from(name, 'hex');
      }
    }
  }

  async function removeUnfinished(olderThanMs: number): Promise<number> {
    let removed = 0;
    for (const name of await readdir(unfinished)) {
      const path = join(unfinished, name);
      const age =
        Date.now() -
        (await stat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => Date.now(),
        ));
      if (age < olderThanMs) continue;
      await unlink(path).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
      removed++;
    }
    return removed;
  }

  return { write, sync, read, verify, remove, list, removeUnfinished };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new ChunkDamaged('its file is too short');
  return buffer;
}

async function lengthOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A file or a folder. */
async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
