// Mounts partitions of the disk that was just written, for as long as something is done with them.
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Partition } from '../../disk-layout/gpt.ts';
import { AgentError } from '../../errors.ts';
import { run } from './program.ts';
import { names, readNumber } from './sysfs.ts';

/** Runs `work` while these are mounted, in this order; the last is unmounted first, whatever happens. */
export async function whileMounted<Result>(
  mounts: readonly (readonly string[])[],
  work: () => Promise<Result>,
): Promise<Result> {
  const [first, ...rest] = mounts;
  if (!first) return work();
  const point = first.at(-1) ?? '';
  await mkdir(point, { recursive: true });
  await run('mount', first);
  try {
    return await whileMounted(rest, work);
  } finally {
    await run('umount', [point]);
  }
}

/** The type of the file system on a device, as `mount` wants it; undefined where there is none. */
export async function typeOf(node: string): Promise<string | undefined> {
  try {
    return (await run('blkid', ['-p', '-o', 'value', '-s', 'TYPE', node])).trim() || undefined;
  } catch (thrown) {
    // It ends so where it recognises nothing.
    if (thrown instanceof AgentError && thrown.kind === 'programFailed') return undefined;
    throw thrown;
  }
}

/** The device node of the partition that starts where `partition` does. Throws AgentError `unsupported` when the kernel shows none. */
export async function partitionNode(devicePath: string, partition: Partition): Promise<string> {
  const disk = basename(devicePath);
  const folder = join('/sys/block', disk);
  for (const name of await names(folder)) {
    if (name.startsWith(disk) && (await readNumber(join(folder, name, 'start'))) === partition.offsetBytes / 512) {
      return `/dev/${name}`;
    }
  }
  throw new AgentError('unsupported', `the kernel does not show partition ${partition.name} of ${devicePath}`);
}
