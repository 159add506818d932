// A file that others write on, read from where the last read ended.
import { closeSync, existsSync, openSync, readSync } from 'node:fs';

const chunkBytes = 1 << 16;

export class GrowingFile {
  readonly #path: string;
  #at: number;

  /** `at`: the byte to begin with. */
  constructor(path: string, at = 0) {
    this.#path = path;
    this.#at = at;
  }

  /** Hands over what is new, in pieces that the receiver must not keep. */
  read(take: (bytes: Buffer) => void): void {
    if (!existsSync(this.#path)) return;
    const file = openSync(this.#path, 'r');
    try {
      const chunk = Buffer.alloc(chunkBytes);
      for (;;) {
        const got = readSync(file, chunk, 0, chunkBytes, this.#at);
        if (got === 0) return;
        this.#at += got;
        take(chunk.subarray(0, got));
      }
    } finally {
      closeSync(file);
    }
  }
}
