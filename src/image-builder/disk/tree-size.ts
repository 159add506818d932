// What a tree needs in a file system: blocks of 4 KiB and inodes.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const blockBytes = 4096;
/** A link this short lives in its inode. */
const shortLink = 60;

/** Bytes in whole blocks, directories included, and inodes of everything below `root`; a hard link counts once. */
export function treeSize(root: string): { bytes: number; inodes: number } {
  const linked = new Set<number>();
  const total = { bytes: 0, inodes: 1 };
  const walk = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const info = lstatSync(path);
      if (!info.isDirectory() && info.nlink > 1) {
        if (linked.has(info.ino)) continue;
        linked.add(info.ino);
      }
      total.inodes += 1;
      if (!(info.isSymbolicLink() && info.size < shortLink))
        total.bytes += Math.ceil(info.size / blockBytes) * blockBytes;
      if (info.isDirectory()) walk(path);
    }
  };
  walk(root);
  return total;
}
