// Reads the UUIDs of the file systems that an image brought.
import type { Partition } from '../../disk-layout/gpt.ts';
import { AgentError } from '../../errors.ts';
import { run } from './program.ts';

/** By Ironic's names: `root uuid` and `efi system partition uuid`; what holds no file system is left out. */
export async function partitionUuids(
  path: string,
  partitions: readonly Partition[],
): Promise<Readonly<Record<string, string>>> {
  const root = partitions.find(({ name }) => name === 'root-a' || name === 'root') ?? largest(partitions);
  const esp = partitions.find((partition) => partition.type === 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B');
  const result: Record<string, string> = {};
  for (const [key, partition] of [
    ['root uuid', root],
    ['efi system partition uuid', esp],
  ] as const) {
    const uuid = partition && (await fileSystemUuid(path, partition));
    if (uuid) result[key] = uuid;
  }
  return result;
}

async function fileSystemUuid(path: string, { offsetBytes, sizeBytes }: Partition): Promise<string | undefined> {
  const place = ['--offset', String(offsetBytes), '--size', String(sizeBytes)];
  try {
    return (await run('blkid', ['-p', ...place, '-o', 'value', '-s', 'UUID', path])).trim();
  } catch (thrown) {
    // It ends so where it recognises nothing.
    if (thrown instanceof AgentError && thrown.kind === 'programFailed') return undefined;
    throw thrown;
  }
}

function largest(partitions: readonly Partition[]): Partition | undefined {
  return [...partitions].sort((a, b) => b.sizeBytes - a.sizeBytes)[0];
}
