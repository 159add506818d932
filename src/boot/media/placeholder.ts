// The place in a boot ISO that holds the kernel command line, found and filled without building the ISO anew.
import { BootMediaError } from './errors.ts';

/** Bytes reserved for a command line; syslinux takes 2047 characters, the kernel as many. */
export const commandLineBytes = 1536;
const marker = 'UNDERCLOUD-COMMAND-LINE';

/** What stands in the ISO's loader files until a node's command line is put there. */
export const placeholder = marker.padEnd(commandLineBytes, '#');

/** Offsets of all placeholders in `image`, which is at `base` of the file. */
export function findPlaceholders(image: Buffer, base = 0): number[] {
  const offsets: number[] = [];
  const wanted = Buffer.from(placeholder);
  for (let at = image.indexOf(wanted); at >= 0; at = image.indexOf(wanted, at + wanted.length)) offsets.push(base + at);
  return offsets;
}

/** A command line as the bytes that replace a placeholder: ASCII, filled with spaces. Throws `command_line_too_long`. */
export function fillPlaceholder(commandLine: string): Buffer {
  const bytes = Buffer.from(commandLine.replace(/\s+/g, ' ').trim());
  if (bytes.length > commandLineBytes) {
    throw new BootMediaError(
      'command_line_too_long',
      `the kernel command line has ${bytes.length} bytes, an ISO has room for ${commandLineBytes}`,
    );
  }
  return Buffer.concat([bytes, Buffer.alloc(commandLineBytes - bytes.length, ' ')]);
}
