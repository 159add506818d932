// The ISO of a kernel and initramfs without a command line: made once, copied for each node.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BootMediaError } from './errors.ts';
import { findPlaceholders, placeholder } from './placeholder.ts';
import { run } from './program.ts';

/** Files of Debian's isolinux, syslinux-common and systemd-boot-efi. */
const loaders = {
  isolinux: '/usr/lib/ISOLINUX/isolinux.bin',
  ldlinux: '/usr/lib/syslinux/modules/bios/ldlinux.c32',
  systemdBoot: '/usr/lib/systemd/boot/efi/systemd-bootx64.efi',
} as const;
/** A kernel that is being replaced still boots the nodes that are under way. */
const kept = 2;
const mebibyte = 1 << 20;

/** An ISO with placeholders at `offsets`. */
export interface IsoTemplate {
  readonly path: string;
  readonly offsets: readonly number[];
}

/** The template for these two files in `folder`, made when it is not there. Throws BootMediaError. */
export async function isoTemplate(kernel: string, initrd: string, folder: string): Promise<IsoTemplate> {
  const identity = await Promise.all([kernel, initrd].map(async (path) => [path, await stat(path)] as const));
  const digest = createHash('sha256').update(
    identity.map(([path, info]) => `${path} ${info.size} ${info.mtimeMs}`).join('\n'),
  );
  const path = join(folder, `template-${digest.digest('hex').slice(0, 16)}.iso`);
  const places = `${path}.json`;
  if (!(await exists(places)) || !(await exists(path))) await makeTemplate(kernel, initrd, path);
  const offsets: unknown = JSON.parse(await readFile(places, 'utf8'));
  if (!Array.isArray(offsets) || !offsets.every((offset) => typeof offset === 'number')) {
    throw new BootMediaError('template_broken', `${places} holds no list of offsets`);
  }
  return { path, offsets };
}

async function makeTemplate(kernel: string, initrd: string, path: string): Promise<void> {
  const folder = join(path, '..');
  await mkdir(folder, { recursive: true });
  for (const file of Object.values(loaders)) {
    if (!(await exists(file))) throw new BootMediaError('program_missing', `${file} is not installed`);
  }
  const work = await mkdtemp(join(folder, 'template-work-'));
  try {
    const tree = join(work, 'iso');
    await mkdir(join(tree, 'isolinux'), { recursive: true });
    await copyFile(loaders.isolinux, join(tree, 'isolinux/isolinux.bin'));
    await copyFile(loaders.ldlinux, join(tree, 'isolinux/ldlinux.c32'));
    await copyFile(kernel, join(tree, 'vmlinuz'), constants.COPYFILE_FICLONE);
    await copyFile(initrd, join(tree, 'initrd'), constants.COPYFILE_FICLONE);
    const entry = [
      'DEFAULT d',
      'PROMPT 0',
      'TIMEOUT 0',
      'LABEL d',
      ' LINUX /vmlinuz',
      ' INITRD /initrd',
      ` APPEND ${placeholder}`,
      '',
    ];
    await writeFile(join(tree, 'isolinux/isolinux.cfg'), entry.join('\n'));
    await makeEfiImage(kernel, initrd, work, join(tree, 'efi.img'));
    const iso = join(work, 'template.iso');
    // isolinux is told where it lies; the UEFI image is the second boot entry (El Torito, platform EF).
    const bios = [
      '-b',
      'isolinux/isolinux.bin',
      '-c',
      'isolinux/boot.cat',
      '-no-emul-boot',
      '-boot-load-size',
      '4',
      '-boot-info-table',
    ];
    const efi = ['-eltorito-alt-boot', '-e', 'efi.img', '-no-emul-boot'];
    await run('xorriso', '-as', 'mkisofs', '-quiet', '-o', iso, '-J', '-R', '-V', 'DEPLOY', ...bios, ...efi, tree);
    const offsets = await scan(iso);
    if (offsets.length !== 2)
      throw new BootMediaError(
        'template_broken',
        `the ISO shows ${offsets.length} places for the command line instead of 2`,
      );
    await rename(iso, path);
    await writeFile(`${path}.json.partial`, JSON.stringify(offsets));
    await rename(`${path}.json.partial`, `${path}.json`);
    await dropOld(folder, basename(path));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A FAT with systemd-boot, kernel and initramfs, just large enough. */
async function makeEfiImage(kernel: string, initrd: string, work: string, output: string): Promise<void> {
  const bytes = (await stat(kernel)).size + (await stat(initrd)).size + (await stat(loaders.systemdBoot)).size;
  await writeFile(output, '');
  await truncate(output, (Math.ceil((bytes * 1.01) / mebibyte) + 2) * mebibyte);
  await writeFile(join(work, 'loader.conf'), 'default deploy.conf\ntimeout 0\neditor no\n');
  await writeFile(
    join(work, 'deploy.conf'),
    `title Deploy ramdisk\nlinux /vmlinuz\ninitrd /initrd\noptions ${placeholder}\n`,
  );
  // Clusters as large as the entry keep it in one piece, so that its placeholder can be found and filled.
  await run('mkfs.vfat', '-s', '8', '-n', 'DEPLOY', output);
  await run('mmd', '-i', output, '::/EFI', '::/EFI/BOOT', '::/loader', '::/loader/entries');
  await run('mcopy', '-i', output, join(work, 'loader.conf'), '::/loader/loader.conf');
  await run('mcopy', '-i', output, join(work, 'deploy.conf'), '::/loader/entries/deploy.conf');
  await run('mcopy', '-i', output, loaders.systemdBoot, '::/EFI/BOOT/BOOTX64.EFI');
  await run('mcopy', '-i', output, kernel, '::/vmlinuz');
  await run('mcopy', '-i', output, initrd, '::/initrd');
}

/** Offsets of the placeholders in a file, read in overlapping pieces. */
async function scan(path: string): Promise<number[]> {
  const file = await open(path);
  try {
    const piece = Buffer.alloc(8 * mebibyte);
    const found = new Set<number>();
    for (let base = 0; ; base += piece.length - placeholder.length) {
      const { bytesRead } = await file.read(piece, 0, piece.length, base);
      for (const offset of findPlaceholders(piece.subarray(0, bytesRead), base)) found.add(offset);
      if (bytesRead < piece.length) return [...found];
    }
  } finally {
    await file.close();
  }
}

async function dropOld(folder: string, current: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^template-[0-9a-f]{16}\.iso$/.test(name) && name !== current);
  const aged = await Promise.all(names.map(async (name) => ({ name, made: (await stat(join(folder, name))).mtimeMs })));
  aged.sort((a, b) => b.made - a.made);
  for (const { name } of aged.slice(kept - 1)) {
    await rm(join(folder, `${name}.json`), { force: true });
    await rm(join(folder, name), { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
