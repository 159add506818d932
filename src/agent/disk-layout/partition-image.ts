// Plans the partitions of a disk whose root gets a partition image: boot room, ephemeral, swap, config drive, root.
import { AgentError } from '../errors.ts';
import type { Partition } from './gpt.ts';

const mebibyte = 1 << 20;
/** What Ironic gives to an EFI system partition unless told otherwise. */
const espBytes = 200 * mebibyte;
/** The largest config drive that Ironic takes; always this much, so that what follows it does not move. */
const configDriveRoomBytes = 64 * mebibyte;

/** By what a partition is for: its types in both kinds of table and its name in a GPT. */
const kinds = {
  biosBoot: { type: '21686148-6449-6E6F-744E-656564454649', mbrType: 0, name: 'bios-boot' },
  esp: { type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', mbrType: 0xef, name: 'esp' },
  ephemeral: { type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4', mbrType: 0x83, name: 'ephemeral0' },
  swap: { type: '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F', mbrType: 0x82, name: 'swap1' },
  configDrive: { type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4', mbrType: 0x83, name: 'config-2' },
  root: { type: '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709', mbrType: 0x83, name: 'root' },
} as const;
type Kind = keyof typeof kinds;

export interface PartitionImageRequest {
  readonly rootMb: number;
  readonly swapMb: number;
  readonly ephemeralMb: number;
  /** Undefined: the kind of table that Ironic makes for this boot mode. */
  readonly label: 'gpt' | 'msdos' | undefined;
  readonly bootMode: 'bios' | 'uefi';
}

/** A partition of either kind of table. */
export type PlannedPartition = Partition & { readonly mbrType: number };

export interface PartitionImagePlan {
  readonly label: 'gpt' | 'msdos';
  readonly bootMode: 'bios' | 'uefi';
  /** In the order in which they lie and are numbered. */
  readonly partitions: readonly PlannedPartition[];
  readonly of: Readonly<Partial<Record<Kind, PlannedPartition>>>;
  readonly root: PlannedPartition;
}

/**
 * Where everything goes. The ephemeral partition comes before all that a rebuild may change, so that it stays where it is.
 *
 * Throws AgentError `diskTooSmall`, or `layout` for partitions that this kind of table cannot hold.
 */
export function planPartitionImage(
  request: PartitionImageRequest,
  options: { readonly diskBytes: number; readonly configDriveBytes: number; readonly newGuid: () => string },
): PartitionImagePlan {
  const { diskBytes, configDriveBytes } = options;
  const beyondMbr = diskBytes > 2 ** 32 * 512;
  const label = request.label ?? (request.bootMode === 'uefi' || beyondMbr ? 'gpt' : 'msdos');
  if (configDriveBytes > configDriveRoomBytes) {
    throw new AgentError('invalidParams', `the config drive has ${configDriveBytes} bytes, more than 64 MiB`);
  }
  const sizes: readonly (readonly [Kind, number])[] = [
    ['biosBoot', request.bootMode === 'bios' && label === 'gpt' ? mebibyte : 0],
    ['esp', request.bootMode === 'uefi' ? espBytes : 0],
    ['ephemeral', request.ephemeralMb * mebibyte],
    ['swap', request.swapMb * mebibyte],
    ['configDrive', configDriveBytes > 0 ? configDriveRoomBytes : 0],
    ['root', request.rootMb * mebibyte],
  ];
  const of: Partial<Record<Kind, PlannedPartition>> = {};
  let offsetBytes = mebibyte;
  for (const [kind, sizeBytes] of sizes) {
    if (sizeBytes === 0) continue;
    of[kind] = { ...kinds[kind], guid: options.newGuid(), attributes: 0n, offsetBytes, sizeBytes };
    offsetBytes += sizeBytes;
  }
  // One MiB stays free for the backup table.
  if (offsetBytes + mebibyte > diskBytes) {
    throw new AgentError(
      'diskTooSmall',
      `root_gb, swap_mb and ephemeral_gb need a disk of ${(offsetBytes + mebibyte) / mebibyte} MiB, it has ${Math.floor(diskBytes / mebibyte)}`,
    );
  }
  const { root } = of;
  if (!root) throw new AgentError('invalidParams', 'a partition image needs a root_mb above 0');
  const partitions = Object.values(of);
  if (label === 'msdos' && partitions.length > 4) {
    throw new AgentError('layout', `disk_label msdos holds four partitions, not ${partitions.length}: ask for gpt`);
  }
  return { label, bootMode: request.bootMode, partitions, of, root };
}
