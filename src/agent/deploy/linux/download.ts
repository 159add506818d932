// Downloads an image once, going on where it broke off, at the next source where there are several.
import type { Clock } from '../../clock.ts';
import { AgentError, asAgentError } from '../../errors.ts';
import { type Body, openBody } from './body-stream.ts';

export interface Download {
  /** Bytes of the whole image; 0 while the server has not said. */
  totalBytes: number;
  /** The bytes in order. Throws AgentError `download` when every attempt failed. */
  readonly chunks: AsyncGenerator<Buffer, void>;
}

export interface DownloadOptions {
  readonly urls: readonly string[];
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** Attempts in a row without a single byte before giving up. */
  readonly attempts?: number;
  /** Milliseconds without a byte after which a connection counts as lost. */
  readonly idleMs?: number;
}

const longestRetryMs = 10_000;

export function download(options: DownloadOptions): Download {
  const result: Download = { totalBytes: 0, chunks: chunks() };
  return result;

  async function* chunks(): AsyncGenerator<Buffer, void> {
    const attempts = options.attempts ?? 8;
    const idle = new AbortController();
    let received = 0;
    let failures = 0;
    for (let turn = 0; ; turn += 1) {
      const url = options.urls[turn % options.urls.length] ?? '';
      try {
        const body = await begin(url, received, options.idleMs ?? 20_000);
        let skip = body.status === 200 ? received : 0;
        if (body.contentLength !== undefined) result.totalBytes = received - skip + body.contentLength;
        for await (const block of body.blocks) {
          const fresh = skip > 0 ? block.subarray(skip) : block;
          skip -= block.length - fresh.length;
          if (fresh.length === 0) continue;
          received += fresh.length;
          failures = 0;
          yield fresh;
        }
        if (result.totalBytes === 0 || received === result.totalBytes) return;
        throw new AgentError('download', `${url} ended at ${received} of ${result.totalBytes} bytes`);
      } catch (thrown) {
        const error = asAgentError(thrown);
        failures += 1;
        if (failures >= attempts) {
          throw new AgentError('download', `${url}: ${error.message} (attempt ${failures} at byte ${received})`, {
            cause: thrown,
          });
        }
        options.log(`download: ${error.message}; going on at byte ${received}`);
        await options.clock.sleep(Math.min(500 * 2 ** (failures - 1), longestRetryMs), idle.signal);
      }
    }
  }
}

async function begin(url: string, from: number, idleMs: number): Promise<Body> {
  const body = await openBody(url, from, idleMs);
  if (body.status === 200 || (body.status === 206 && from > 0)) return body;
  throw new AgentError('download', `${url}: HTTP ${body.status}`);
}
