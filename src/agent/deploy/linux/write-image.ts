// Writes an image to a disk while it downloads: head first to plan, digest last to decide whether the disk may boot.
import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { type GoldenPlan, planGolden } from '../../disk-layout/golden.ts';
import { backupBytes, primaryBytes, readBackupTable, readTable, writeTable } from '../../disk-layout/gpt.ts';
import { AgentError } from '../../errors.ts';
import type { ImageInfo } from '../../protocol.ts';
import type { Report } from '../machine.ts';
import type { BlockDevice } from './block-device.ts';
import { compressionOf, decodeHead, startDecoder } from './decoder.ts';
import { type ExpectedDigest, expectedDigest } from './digest.ts';
import { download } from './download.ts';
import { finishStock } from './finish-stock.ts';
import { has, run } from './program.ts';
import { rateMeter } from './rate.ts';
import { makeStateFileSystem } from './state-partition.ts';

const mebibyte = 1 << 20;
const headBytes = mebibyte;

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
  /** Where partitions ended up; undefined for a stock image. */
  readonly plan: GoldenPlan | undefined;
}

/** Throws AgentError `download`, `checksum`, `write`, `layout` or `diskTooSmall`; after the last check the disk boots this image or nothing. */
export async function writeImage(options: WriteOptions): Promise<Written> {
  const { device, image } = options;
  const expected = expectedDigest(image);
  const source = download({ urls: image.urls, clock: options.clock, log: options.log });
  const chunks = source.chunks[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let held = 0;
  while (held < headBytes) {
    const next = await chunks.next();
    if (next.done) break;
    first.push(next.value);
    held += next.value.length;
  }
  const head = Buffer.concat(first);
  const decoded = await decodeHead(head, 64 * 1024);
  if (decoded.toString('latin1', 0, 4) === 'QFI\xfb') return writeQcow2(options, expected, head, chunks);
  const plan = await planFor(options, decoded);
  const total = () => source.totalBytes || (image.size ?? 0);
  const meter = rateMeter(options.clock, options.report);
  const hash = createHash(expected.algorithm);
  const sparse = plan ? await device.offloadZeros(0, plan.imageEndBytes) : false;
  const decoder = startDecoder({
    compression: compressionOf(head),
    file: device.file.fd,
    sparse,
    // A kept state partition lies behind the image: nothing of the stream may reach it.
    limitBytes: plan?.stateKept ? plan.imageEndBytes : undefined,
  });
  let bytes = 0;
  const take = async (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
    await decoder.write(chunk);
    meter(bytes, total());
  };
  try {
    await take(head);
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) await take(next.value);
    verify(image, expected, hash.digest('hex'), bytes);
    await decoder.finish();
    if (plan) await finishGolden(options, plan);
    else await finishStock(device, options.configDrive);
    await device.sync();
  } catch (thrown) {
    await decoder.abort();
    await wipe(device, plan);
    throw thrown;
  }
  const problem = await device.rereadPartitions();
  if (problem) options.log(`the kernel keeps its old partitions until the restart: ${problem}`);
  return { bytes, expected, plan };
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
  if (!plan.stateKept) await makeStateFileSystem(device, plan.state);
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

function verify(image: ImageInfo, expected: ExpectedDigest, actual: string, bytes: number): void {
  if (actual === expected.value) return;
  throw new AgentError(
    'checksum',
    `image ${image.id} should have ${expected.algorithm} ${expected.value}, got ${actual} (${bytes} bytes)`,
  );
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

/** qcow2 cannot be written in one pass: it is kept in memory, verified, then converted. */
async function writeQcow2(
  options: WriteOptions,
  expected: ExpectedDigest,
  head: Buffer,
  rest: AsyncIterator<Buffer, void>,
): Promise<Written> {
  const { device, image } = options;
  if (!(await has('qemu-img'))) {
    throw new AgentError(
      'missingProgram',
      'qcow2 images need qemu-img in the deploy ramdisk; raw and compressed raw images do not',
    );
  }
  const { mkdtemp, open, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const folder = await mkdtemp(`${tmpdir()}/image-`);
  const meter = rateMeter(options.clock, options.report);
  const hash = createHash(expected.algorithm);
  let bytes = 0;
  try {
    const file = await open(`${folder}/image.qcow2`, 'w');
    try {
      const take = async (chunk: Buffer) => {
        hash.update(chunk);
        await file.write(chunk);
        bytes += chunk.length;
        meter(bytes, image.size ?? 0);
      };
      await take(head);
      for (let next = await rest.next(); !next.done; next = await rest.next()) await take(next.value);
    } finally {
      await file.close();
    }
    verify(image, expected, hash.digest('hex'), bytes);
    await run('qemu-img', ['convert', '-n', '-f', 'qcow2', '-O', 'raw', `${folder}/image.qcow2`, device.path]);
    await finishStock(device, options.configDrive);
    await device.sync();
  } catch (thrown) {
    await wipe(device, undefined);
    throw thrown;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const problem = await device.rereadPartitions();
  if (problem) options.log(`the kernel keeps its old partitions until the restart: ${problem}`);
  return { bytes, expected, plan: undefined };
}
