// Shows a machine's console log, and follows it as it grows.
import { watch } from 'node:fs';
import { GrowingFile } from '../growing-file.ts';

/** Escape sequences of firmware (clear screen, move the cursor) would wreck the reader's terminal. */
const escapes = new RegExp(`${String.fromCharCode(27)}(?:\\[[0-9;=?]*[A-Za-z]|c|[()][A-Z0-9])`, 'g');

/** A console's text without what only a real terminal of its own could show. */
export function plainConsole(text: string): string {
  return text.replaceAll(escapes, '').replaceAll(/\r+\n/g, '\n').replaceAll('\r', '\n');
}

/** Writes the log; with `follow` goes on until `signal` aborts. */
export async function showConsole(
  path: string,
  folder: string,
  follow: boolean,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const log = new GrowingFile(path);
  const take = (bytes: Buffer): void => write(plainConsole(bytes.toString('latin1')));
  log.read(take);
  if (!follow) return;
  await new Promise<void>((done) => {
    const watcher = watch(folder, { signal }, () => log.read(take));
    watcher.on('close', done);
    watcher.on('error', () => done());
    log.read(take);
  });
}
