// Reads the YAML files that the configuration names, and the configuration itself.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { StartError } from './errors.ts';

/** What the file holds; `read` makes of it what is wanted. Throws StartError that says what the file is for and what is wrong. */
export function readYamlFile<Result>(what: string, file: string, read: (tree: unknown) => Result): Result {
  try {
    return read(parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new StartError(`${what} ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export type Tree = { [key: string]: unknown };

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
