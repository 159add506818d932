// Writes an image to a disk while it downloads: head first to plan, digest last to decide whether the disk may boot.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { type GoldenPlan, planGolden } from '../../disk-layout/golden.ts';
import { backupBytes, primaryBytes, readBackupTable, readTable, writeTable } from '../../disk-layout/gpt.ts';
import type { PartitionImagePlan } from '../../disk-layout/partition-image.ts';
import { AgentError } from '../../errors.ts';
import type { ImageInfo } from '../../protocol.ts';
import type { Report } from '../machine.ts';
import type { BlockDevice } from './block-device.ts';
import type { ExpectedDigest } from './digest.ts';
import { makeFileSystem } from './file-system.ts';
import { finishStock } from './finish-stock.ts';
import { type ImageSource, openImage } from './image-source.ts';
import { writePartitionImage } from './partition-image.ts';
import { pourStream } from './pour-stream.ts';
import { isQcow2, pourQcow2 } from './qcow2.ts';

const mebibyte = 1 << 20;

export interface WriteOptions {
  readonly device: BlockDevice;
  readonly image: ImageInfo;
  readonly configDrive: Uint8Array | undefined;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  readonly report: Report;
}

export interface Written {
  /** Bytes that travelled. */
  readonly bytes: number;
  readonly expected: ExpectedDigest;
  /** Where partitions ended up; undefined for images that are not golden. */
  readonly plan: GoldenPlan | undefined;
  /** The same for a partition image. */
  readonly layout: PartitionImagePlan | undefined;
  /** Whether an earlier state or ephemeral partition was kept. */
  readonly kept: boolean;
}

/** Throws AgentError `download`, `checksum`, `write`, `layout` or `diskTooSmall`; after the last check the disk boots this image or nothing. */
export async function writeImage(options: WriteOptions): Promise<Written> {
  const { device, image, configDrive, log } = options;
  const source = await openImage(options);
  const { expected } = source;
  let written: Omit<Written, 'expected'>;
  if (image.image_type === 'partition') {
    const { bytes, layout, ephemeralKept } = await writePartitionImage({ device, image, configDrive, source });
    written = { bytes, plan: undefined, layout, kept: ephemeralKept };
  } else {
    written = await writeDisk(options, source);
  }
  const problem = await device.rereadPartitions();
  if (problem) log(`the kernel keeps its old partitions until the restart: ${problem}`);
  return { ...written, expected };
}

async function writeDisk(options: WriteOptions, source: ImageSource): Promise<Omit<Written, 'expected'>> {
  const { device, configDrive } = options;
  const plan = await planFor(options, source.decodedHead);
  try {
    const bytes = isQcow2(source.decodedHead)
      ? await pourQcow2(source, device, 0, device.sizeBytes)
      : await stream(device, source, plan);
    if (plan) await finishGolden(options, plan);
    else await finishStock(device, configDrive);
    await device.sync();
    return { bytes, plan, layout: undefined, kept: plan?.stateKept ?? false };
  } catch (thrown) {
    await wipe(device, plan);
    throw thrown;
  }
}

async function stream(device: BlockDevice, source: ImageSource, plan: GoldenPlan | undefined): Promise<number> {
  return pourStream(source, device, {
    sparse: plan ? await device.offloadZeros(0, plan.imageEndBytes) : false,
    // A kept state partition lies behind the image: nothing of the stream may reach it.
    limitBytes: plan?.stateKept ? plan.imageEndBytes : undefined,
  });
}

async function planFor(options: WriteOptions, decodedHead: Buffer): Promise<GoldenPlan | undefined> {
  const { device, image } = options;
  if (!image.undercloud_layout) return undefined;
  if (String(image.undercloud_layout) !== '1') {
    throw new AgentError('unsupported', `this agent knows layout 1, image ${image.id} has ${image.undercloud_layout}`);
  }
  if (device.sectorBytes !== 512) {
    throw new AgentError(
      'unsupported',
      `${device.path} has sectors of ${device.sectorBytes} bytes; golden images have 512`,
    );
  }
  const table = readTable(decodedHead);
  if (!table) throw new AgentError('layout', `image ${image.id} says undercloud_layout but does not start with a GPT`);
  const tail = backupBytes(device.sectorBytes);
  // The backup first: an earlier write that broke off has put the image's own table at the start.
  const existing =
    readBackupTable(await device.read(device.sizeBytes - tail, tail), device.sizeBytes) ??
    readTable(await device.read(0, primaryBytes(device.sectorBytes)));
  return planGolden({
    image: table,
    diskBytes: device.sizeBytes,
    existing,
    keepState: image.preserve_ephemeral ?? false,
    configDriveBytes: options.configDrive?.length ?? 0,
    newGuid: () => randomUUID().toUpperCase(),
  });
}

/** State, config drive and, last of all, the table that makes the disk boot. */
async function finishGolden(options: WriteOptions, plan: GoldenPlan): Promise<void> {
  const { device } = options;
  if (!plan.stateKept) await makeFileSystem(device, plan.state);
  const rootB = plan.table.partitions.find((partition) => partition.offsetBytes >= plan.imageEndBytes);
  if (rootB && rootB !== plan.state) await device.zero(rootB.offsetBytes, mebibyte);
  await writeConfigDrive(device, plan, options.configDrive);
  const table = writeTable(plan.table, device.sizeBytes, device.sectorBytes);
  await device.write(table.backupOffsetBytes, table.backup);
  await device.write(0, table.primary);
}

/** Puts a config drive into its partition; without one the partition's old label is wiped. */
export async function writeConfigDrive(
  device: BlockDevice,
  plan: GoldenPlan,
  bytes: Uint8Array | undefined,
): Promise<void> {
  const { offsetBytes, sizeBytes } = plan.configDrive;
  if (bytes && bytes.length > sizeBytes)
    throw new AgentError('diskTooSmall', `the config drive has ${bytes.length} bytes`);
  await device.zero(offsetBytes, Math.min(sizeBytes, mebibyte));
  if (bytes) await device.write(offsetBytes, bytes);
}

/** Leaves nothing that firmware could start: tables and the start of each partition but a kept state. */
async function wipe(device: BlockDevice, plan: GoldenPlan | undefined): Promise<void> {
  const table = plan?.table ?? readTable(await device.read(0, primaryBytes(device.sectorBytes)), device.sectorBytes);
  for (const partition of table?.partitions ?? []) {
    if (!(plan?.stateKept && partition === plan.state)) await device.zero(partition.offsetBytes, mebibyte);
  }
  await device.zero(0, mebibyte);
  // The backup table is the only memory of where a kept state partition lies.
  if (!plan?.stateKept) await device.zero(Math.max(0, device.sizeBytes - mebibyte), mebibyte);
  await device.sync();
}
