// Erases disks: only what makes them readable, or every byte.

import type { Clock } from '../../clock.ts';
import { AgentError, asAgentError } from '../../errors.ts';
import type { Disk } from '../../protocol.ts';
import type { EraseSettings, Report } from '../machine.ts';
import { type BlockDevice, openBlockDevice } from './block-device.ts';
import { has, type Run, run } from './program.ts';
import { rateMeter } from './rate.ts';
import { type SecureErase, secureEraseOf } from './secure-erase.ts';
import { names, readNumber } from './sysfs.ts';

const mebibyte = 1 << 20;
/** Both copies of partition tables, RAID superblocks (at either end) and file system signatures lie within this of an end. */
const metadataBytes = 4 * mebibyte;
/** Zeroing goes in steps of this, so that progress can be told. */
const stepBytes = 256 * mebibyte;

export interface EraseOptions {
  readonly disks: readonly Disk[];
  readonly clock: Clock;
  readonly log: (line: string) => void;
  readonly report: Report;
  readonly run?: Run;
}

/** Overwrites the start and end of every disk and of every partition on it. */
export async function eraseMetadata(options: EraseOptions): Promise<void> {
  await eachDisk(options, async (device, disk) => {
    const name = disk.name.replace('/dev/', '');
    for (const entry of await names(`/sys/block/${name}`)) {
      const start = await readNumber(`/sys/block/${name}/${entry}/start`);
      const size = await readNumber(`/sys/block/${name}/${entry}/size`);
      if (start === undefined || size === undefined) continue;
      await device.zero(start * 512, Math.min(size * 512, metadataBytes));
      await device.zero(Math.max(start, start + size - metadataBytes / 512) * 512, Math.min(size * 512, metadataBytes));
    }
    await device.zero(0, metadataBytes);
    await device.zero(Math.max(0, device.sizeBytes - metadataBytes), metadataBytes);
  });
}

/** Formats the NVMe disks that can erase themselves at once, and only the metadata of the others. */
export async function eraseExpress(options: EraseOptions): Promise<void> {
  const others: Disk[] = [];
  for (const disk of options.disks) {
    const own = disk.name.startsWith('/dev/nvme') ? await secureEraseOf(disk, options.run ?? run) : undefined;
    if (own) await eraseItself(options, disk, own);
    else others.push(disk);
  }
  await eraseMetadata({ ...options, disks: others });
}

/**
 * Makes every byte of every disk unreadable: by the disk's own secure erase or secure discard where it has one, else by zeros, which the
 * disk may write by itself. Throws AgentError `write` when reading back a sample finds anything else, or when a disk fails to erase itself
 * and `settings` do not say to go on by overwriting.
 */
export async function eraseDisks(options: EraseOptions, settings: EraseSettings): Promise<void> {
  const total = options.disks.reduce((sum, disk) => sum + disk.size, 0);
  const meter = rateMeter(options.clock, options.report);
  let before = 0;
  await eachDisk(options, async (device, disk) => {
    if (await erasedItself(options, settings, disk)) {
      options.log(`${disk.name}: erased by itself`);
    } else if (await secureDiscard(device)) {
      options.log(`${disk.name}: discarded securely`);
    } else {
      for (let at = 0; at < device.sizeBytes; at += stepBytes) {
        const length = Math.min(stepBytes, device.sizeBytes - at);
        if (!(await device.offloadZeros(at, length))) await device.zero(at, length);
        meter(before + at + length, total);
      }
      await device.sync();
      await verifyZeros(device);
    }
    before += disk.size;
    meter(before, total);
  });
}

async function eachDisk(
  options: EraseOptions,
  erase: (device: BlockDevice, disk: Disk) => Promise<void>,
): Promise<void> {
  for (const disk of options.disks) {
    const device = await openBlockDevice(disk.name, disk.size, disk.logical_sectors);
    try {
      await erase(device, disk);
      await device.sync();
      const problem = await device.rereadPartitions();
      if (problem) options.log(`${disk.name}: ${problem}`);
    } finally {
      await device.close();
    }
  }
}

/** False when the disk does not offer it, or failed and the settings allow to overwrite instead. */
async function erasedItself(options: EraseOptions, settings: EraseSettings, disk: Disk): Promise<boolean> {
  if (!(disk.name.startsWith('/dev/nvme') ? settings.nvme : settings.ata)) return false;
  try {
    const own = await secureEraseOf(disk, options.run ?? run);
    if (own) await eraseItself(options, disk, own);
    return own !== undefined;
  } catch (thrown) {
    if (!settings.goOn) throw thrown;
    options.log(`${disk.name}: ${asAgentError(thrown).details}; overwriting it instead`);
    return false;
  }
}

async function eraseItself(
  options: EraseOptions,
  disk: Disk,
  { name, erase }: { name: string; erase: SecureErase },
): Promise<void> {
  options.log(`${disk.name}: ${name}`);
  await erase(options.run ?? run, options.clock);
}

/** Plain discard promises nothing about what is read afterwards; only the secure form does. */
async function secureDiscard(device: BlockDevice): Promise<boolean> {
  if (!(await has('blkdiscard')) || !(await device.file.stat()).isBlockDevice()) return false;
  return run('blkdiscard', ['--secure', device.path]).then(
    () => true,
    // Most disks do not offer it; zeros follow.
    () => false,
  );
}

/** Reads back 64 samples spread over the disk. */
async function verifyZeros(device: BlockDevice): Promise<void> {
  for (let sample = 0; sample < 64; sample += 1) {
    const at = Math.floor((device.sizeBytes / 64) * sample);
    const bytes = await device.read(at, 4096);
    if (bytes.some((byte) => byte !== 0)) {
      throw new AgentError('write', `${device.path} still holds data at byte ${at} after it was erased`);
    }
  }
}
