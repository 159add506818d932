// The metadata that templates are rendered with: the files that sources left, merged.
import { join } from 'node:path';
import { AgentError } from '../../errors.ts';
import { isObject, type Json } from '../../parse.ts';
import { mergeDeep } from '../collect/merge.ts';
import { readIfThere } from '../files.ts';

/** Merges JSON files in their order; a file that is not there is left out, one that holds no object counts as empty. Throws AgentError `metadata`. */
export async function readMetadata(files: readonly string[]): Promise<Json> {
  let merged: Json = {};
  for (const file of files.filter(Boolean)) {
    const text = await readIfThere(file);
    if (text === undefined) continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new AgentError('metadata', `could not parse metadata file ${file}`, { cause });
    }
    if (isObject(value)) merged = mergeDeep(merged, value);
  }
  return merged;
}

/** Files older tools leave; read first, so that anything else overrides them. */
export const fallbackFiles = [
  '/var/cache/heat-cfntools/last_metadata',
  '/var/lib/heat-cfntools/cfn-init-data',
  '/var/lib/cloud/data/cfn-init-data',
] as const;

/** The paths that os-apply-config would read: OS_CONFIG_FILES, else the list that the collector left. Throws AgentError `metadata`. */
export async function configFiles(
  environment: NodeJS.ProcessEnv,
  listFile: string,
  root = '/',
): Promise<readonly string[]> {
  const fallback = fallbackFiles.map((file) => join(root, file));
  if (environment.OS_CONFIG_FILES !== undefined) return [...fallback, ...environment.OS_CONFIG_FILES.split(':')];
  const text = await readIfThere(environment.OS_CONFIG_FILES_PATH ?? listFile);
  if (text === undefined) return fallback;
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new AgentError('metadata', `${listFile} must hold a JSON list of files`);
  return [...fallback, ...list.filter((file): file is string => typeof file === 'string')];
}

/** The member that a dotted path names, which must be an object. Throws AgentError `metadata`. */
export function subHash(metadata: Json, path: string): Json {
  const value = valueAt(metadata, path);
  if (!isObject(value)) throw new AgentError('metadata', `key '${path}' does not correspond to a hash in the metadata`);
  return value;
}

/** The value that a dotted path names, or undefined. List elements are named by their number. */
export function valueAt(metadata: Json, path: string): unknown {
  let value: unknown = metadata;
  for (const key of path.split('.')) {
    if (Array.isArray(value)) value = value[Number(key)];
    else if (isObject(value) && Object.hasOwn(value, key)) value = value[key];
    else return undefined;
  }
  return value;
}
