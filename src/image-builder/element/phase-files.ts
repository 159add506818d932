// The files of a phase across elements, in the order they run.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Element } from './find.ts';

/** One file of a phase folder. */
export interface PhaseFile {
  readonly element: Element;
  readonly name: string;
  readonly path: string;
}

/**
 * The files in `phase` of all elements, by name (numbers first, as dib-run-parts does); of two with one name the
 * later element's wins, as its copy would land on top. Scripts must be executable; environment files need not be.
 */
export function phaseFiles(elements: readonly Element[], phase: string): PhaseFile[] {
  const found = new Map<string, PhaseFile>();
  for (const element of elements) {
    for (const name of list(join(element.folder, phase))) {
      const path = join(element.folder, phase, name);
      const { mode } = statSync(path);
      if (phase === 'environment.d' || (mode & 0o111) !== 0) found.set(name, { element, name, path });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Files of a folder whose names dib-run-parts accepts; none when the folder is absent. */
function list(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /^[0-9A-Za-z_.-]+$/.test(entry.name))
    .map((entry) => entry.name);
}
