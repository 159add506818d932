// Writes a tree as an ext4 that is just large enough, into a plain file.
import { ImageBuildError } from '../errors.ts';
import { runLogged } from '../step/index.ts';
import { treeSize } from './tree-size.ts';

export const programPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where the tree goes, and what its file system is like. */
export interface RootFileSystem {
  readonly tree: string;
  /** A file that is there, as large as it has to be unless the file system begins at its start. */
  readonly output: string;
  readonly offsetBytes: number;
  readonly label: string;
  /** As mkfs.ext4 takes them. */
  readonly features: string;
  /** Left for what is written before the system can grow its file system. */
  readonly freeMib: number;
  readonly mostBytes: number;
  readonly log: string;
}

/**
 * Returns the file system's bytes: what is not there need not be stored, sent or written. Throws `image_too_large`, `step_failed`.
 */
export async function makeRootFileSystem(wanted: RootFileSystem): Promise<number> {
  const used = treeSize(wanted.tree);
  // Inode tables, group descriptors and the slack of directories; measured trees needed under 6 % and 8 MiB.
  const needed = used.bytes * 1.04 + used.inodes * 256 + (12 << 20);
  const bytes = (Math.ceil(needed / (1 << 20)) + wanted.freeMib) * (1 << 20);
  if (bytes > wanted.mostBytes) {
    throw new ImageBuildError(
      'image_too_large',
      `the root needs ${bytes >> 20} MiB, there are ${wanted.mostBytes >> 20} MiB for it; log: ${wanted.log}`,
    );
  }
  const command = [
    ...['mkfs.ext4', '-q', '-F', '-L', wanted.label, '-b', '4096', '-m', '0', '-O', wanted.features],
    ...['-N', String(used.inodes + 64 + wanted.freeMib * 64)],
    ...[
      '-E',
      `offset=${wanted.offsetBytes},lazy_itable_init=0,nodiscard,hash_seed=00000000-0000-4000-8000-000000000000`,
    ],
    ...['-d', wanted.tree, wanted.output, `${bytes >> 10}k`],
  ];
  await runLogged(command, { PATH: programPath }, 'root file system', wanted.log);
  return bytes;
}
