// Compresses the part of a disk that has content, with the hash of the compressed bytes.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ImageBuildError } from './errors.ts';

/** Hash and size of a file. */
export interface FileDigest {
  readonly sizeBytes: number;
  readonly sha512: string;
}

/** Writes the first `lengthBytes` of `from` as one zstd frame to `to`, which appears only when it is whole. */
export async function compressHead(from: string, to: string, lengthBytes: number, level: number): Promise<FileDigest> {
  const unfinished = `${to}.unfinished`;
  const zstd = spawn(
    'zstd',
    ['-q', '-f', '-T0', `-${level}`, '--content-size', `--stream-size=${lengthBytes}`, '-o', unfinished, '-'],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let complaint = '';
  zstd.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    zstd.once('error', reject);
    zstd.once('close', resolve);
  });
  const [status] = await Promise.all([
    ended,
    pipeline(createReadStream(from, { end: lengthBytes - 1, highWaterMark: 1 << 20 }), zstd.stdin),
  ]);
  if (status !== 0) throw new ImageBuildError('step_failed', `zstd left with status ${status}: ${complaint.trim()}`);
  await rename(unfinished, to);
  return digestFile(to);
}

/** SHA-512 and size of a file. */
export async function digestFile(path: string): Promise<FileDigest> {
  const sum = createHash('sha512');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), sum);
  return { sizeBytes: (await stat(path)).size, sha512: sum.digest('hex') };
}
