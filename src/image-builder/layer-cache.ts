// Trees kept between builds, one folder per digest.
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { runLogged } from './step/index.ts';

/** Layers in `folder`, named by digest; the ones unused for longest go first when there are more than `limit`. */
export class LayerCache {
  readonly #folder: string;
  readonly #limit: number;

  constructor(folder: string, limit = 16) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /** The folder of a finished layer, or undefined. */
  find(digest: string): string | undefined {
    const place = this.#place(digest);
    return existsSync(place) ? place : undefined;
  }

  /** Keeps the tree at `root` as layer `digest`: a copy that appears under its name only when it is whole. */
  async keep(digest: string, root: string, log: string): Promise<void> {
    const unfinished = join(this.#folder, `unfinished-${process.pid}-${digest.slice(0, 16)}`);
    await rm(unfinished, { recursive: true, force: true });
    await this.copy(root, unfinished, log);
    await this.adopt(digest, unfinished);
  }

  /** Makes the tree at `root` itself layer `digest`. */
  async adopt(digest: string, root: string): Promise<void> {
    const place = this.#place(digest);
    if (existsSync(place)) await rm(root, { recursive: true, force: true });
    else await rename(root, place);
    await this.#prune();
  }

  /** Copies a tree with owners, links, times and attributes; shares blocks where the file system can. */
  async copy(from: string, to: string, log: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await runLogged(
      ['cp', '--archive', '--reflink=auto', from, to],
      { PATH: '/usr/bin:/bin' },
      `copy of layer ${from}`,
      log,
    );
  }

  /** Notes that a layer was of use now. */
  async touch(digest: string): Promise<void> {
    const now = new Date();
    await utimes(this.#place(digest), now, now);
  }

  async #prune(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => /^[0-9a-f]{64}$/.test(name));
    const aged = await Promise.all(
      names.map(async (name) => ({ name, used: (await stat(this.#place(name))).mtimeMs })),
    );
    aged.sort((a, b) => b.used - a.used);
    for (const { name } of aged.slice(this.#limit)) await rm(this.#place(name), { recursive: true, force: true });
  }

  #place(digest: string): string {
    return join(this.#folder, digest);
  }
}
