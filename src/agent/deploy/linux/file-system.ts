// Makes the file systems of partitions that an image does not bring.
import type { Partition } from '../../disk-layout/gpt.ts';
import { AgentError } from '../../errors.ts';
import type { BlockDevice } from './block-device.ts';
import { run } from './program.ts';

/** Below the second a full journal costs more time and room than it is worth; below the first even this one does not fit. */
const smallJournalBytes = [64 * 2 ** 20, 8 * 2 ** 30] as const;

/**
 * An empty file system labelled like its partition, made through the whole disk at the partition's offset: the partition's own device node
 * may not be there yet. Throws AgentError `unsupported` for a format that cannot be made so, `missingProgram` or `programFailed`.
 */
export async function makeFileSystem(device: BlockDevice, partition: Partition, format = 'ext4'): Promise<void> {
  const { offsetBytes, sizeBytes, name } = partition;
  await device.sync();
  const smallJournal = sizeBytes >= smallJournalBytes[0] && sizeBytes < smallJournalBytes[1];
  const kibibytes = Math.floor(sizeBytes / 1024);
  if (/^ext[234]$/.test(format)) {
    await run('mkfs.ext4', [
      ...['-q', '-F', '-t', format, '-b', '4096', '-m', '0', '-L', name.slice(0, 16)],
      ...(smallJournal && format !== 'ext2' ? ['-J', 'size=16'] : []),
      // Without nodiscard it would discard from the start of the disk, not of the partition.
      ...['-E', `offset=${offsetBytes},nodiscard,lazy_itable_init=1`],
      device.path,
      `${kibibytes}k`,
    ]);
  } else if (format === 'vfat') {
    const offset = offsetBytes / device.sectorBytes;
    const label = name.toUpperCase().slice(0, 11);
    const size = ['-S', String(device.sectorBytes), '--offset', String(offset)];
    // -I: the kernel may still know the disk's former partitions.
    await run('mkfs.vfat', [
      '-I',
      ...fatWords(sizeBytes, device.sectorBytes),
      '-n',
      label,
      ...size,
      device.path,
      String(kibibytes),
    ]);
  } else {
    throw new AgentError('unsupported', `this ramdisk makes ext2, ext3, ext4 and vfat, not ${format}`);
  }
}

/**
 * FAT32 wherever it has the 65,525 clusters by which firmware tells it from FAT16: left to itself mkfs.vfat takes the size of clusters from
 * that of the whole disk. What is too small gets what mkfs.vfat thinks right.
 */
function fatWords(sizeBytes: number, sectorBytes: number): readonly string[] {
  const cluster = [4096, 2048, 1024, 512].find((bytes) => bytes >= sectorBytes && sizeBytes / bytes > 70_000);
  return cluster === undefined ? [] : ['-F', '32', '-s', String(cluster / sectorBytes)];
}
