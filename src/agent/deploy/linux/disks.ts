// The machine's disks from /sys/block.
import { join } from 'node:path';
import type { Disk } from '../../protocol.ts';
import { pathOf, wwnOf } from './disk-names.ts';
import { names, read, readNumber, target } from './sysfs.ts';

/** Block devices that are no disks of the machine: memory, mapped, network, optical and floppy ones. */
const notDisks = /^(?:ram|loop|zram|dm-|md|nbd|sr|fd|mtdblock|pmem\d+s)/;

/** Every writable disk with a size; `root` is a prefix of /sys and /dev for tests. */
export function listDisks(root = '/'): Promise<readonly Disk[]> {
  return list(root, (name) => !notDisks.test(name));
}

/** Arrays of software RAID that are running. */
export function listArrays(root = '/'): Promise<readonly Disk[]> {
  return list(root, (name) => /^md\d+$/.test(name));
}

async function list(root: string, wanted: (name: string) => boolean): Promise<readonly Disk[]> {
  const disks: Disk[] = [];
  const paths = await byPath(root);
  for (const name of await names(join(root, 'sys/block'))) {
    if (!wanted(name)) continue;
    const folder = join(root, 'sys/block', name);
    const sectors = (await readNumber(join(folder, 'size'))) ?? 0;
    if (sectors === 0 || (await read(join(folder, 'ro'))) === '1') continue;
    const device = join(folder, 'device');
    const wwid = (await read(join(folder, 'wwid'))) ?? (await read(join(device, 'wwid')));
    const address = (await target(device))?.split('/').pop() ?? '';
    disks.push({
      name: `/dev/${name}`,
      model: (await read(join(device, 'model'))) ?? null,
      // The kernel counts sectors of 512 bytes here whatever the disk's own sector size is.
      size: sectors * 512,
      rotational: (await read(join(folder, 'queue/rotational'))) === '1',
      ...wwnOf(wwid),
      serial: (await read(join(folder, 'serial'))) ?? (await read(join(device, 'serial'))) ?? null,
      vendor: (await read(join(device, 'vendor'))) ?? null,
      hctl: /^\d+:\d+:\d+:\d+$/.test(address) ? address : null,
      by_path: paths.get(name) ?? (await pathOf(folder)),
      uuid: null,
      logical_sectors: (await readNumber(join(folder, 'queue/logical_block_size'))) ?? 512,
      physical_sectors: (await readNumber(join(folder, 'queue/physical_block_size'))) ?? 512,
    });
  }
  return disks;
}

/** Kernel name to /dev/disk/by-path link, where udev runs. */
async function byPath(root: string): Promise<ReadonlyMap<string, string>> {
  const folder = join(root, 'dev/disk/by-path');
  const paths = new Map<string, string>();
  for (const link of await names(folder)) {
    const name = (await target(join(folder, link)))?.split('/').pop();
    if (name) paths.set(name, `/dev/disk/by-path/${link}`);
  }
  return paths;
}
