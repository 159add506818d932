// Keeps the last content of every source in the files that os-apply-config and elements' scripts read.
import { join } from 'node:path';
import type { Json } from '../../parse.ts';
import { parseObject } from '../../parse.ts';
import { readIfThere, writeWhole } from '../files.ts';
import type { Paths } from '../paths.ts';
import { contributions, type Named } from './merge.ts';

/** Writes one file per contribution, and their list in order of precedence; answers the paths. */
export async function storeContributions(
  paths: Paths,
  contents: ReadonlyMap<string, Json>,
): Promise<readonly string[]> {
  const all: Named[] = [...contents].flatMap(([source, content]) => contributions(source, content));
  const files: string[] = [];
  for (const { name, content } of all) {
    const path = join(paths.cache, `${name.replaceAll('/', '_')}.json`);
    const text = `${JSON.stringify(content)}\n`;
    if ((await readIfThere(path)) !== text) await writeWhole(path, text);
    if (!files.includes(path)) files.push(path);
  }
  await writeWhole(paths.configFileList, JSON.stringify(files), 0o644);
  return files;
}

/** What a source said last, from before a restart. */
export async function lastContent(paths: Paths, source: string): Promise<Json | undefined> {
  const path = join(paths.cache, `${source}.json`);
  const text = await readIfThere(path);
  return text === undefined ? undefined : parseObject(text, path);
}
