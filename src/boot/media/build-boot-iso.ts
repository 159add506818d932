// The ISO that one node boots its ramdisk from over virtual media.
import { constants } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fillPlaceholder } from './placeholder.ts';
import { isoTemplate } from './template.ts';

/** Kernel and initramfs files, the node's kernel command line, and the ISO to write. */
export interface BootIsoOptions {
  readonly kernel: string;
  readonly initrd: string;
  readonly cmdline: string;
  readonly output: string;
}

/**
 * Writes an ISO that boots on BIOS (isolinux) and UEFI (systemd-boot). The first for a kernel and initramfs takes about a second and
 * leaves a template beside it; the next ones are a copy of that with another command line. Throws BootMediaError.
 */
export async function buildBootIso(options: BootIsoOptions): Promise<void> {
  const filling = fillPlaceholder(options.cmdline);
  const template = await isoTemplate(options.kernel, options.initrd, dirname(options.output));
  await copyFile(template.path, options.output, constants.COPYFILE_FICLONE);
  const file = await open(options.output, 'r+');
  try {
    for (const offset of template.offsets) await file.write(filling, 0, filling.length, offset);
  } finally {
    await file.close();
  }
}
