// An open disk: positioned reads and writes, and zeros as cheaply as the disk can make them.
import { type FileHandle, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asAgentError } from '../../errors.ts';
import { has, run } from './program.ts';
import { readNumber } from './sysfs.ts';

export interface BlockDevice {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sectorBytes: number;
  readonly file: FileHandle;
  /** Fewer bytes only at the disk's end. */
  read(offset: number, length: number): Promise<Buffer>;
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Writes zeros the plain way; for small ranges. */
  zero(offset: number, length: number): Promise<void>;
  /** Lets the disk itself turn a range into zeros; false when it cannot, and then nothing has changed. */
  offloadZeros(offset: number, length: number): Promise<boolean>;
  sync(): Promise<void>;
  /** Makes the kernel read the partition table again; answers why not when it cannot. */
  rereadPartitions(): Promise<string | undefined>;
  close(): Promise<void>;
}

const blockBytes = 1 << 20;

/** Opens a disk (or, in tests, a file) for reading and writing. */
export async function openBlockDevice(path: string, sizeBytes: number, sectorBytes: number): Promise<BlockDevice> {
  const file = await open(path, 'r+');
  const isBlock = (await file.stat()).isBlockDevice();
  const zeros = Buffer.alloc(blockBytes);
  const write = async (offset: number, bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
    }
  };
  return {
    path,
    sizeBytes,
    sectorBytes,
    file,
    write,
    async read(offset, length) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, sizeBytes - offset)));
      let done = 0;
      while (done < buffer.length) {
        const { bytesRead } = await file.read(buffer, done, buffer.length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return buffer.subarray(0, done);
    },
    async zero(offset, length) {
      const end = Math.min(offset + length, sizeBytes);
      for (let at = offset; at < end; at += blockBytes)
        await write(at, zeros.subarray(0, Math.min(blockBytes, end - at)));
    },
    async offloadZeros(offset, length) {
      if (!isBlock || !(await has('blkdiscard'))) return false;
      const most = await readNumber(join('/sys/block', basename(path), 'queue/write_zeroes_max_bytes'));
      if (!most) return false;
      await run('blkdiscard', ['--zeroout', '--offset', String(offset), '--length', String(length), path]);
      return true;
    },
    sync: () => file.sync(),
    async rereadPartitions() {
      if (!isBlock) return undefined;
      try {
        await run('blockdev', ['--rereadpt', path]);
        return undefined;
      } catch (thrown) {
        return asAgentError(thrown).details;
      }
    },
    close: () => file.close(),
  };
}
