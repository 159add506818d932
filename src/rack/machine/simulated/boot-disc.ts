// The disc in a simulated machine's drive: what its boot loader would tell the kernel.
import { readFile } from 'node:fs/promises';
import { readIso } from '../../../agent/index.ts';

/** Where loaders keep their entry on a disc, and what the line with the kernel's words begins with. */
const loaders: readonly (readonly [file: string, line: RegExp])[] = [
  ['isolinux/isolinux.cfg', /^\s*append\s+(.+)$/im],
  ['boot/grub/grub.cfg', /^\s*linux(?:efi)?\s+\S+\s+(.+)$/m],
];

/** The kernel's command line; undefined for a disc that boots nothing. Throws when the file cannot be read. */
export async function commandLineOfDisc(path: string): Promise<string | undefined> {
  const files = readIso(await readFile(path));
  for (const [file, line] of loaders) {
    const words = line.exec(files.get(file)?.toString() ?? '')?.[1];
    if (words !== undefined) return words.trim();
  }
  return undefined;
}
