// The programs of this machine that a build calls, checked before anything is begun.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ImageBuildError } from './errors.ts';
import type { ImageKind } from './options.ts';

/** Program or file -> Debian package. */
const always = { mmdebstrap: 'mmdebstrap', unshare: 'util-linux', chroot: 'coreutils', zstd: 'zstd' };
const forPartitions = { 'mkfs.ext4': 'e2fsprogs' };
const forDisks = {
  ...forPartitions,
  sfdisk: 'fdisk',
  'mkfs.vfat': 'dosfstools',
  mcopy: 'mtools',
  syslinux: 'syslinux',
  '/usr/lib/syslinux/mbr/gptmbr.bin': 'syslinux-common',
  '/usr/lib/systemd/boot/efi/systemd-bootx64.efi': 'systemd-boot-efi',
};

const more: Readonly<Record<ImageKind, Readonly<Record<string, string>>>> = {
  disk: forDisks,
  partition: forPartitions,
  ramdisk: {},
};

/** Throws `program_missing` with the packages to install, or `root_needed` with the reason. */
export function checkRequirements(kind: ImageKind, userId: number): void {
  const wanted = Object.entries({ ...always, ...more[kind] });
  const missing = wanted.filter(([program]) => !present(program));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
    throw new ImageBuildError(
      'program_missing',
      `missing on this machine: ${missing.map(([program]) => program).join(', ')}`,
      {
        hint: `Run: apt-get install ${packages}`,
      },
    );
  }
  if (userId !== 0)
    throw new ImageBuildError(
      'root_needed',
      'an image build needs root: it mounts /proc and /dev into the tree and keeps the owners of files',
    );
}

function present(program: string): boolean {
  const folders = program.startsWith('/') ? [''] : [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.R_OK);
      return true;
    } catch {
      return false;
    }
  });
}
