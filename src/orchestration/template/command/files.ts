// Reads a template with all files it names, as `openstack stack create` sends them.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readEnvironment } from '../environment/format.ts';
import { TemplateError } from '../errors.ts';
import { readTemplate } from '../text.ts';
import type { TreeInput } from '../tree.ts';
import { type Dict, isDict, jsonText, type Key, type Value } from '../value/index.ts';

export interface GivenFiles {
  readonly template: string;
  readonly environments: readonly string[];
  readonly parameters: readonly string[];
}

const isTemplateName = (name: string): boolean => /\.(?:ya?ml|template)$/.test(name) && !name.includes('://');

class Collector {
  readonly files = new Map<string, string>();
  private readonly read = new Set<string>();

  private add(path: string): string | undefined {
    if (!existsSync(path)) return undefined;
    const known = this.files.get(path);
    if (known !== undefined) return known;
    const text = readText(path);
    this.files.set(path, text);
    return text;
  }

  /** Rewrites names of files to whole paths, and collects what they name in turn. */
  template(value: Value, folder: string): Value {
    if (Array.isArray(value)) return value.map((item) => this.template(item, folder));
    if (!isDict(value)) return value;
    const result = new Map<Key, Value>();
    for (const [key, item] of value) {
      if (
        (key === 'get_file' || key === 'type' || key === 'Type') &&
        typeof item === 'string' &&
        (key === 'get_file' || isTemplateName(item))
      ) {
        result.set(key, this.file(item, folder, key !== 'get_file'));
      } else result.set(key, this.template(item, folder));
    }
    return result;
  }

  private file(name: string, folder: string, nested: boolean): string {
    const path = resolve(folder, name.replace(/^file:\/\//, ''));
    const text = this.add(path);
    if (text !== undefined && nested) this.nested(path, text);
    return text === undefined ? name : path;
  }

  /** A template that names itself, or one that names it, is read once: whoever expands it says that it has no end. */
  private nested(path: string, text: string): void {
    if (this.read.has(path)) return;
    this.read.add(path);
    const data = this.template(readTemplate(text, path), dirname(path));
    this.files.set(path, jsonText(data));
  }

  /** Rewrites the templates that a registry names. */
  registry(value: Value | undefined, folder: string): Value {
    if (!isDict(value)) return value ?? null;
    return new Map(
      [...value].map(([key, item]) => [
        key,
        typeof item === 'string' && isTemplateName(item) ? this.file(item, folder, true) : this.registry(item, folder),
      ]),
    );
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TemplateError('ValueError', `${path} cannot be read: ${reason}`);
  }
}

function parameterValue(text: string): [string, string] {
  const cut = text.indexOf('=');
  if (cut < 1) throw new TemplateError('ValueError', `"${text}" is no NAME=VALUE`);
  return [text.slice(0, cut), text.slice(cut + 1)];
}

/** @throws TemplateError for files that are no templates or environments */
export function readInput(given: GivenFiles): { readonly input: TreeInput; readonly text: string } {
  const text = readText(given.template);
  const collector = new Collector();
  const template = collector.template(readTemplate(text, given.template), dirname(resolve(given.template)));
  const environments = given.environments.map((name, index) => {
    const environment: Dict = new Map(readEnvironment(readText(name)));
    const registry = environment.get('resource_registry');
    if (registry !== undefined)
      environment.set('resource_registry', collector.registry(registry, dirname(resolve(name))));
    const label = `environment ${index}: ${name}`;
    collector.files.set(label, jsonText(environment));
    return label;
  });
  const parameters = Object.fromEntries(given.parameters.map(parameterValue));
  return {
    input: {
      template: isDict(template) ? template : new Map(),
      files: collector.files,
      environmentFiles: environments,
      parameters,
    },
    text,
  };
}
