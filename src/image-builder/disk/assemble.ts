// Writes a tree into a bootable disk image, in a plain file, without loop device or mount.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runLogged } from '../step/index.ts';
import { loaderConfig, loaderEntry, syslinuxConfig } from './boot-files.ts';
import { type LayoutPartition, type LayoutSizes, planLayout, sfdiskScript } from './layout.ts';
import { makeRootFileSystem, programPath } from './root-file-system.ts';

/** What was assembled. Bytes from the file's start; `contentEndBytes` is where the data of root A ends. */
export interface AssembledDisk {
  readonly partitions: readonly LayoutPartition[];
  readonly diskBytes: number;
  readonly rootBytes: number;
  readonly contentEndBytes: number;
}

/** The image to write: the finished tree, the raw file to make, sizes and the kernel command line's own part. */
export interface AssembleRequest {
  readonly root: string;
  readonly output: string;
  readonly work: string;
  readonly sizes: LayoutSizes;
  readonly commandLine: string;
  readonly log: string;
}

const environment = { PATH: programPath, MTOOLS_SKIP_CHECK: '1' };
/** Programs of Debian's syslinux, syslinux-common and systemd-boot-efi that go into the image. */
const gptBootCode = '/usr/lib/syslinux/mbr/gptmbr.bin';
const systemdBoot = '/usr/lib/systemd/boot/efi/systemd-bootx64.efi';

/** Makes `request.output`. Throws `image_too_large` when the tree does not fit its slot, `step_failed` when a tool fails. */
export async function assembleDisk(request: AssembleRequest): Promise<AssembledDisk> {
  const { output, root, work, log } = request;
  const layout = planLayout(request.sizes);
  const find = (name: LayoutPartition['name']): LayoutPartition => {
    const found = layout.partitions.find((partition) => partition.name === name);
    if (!found) throw new RangeError(`the layout has no ${name}`);
    return found;
  };
  const run = (what: string, ...command: string[]) => runLogged(command, environment, what, log);
  await mkdir(work, { recursive: true });
  await rm(output, { force: true });
  await writeFile(output, '');
  await truncate(output, layout.diskBytes);
  const table = join(work, 'table');
  await writeFile(table, sfdiskScript(layout.partitions));
  await run('partition table', 'sh', '-c', 'sfdisk --quiet --no-tell-kernel "$1" < "$2"', 'sfdisk', output, table);
  await copyInto(gptBootCode, output, 0, 440);

  const esp = join(work, 'esp');
  await makeEsp(request, esp, find('esp').sizeBytes, run);
  await copyInto(esp, output, find('esp').offsetBytes);

  const slot = find('root-a');
  // No journal: the root is never mounted for writing.
  const rootBytes = await makeRootFileSystem({
    ...{ tree: root, output, log, label: 'root-a', features: '^has_journal,^resize_inode' },
    ...{ offsetBytes: slot.offsetBytes, freeMib: 0, mostBytes: slot.sizeBytes },
  });
  return { ...layout, rootBytes, contentEndBytes: find('root-a').offsetBytes + rootBytes };
}

type Run = (what: string, ...command: string[]) => Promise<void>;

async function makeEsp(request: AssembleRequest, esp: string, sizeBytes: number, run: Run): Promise<void> {
  const { root, work, commandLine } = request;
  await writeFile(esp, '');
  await truncate(esp, sizeBytes);
  await run('EFI system partition', 'mkfs.vfat', '-F', '32', '-n', 'ESP', esp);
  const texts = {
    'syslinux.cfg': syslinuxConfig('a', commandLine),
    'loader.conf': loaderConfig('a'),
    'slot-a.conf': loaderEntry('a', commandLine),
    'slot-b.conf': loaderEntry('b', commandLine),
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(work, name), text);
  await run(
    'EFI system partition',
    'mmd',
    '-i',
    esp,
    '::/EFI',
    '::/EFI/BOOT',
    '::/loader',
    '::/loader/entries',
    '::/slots',
    '::/slots/a',
    '::/slots/b',
  );
  const copies = [
    [join(root, 'boot/vmlinuz'), '::/slots/a/vmlinuz'],
    [join(root, 'boot/initrd'), '::/slots/a/initrd'],
    [join(work, 'syslinux.cfg'), '::/syslinux.cfg'],
    [join(work, 'loader.conf'), '::/loader/loader.conf'],
    [join(work, 'slot-a.conf'), '::/loader/entries/slot-a.conf'],
    [join(work, 'slot-b.conf'), '::/loader/entries/slot-b.conf'],
    [systemdBoot, '::/EFI/BOOT/BOOTX64.EFI'],
  ] as const;
  for (const [from, to] of copies) await run(`EFI system partition: ${to}`, 'mcopy', '-i', esp, from, to);
  await run('BIOS boot loader', 'syslinux', '--install', esp);
}

/** Copies a file (its first `limit` bytes) to `offset` of another. */
async function copyInto(from: string, to: string, offset: number, limit?: number): Promise<void> {
  if (limit !== undefined) {
    const file = await open(to, 'r+');
    try {
      const bytes = (await readFile(from)).subarray(0, limit);
      await file.write(bytes, 0, bytes.length, offset);
    } finally {
      await file.close();
    }
    return;
  }
  if ((await stat(from)).size === 0) return;
  await pipeline(
    createReadStream(from, { highWaterMark: 1 << 20 }),
    createWriteStream(to, { flags: 'r+', start: offset }),
  );
}
