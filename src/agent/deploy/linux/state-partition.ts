// Makes the file system of the state partition.
import type { Partition } from '../../disk-layout/gpt.ts';
import type { BlockDevice } from './block-device.ts';
import { run } from './program.ts';

/** Below this a full journal costs more time and room than it is worth. */
const smallStateBytes = 8 * 2 ** 30;

/**
 * An empty ext4 labelled like its partition, made through the whole disk at the partition's offset: the partition's own device node may not
 * be there yet. Throws AgentError `missingProgram` or `programFailed`.
 */
export async function makeStateFileSystem(device: BlockDevice, state: Partition): Promise<void> {
  await device.sync();
  await run('mkfs.ext4', [
    ...['-q', '-F', '-b', '4096', '-m', '0', '-L', state.name.slice(0, 16)],
    ...(state.sizeBytes < smallStateBytes ? ['-J', 'size=16'] : []),
    // Without nodiscard it would discard from the start of the disk, not of the partition.
    ...['-E', `offset=${state.offsetBytes},nodiscard,lazy_itable_init=1`],
    device.path,
    `${Math.floor(state.sizeBytes / 1024)}k`,
  ]);
}
