// Small files that must be whole after a power cut.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isObject, type Json } from '../parse.ts';

/** Writes a file so that a crash leaves the old or the new one, never a part; folders are made. */
export async function writeWhole(path: string, bytes: string | Uint8Array, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.new`;
  const file = await open(next, 'w', mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}

/** The text of a file, or undefined when there is none. Other failures are thrown. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (isObject(thrown) && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')) return undefined;
    throw thrown;
  }
}

/** A JSON object from a file; undefined when it is absent or broken, since all that the agent keeps can be had again. */
export async function readJsonFile(path: string): Promise<Json | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Half of a file from a power cut counts as none.
    return undefined;
  }
}
