// An image on its way to the disk: its first bytes to plan by, then all of them, with their digest.
import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { AgentError } from '../../errors.ts';
import type { ImageInfo } from '../../protocol.ts';
import type { Report } from '../machine.ts';
import { decodeHead } from './decoder.ts';
import { type ExpectedDigest, expectedDigest } from './digest.ts';
import { download } from './download.ts';
import { rateMeter } from './rate.ts';

const headBytes = 1 << 20;

export interface ImageSource {
  readonly expected: ExpectedDigest;
  /** The first bytes as they travel. */
  readonly head: Buffer;
  /** The first 64 KiB decompressed. */
  readonly decodedHead: Buffer;
  /** Hands out every byte once, in order, and answers how many. Throws AgentError `download`, or `checksum` after the last. */
  pour(take: (chunk: Buffer) => Promise<void>): Promise<number>;
}

export interface ImageSourceOptions {
  readonly image: ImageInfo;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  readonly report: Report;
}

export async function openImage(options: ImageSourceOptions): Promise<ImageSource> {
  const { image, clock } = options;
  const expected = expectedDigest(image);
  const source = download({ urls: image.urls, clock, log: options.log });
  const chunks = source.chunks[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let held = 0;
  while (held < headBytes) {
    const next = await chunks.next();
    if (next.done) break;
    first.push(next.value);
    held += next.value.length;
  }
  const head = Buffer.concat(first);
  return {
    expected,
    head,
    decodedHead: await decodeHead(head, 64 * 1024),
    async pour(take) {
      const meter = rateMeter(clock, options.report);
      const hash = createHash(expected.algorithm);
      let bytes = 0;
      const pass = async (chunk: Buffer) => {
        hash.update(chunk);
        bytes += chunk.length;
        await take(chunk);
        meter(bytes, source.totalBytes || (image.size ?? 0));
      };
      await pass(head);
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) await pass(next.value);
      const actual = hash.digest('hex');
      if (actual === expected.value) return bytes;
      throw new AgentError(
        'checksum',
        `image ${image.id} should have ${expected.algorithm} ${expected.value}, got ${actual} (${bytes} bytes)`,
      );
    },
  };
}
