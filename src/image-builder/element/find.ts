// Elements on disk: where one is found and what it declares.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageBuildError } from '../errors.ts';

/** One element folder of the diskimage-builder layout. */
export interface Element {
  readonly name: string;
  readonly folder: string;
  readonly needs: readonly string[];
  readonly provides: readonly string[];
  /** Variables that name files whose content the element's result depends on (our addition: the file `file-inputs`). */
  readonly fileInputs: readonly string[];
}

/** The words of a list file, without comments; empty when the file is absent. */
function words(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

/**
 * Reads the element called `name` from the first folder of `path` that has it.
 * Throws `element_missing`, naming every folder searched.
 */
export function findElement(name: string, path: readonly string[]): Element {
  for (const place of path) {
    const folder = join(place, name);
    if (!existsSync(folder)) continue;
    return {
      name,
      folder,
      needs: words(join(folder, 'element-deps')),
      provides: words(join(folder, 'element-provides')),
      fileInputs: words(join(folder, 'file-inputs')),
    };
  }
  throw new ImageBuildError('element_missing', `no element "${name}" in ${path.join(', ')}`);
}
