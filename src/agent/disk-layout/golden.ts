// Plans the final partitions of a disk that gets a golden image: root A as in the image, then root B, state and the config drive.
import { AgentError } from '../errors.ts';
import type { Partition, PartitionTable } from './gpt.ts';

const mebibyte = 1 << 20;
const linuxData = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
/** A state partition smaller than this cannot hold a journal and the data of a running system. */
const smallestStateBytes = 64 * mebibyte;
/** Room at the disk's end for the config drive, the same for every image so that a kept state partition never has to move. */
const configDriveRoomBytes = 16 * mebibyte;

export interface GoldenPlan {
  readonly table: PartitionTable;
  /** Bytes from the start of the disk that the image owns; the stream must not reach further. */
  readonly imageEndBytes: number;
  readonly state: Partition;
  readonly stateKept: boolean;
  readonly configDrive: Partition;
}

export interface GoldenRequest {
  readonly image: PartitionTable;
  readonly diskBytes: number;
  /** The table found on the disk before the write. */
  readonly existing: PartitionTable | undefined;
  readonly keepState: boolean;
  readonly configDriveBytes: number;
  readonly newGuid: () => string;
}

const is = (partition: Partition, name: string) => partition.name.toLowerCase().replace(/^undercloud[-_]/, '') === name;
const end = (partition: Partition) => partition.offsetBytes + partition.sizeBytes;
const alignUp = (bytes: number) => Math.ceil(bytes / mebibyte) * mebibyte;
const alignDown = (bytes: number) => Math.floor(bytes / mebibyte) * mebibyte;

/**
 * The partitions of the finished disk.
 *
 * Throws AgentError `layout` when the image is no golden image or would run into a state partition that must be kept, and `diskTooSmall`
 * when state and config drive do not fit behind the two roots.
 */
export function planGolden(request: GoldenRequest): GoldenPlan {
  const { image, newGuid } = request;
  const rootA = image.partitions.find((partition) => is(partition, 'root-a'));
  if (!rootA) throw new AgentError('layout', 'the image says undercloud_layout but has no partition named root-a');
  const inImage = image.partitions.filter((partition) => end(partition) <= end(rootA));
  const rootBInImage = image.partitions.find((partition) => is(partition, 'root-b'));
  const rootB: Partition = rootBInImage ?? {
    ...rootA,
    name: rootA.name.replace(/a$/, 'b').replace(/A$/, 'B'),
    guid: newGuid(),
    offsetBytes: alignUp(end(rootA)),
  };
  const stateInImage = image.partitions.find((partition) => is(partition, 'state'));
  const earliest = Math.max(alignUp(end(rootB)), stateInImage?.offsetBytes ?? 0);
  const kept = request.keepState ? request.existing?.partitions.find((partition) => is(partition, 'state')) : undefined;
  if (kept && kept.offsetBytes < end(rootB)) {
    throw new AgentError(
      'layout',
      `the state partition starts at ${kept.offsetBytes}, inside this image's root B (to ${end(rootB)})`,
    );
  }
  // The last 33 sectors hold the backup table; one MiB keeps the end aligned.
  const usableEnd = alignDown(request.diskBytes - mebibyte);
  const room = Math.max(alignUp(request.configDriveBytes), configDriveRoomBytes);
  const state: Partition = kept ?? {
    type: stateInImage?.type ?? linuxData,
    guid: stateInImage?.guid ?? newGuid(),
    name: stateInImage?.name ?? 'state',
    attributes: stateInImage?.attributes ?? 0n,
    offsetBytes: earliest,
    sizeBytes: usableEnd - room - earliest,
  };
  const configOffset = kept ? alignUp(end(kept)) : usableEnd - room;
  if (state.sizeBytes < smallestStateBytes || configOffset + alignUp(request.configDriveBytes) > usableEnd) {
    const needed = alignUp(end(rootB)) + smallestStateBytes + room + mebibyte;
    throw new AgentError('diskTooSmall', `the disk has ${request.diskBytes} bytes, the image needs ${needed}`);
  }
  const configDrive: Partition = {
    type: linuxData,
    guid: newGuid(),
    name: 'config-2',
    attributes: 0n,
    offsetBytes: configOffset,
    sizeBytes: usableEnd - configOffset,
  };
  return {
    table: { ...image, partitions: [...inImage, rootB, state, configDrive] },
    imageEndBytes: end(rootA),
    state,
    stateKept: kept !== undefined,
    configDrive,
  };
}
