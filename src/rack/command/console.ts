// Shows a machine's console log, and follows it as it grows.
import { closeSync, existsSync, openSync, readSync, watch } from 'node:fs';

/** Escape sequences of firmware (clear screen, move the cursor) would wreck the reader's terminal. */
const escapes = new RegExp(`${String.fromCharCode(27)}(?:\\[[0-9;=?]*[A-Za-z]|c|[()][A-Z0-9])`, 'g');

/** A console's text without what only a real terminal of its own could show. */
export function plainConsole(text: string): string {
  return text.replaceAll(escapes, '').replaceAll(/\r+\n/g, '\n').replaceAll('\r', '\n');
}

const chunkBytes = 1 << 16;

/** Reads a file from where the last read ended. */
class Growing {
  readonly #path: string;
  #at = 0;

  constructor(path: string) {
    this.#path = path;
  }

  read(take: (text: string) => void): void {
    if (!existsSync(this.#path)) return;
    const file = openSync(this.#path, 'r');
    try {
      const chunk = Buffer.alloc(chunkBytes);
      for (;;) {
        const got = readSync(file, chunk, 0, chunkBytes, this.#at);
        if (got === 0) return;
        this.#at += got;
        take(chunk.toString('latin1', 0, got));
      }
    } finally {
      closeSync(file);
    }
  }
}

/** Writes the log; with `follow` goes on until `signal` aborts. */
export async function showConsole(
  path: string,
  folder: string,
  follow: boolean,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const log = new Growing(path);
  const take = (text: string): void => write(plainConsole(text));
  log.read(take);
  if (!follow) return;
  await new Promise<void>((done) => {
    const watcher = watch(folder, { signal }, () => log.read(take));
    watcher.on('close', done);
    watcher.on('error', () => done());
    log.read(take);
  });
}
