// Reads the kernel's small text files; what is not there is undefined, as drivers differ in what they offer.
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';

/** The trimmed text of a file, or undefined when it is absent, unreadable or empty. */
export async function read(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined;
  } catch {
    // Many attributes exist but answer EINVAL or EIO while a device is down: the same as absent.
    return undefined;
  }
}

export async function readNumber(path: string): Promise<number | undefined> {
  const text = await read(path);
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Names in a folder, sorted; none when it is absent. */
export async function names(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).sort();
  } catch {
    return [];
  }
}

/** Where a link leads in the end, or undefined. */
export async function target(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    return readlink(path).catch(() => undefined);
  }
}
