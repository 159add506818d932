// Deploys a partition image: fills the root while it downloads, makes the other partitions, writes the table last.
import { randomBytes, randomUUID } from 'node:crypto';
import { backupBytes, primaryBytes, readBackupTable, readTable, writeTable } from '../../disk-layout/gpt.ts';
import { readMbr, writeMbr } from '../../disk-layout/mbr.ts';
import {
  type PartitionImagePlan,
  type PlannedPartition,
  planPartitionImage,
} from '../../disk-layout/partition-image.ts';
import { swapHeader } from '../../disk-layout/swap-header.ts';
import { AgentError } from '../../errors.ts';
import type { ImageInfo } from '../../protocol.ts';
import type { BlockDevice } from './block-device.ts';
import { ownBootMode } from './boot-mode.ts';
import { makeFileSystem } from './file-system.ts';
import type { ImageSource } from './image-source.ts';
import { pourStream } from './pour-stream.ts';
import { isQcow2, pourQcow2 } from './qcow2.ts';

const mebibyte = 1 << 20;

export interface PartitionImageOptions {
  readonly device: BlockDevice;
  readonly image: ImageInfo;
  readonly configDrive: Uint8Array | undefined;
  readonly source: ImageSource;
}

export interface WrittenPartitions {
  /** Bytes that travelled. */
  readonly bytes: number;
  readonly layout: PartitionImagePlan;
  readonly ephemeralKept: boolean;
}

/**
 * Throws AgentError `layout` when the image is a whole disk or no ephemeral partition is there to be kept, and as planPartitionImage and
 * the source do. Whatever fails leaves nothing that firmware could start; an ephemeral partition to be kept stays as it is.
 */
export async function writePartitionImage(options: PartitionImageOptions): Promise<WrittenPartitions> {
  const { device, image, configDrive, source } = options;
  if (readTable(source.decodedHead)) {
    throw new AgentError('layout', `image ${image.id} is a whole disk with partitions of its own, no partition image`);
  }
  const layout = planPartitionImage(
    {
      rootMb: image.root_mb ?? 0,
      swapMb: image.swap_mb ?? 0,
      ephemeralMb: image.ephemeral_mb ?? 0,
      label: image.disk_label ?? undefined,
      bootMode: image.deploy_boot_mode ?? (await ownBootMode()),
    },
    {
      diskBytes: device.sizeBytes,
      configDriveBytes: configDrive?.length ?? 0,
      newGuid: () => randomUUID().toUpperCase(),
    },
  );
  const ephemeralKept = Boolean(image.preserve_ephemeral && layout.of.ephemeral);
  if (ephemeralKept) await checkKept(device, layout);
  await makeUnbootable(device, layout, ephemeralKept);
  try {
    const bytes = await fillRoot(device, layout.root, source);
    await fillOthers(options, layout, ephemeralKept);
    await writeLayout(device, layout);
    await device.sync();
    return { bytes, layout, ephemeralKept };
  } catch (thrown) {
    await makeUnbootable(device, layout, ephemeralKept);
    throw thrown;
  }
}

async function checkKept(device: BlockDevice, { of: { ephemeral } }: PartitionImagePlan): Promise<void> {
  const head = await device.read(0, primaryBytes(device.sectorBytes));
  const tail = backupBytes(device.sectorBytes);
  const there =
    readTable(head, device.sectorBytes)?.partitions ??
    readBackupTable(await device.read(device.sizeBytes - tail, tail), device.sizeBytes, device.sectorBytes)
      ?.partitions ??
    readMbr(head, device.sectorBytes) ??
    [];
  const same = (one: { offsetBytes: number; sizeBytes: number }) =>
    one.offsetBytes === ephemeral?.offsetBytes && one.sizeBytes === ephemeral.sizeBytes;
  if (there.some(same)) return;
  throw new AgentError('layout', `${device.path} has no ephemeral partition of this size at this place to be kept`, {
    details: 'Rebuild with the ephemeral_gb, boot mode and disk_label of the first deployment, or without keeping it.',
  });
}

/** The table goes too, unless it is the only memory of what must be kept. */
async function makeUnbootable(device: BlockDevice, layout: PartitionImagePlan, keep: boolean): Promise<void> {
  for (const partition of layout.partitions) {
    if (!(keep && partition === layout.of.ephemeral)) await device.zero(partition.offsetBytes, mebibyte);
  }
  if (keep) {
    // Boot code only: the table of an MBR begins at byte 440 with the disk's identity.
    await device.zero(0, 440);
  } else {
    await device.zero(0, mebibyte);
    await device.zero(device.sizeBytes - mebibyte, mebibyte);
  }
  await device.sync();
}

function fillRoot(device: BlockDevice, root: PlannedPartition, source: ImageSource): Promise<number> {
  const { offsetBytes, sizeBytes } = root;
  return isQcow2(source.decodedHead)
    ? pourQcow2(source, device, offsetBytes, sizeBytes)
    : pourStream(source, device, { sparse: false, within: { offsetBytes, sizeBytes } });
}

async function fillOthers(
  { device, image, configDrive }: PartitionImageOptions,
  { of }: PartitionImagePlan,
  ephemeralKept: boolean,
): Promise<void> {
  if (of.esp) await makeFileSystem(device, of.esp, 'vfat');
  if (of.ephemeral && !ephemeralKept) await makeFileSystem(device, of.ephemeral, image.ephemeral_format ?? 'ext4');
  if (of.swap) await device.write(of.swap.offsetBytes, swapHeader(of.swap.sizeBytes, of.swap.name, randomUUID()));
  if (of.configDrive && configDrive) await device.write(of.configDrive.offsetBytes, configDrive);
}

async function writeLayout(
  device: BlockDevice,
  { label, bootMode, partitions, root }: PartitionImagePlan,
): Promise<void> {
  if (label === 'msdos') {
    const entries = partitions.map((one) => ({ ...one, type: one.mbrType, active: one === root }));
    await device.write(0, writeMbr(entries, randomBytes(4).readUInt32LE(), device.sectorBytes));
    return;
  }
  const table = writeTable(
    { diskGuid: randomUUID().toUpperCase(), bootCode: Buffer.alloc(446), active: bootMode === 'bios', partitions },
    device.sizeBytes,
    device.sectorBytes,
  );
  await device.write(table.backupOffsetBytes, table.backup);
  await device.write(0, table.primary);
}
