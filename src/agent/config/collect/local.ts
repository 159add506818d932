// The `local` source: JSON files that lie on the machine itself.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, type Json, parseObject } from '../../parse.ts';
import { mergeDeep } from './merge.ts';
import type { Source } from './source.ts';

/** Every *.json in the folders, in order of name, merged. */
export function localSource(folders: readonly string[]): Source {
  return {
    name: 'local',
    holdsOpen: false,
    async collect() {
      let merged: Json = {};
      for (const folder of folders) {
        for (const name of await list(folder)) {
          const path = join(folder, name);
          merged = mergeDeep(merged, parseObject(await readFile(path, 'utf8'), path));
        }
      }
      return merged;
    },
  };
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  } catch (thrown) {
    if (isObject(thrown) && thrown.code === 'ENOENT') return [];
    throw thrown;
  }
}
