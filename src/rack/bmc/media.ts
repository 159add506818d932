// Fetches the image of a virtual CD.
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { rackErrors } from '../errors.ts';

/** A server that sends nothing for this long is given up. */
const silenceLimitMs = 30_000;

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

/** Downloads an image into the folder; returns its file. A half image never gets the final name. Throws `media-download-failed`. */
export async function downloadImage(url: string, folder: string): Promise<string> {
  const file = join(folder, 'cd.iso');
  const partial = `${file}.part`;
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error('it went silent')), silenceLimitMs);
  try {
    await mkdir(folder, { recursive: true });
    const answer = await fetch(url, { signal: abort.signal });
    if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`);
    const body = Readable.fromWeb(answer.body);
    body.on('data', () => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(new Error('it went silent')), silenceLimitMs);
    });
    await pipeline(body, createWriteStream(partial, { mode: 0o600 }));
    await rename(partial, file);
    return file;
  } catch (error) {
    await rm(partial, { force: true });
    throw rackErrors.mediaDownload(url, reason(error));
  } finally {
    clearTimeout(timer);
  }
}
