// Gathers what a stack is made of from files: the template, its environments, and every file they name.
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { readTextFile } from '../text-file.ts';
import { UsageError } from '../usage-error.ts';

export interface StackFiles {
  /** The template's text as it stands in the file. */
  readonly template: string;
  /** Names in `files`, in the order given. */
  readonly environment_files: readonly string[];
  /** Every file named, under the name by which the text names it. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Reads the template and environments and, from there, files named by get_file, by a resource's type (`*.yaml`,
 * `*.template`) and by a resource_registry, each relative to the file that names it. Throws UsageError for a file that is
 * missing, cannot be read as YAML, or has the name of another one.
 */
export function readStackFiles(template: string, environments: readonly string[]): StackFiles {
  const gathered = new Map<string, { path: string; text: string }>();
  const text = readTextFile(template, 'the template');
  gather(text, template, gathered);
  for (const environment of environments) {
    const content = readTextFile(environment, 'the environment');
    gathered.set(environment, { path: resolve(environment), text: content });
    gather(content, environment, gathered);
  }
  return {
    template: text,
    environment_files: environments,
    files: Object.fromEntries([...gathered].map(([name, file]) => [name, file.text])),
  };
}

function gather(text: string, from: string, gathered: Map<string, { path: string; text: string }>): void {
  let tree: unknown;
  try {
    tree = parse(text, { version: '1.1', uniqueKeys: false, logLevel: 'error' });
  } catch (error) {
    throw new UsageError(`${from} cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  for (const { name, isTemplate } of namesIn(tree)) {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name))
      throw new UsageError(
        `${from} names ${name}: only files of this machine are read; fetch it first and name the file`,
      );
    const path = resolve(dirname(from), name);
    const known = gathered.get(name);
    if (known) {
      if (known.path === path) continue;
      throw new UsageError(
        `${from} names ${name} (${path}), but that name already stands for ${known.path}; give one of the two another name`,
      );
    }
    const content = readTextFile(path, `${name}, which ${from} names,`);
    gathered.set(name, { path, text: content });
    if (isTemplate) gather(content, path, gathered);
  }
}

interface FileName {
  readonly name: string;
  readonly isTemplate: boolean;
}

const templateName = /\.(ya?ml|template)$/;

function* namesIn(tree: unknown, inRegistry = false): Generator<FileName> {
  if (Array.isArray(tree)) {
    for (const item of tree) yield* namesIn(item, inRegistry);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') {
      if (key === 'get_file' || key === 'Fn::GetFile') yield { name: value, isTemplate: false };
      else if ((key === 'type' || key === 'Type' || inRegistry) && templateName.test(value))
        yield { name: value, isTemplate: true };
    } else yield* namesIn(value, inRegistry || key === 'resource_registry');
  }
}

/** `-P key=value`: a value that is JSON (a list, a map, a number) is taken as such, anything else as text. */
export function parseParameters(given: readonly string[]): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  for (const pair of given) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`-P ${pair}: parameters are given as KEY=VALUE`);
    const value = pair.slice(equals + 1);
    parameters[pair.slice(0, equals)] = /^[[{]/.test(value) ? parseJson(pair, value) : value;
  }
  return parameters;
}

function parseJson(pair: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new UsageError(
      `-P ${pair}: the value begins like JSON but is none: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
