// The package lists of an element: package-installs.yaml with pkg-map, as diskimage-builder reads them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ImageBuildError } from '../errors.ts';
import type { Element } from './find.ts';

/** Phases that packages can be installed in. */
export const packagePhases = ['pre-install.d', 'install.d', 'post-install.d'] as const;
export type PackagePhase = (typeof packagePhases)[number];

/** One wish of a package-installs file, after its conditions were met. */
export interface PackageWish {
  readonly name: string;
  readonly phase: PackagePhase;
  readonly uninstall: boolean;
}

/** What conditions and name maps are decided by. */
export interface PackageContext {
  readonly arch: string;
  readonly distro: string;
  readonly environment: Readonly<Record<string, string>>;
}

const families: Readonly<Record<string, string>> = {
  debian: 'debian',
  ubuntu: 'debian',
  fedora: 'redhat',
  centos: 'redhat',
  rhel: 'redhat',
};

/** The packages that `element` wants installed or removed here. Throws `package_installs_invalid`. */
export function packageWishes(element: Element, context: PackageContext): PackageWish[] {
  const file = ['package-installs.yaml', 'package-installs.json']
    .map((name) => join(element.folder, name))
    .find(existsSync);
  if (!file) return [];
  const map = join(element.folder, 'pkg-map');
  const names = existsSync(map) ? parsePackageMap(readFileSync(map, 'utf8'), map, context.distro) : () => undefined;
  return parsePackageInstalls(readFileSync(file, 'utf8'), file, context).flatMap((wish) => {
    const mapped = names(wish.name);
    return mapped === undefined
      ? [wish]
      : mapped
          .split(/\s+/)
          .filter(Boolean)
          .map((name) => ({ ...wish, name }));
  });
}

/** Reads package-installs text; `source` is named in faults. A package may carry one set of conditions or a list of them. */
export function parsePackageInstalls(text: string, source: string, context: PackageContext): PackageWish[] {
  const tree: unknown = parse(text, { uniqueKeys: false });
  if (tree === null || tree === undefined) return [];
  if (!isRecord(tree)) throw invalid(source, 'the file is not a map of package names');
  return Object.entries(tree).flatMap(([name, value]) => {
    const entries: unknown[] = Array.isArray(value) ? value : [value ?? {}];
    return entries.flatMap((entry) => {
      if (!isRecord(entry)) throw invalid(source, `package "${name}" has no map of conditions`);
      return wanted(entry, context, `${source}: package "${name}"`) ? [toWish(name, entry, source)] : [];
    });
  });
}

function toWish(name: string, entry: Readonly<Record<string, unknown>>, source: string): PackageWish {
  const asked = entry.phase ?? 'install.d';
  const phase = packagePhases.find((known) => known === asked);
  if (!phase)
    throw invalid(
      source,
      `package "${name}" names the phase ${JSON.stringify(asked)}, known are ${packagePhases.join(', ')}`,
    );
  return { name, phase, uninstall: entry.uninstall === true || entry.uninstall === 'True' };
}

function wanted(entry: Readonly<Record<string, unknown>>, context: PackageContext, where: string): boolean {
  const list = (value: unknown): string[] =>
    typeof value === 'string' ? value.split(',').map((word) => word.trim()) : [];
  const arch = list(entry.arch);
  if (arch.length > 0 && !arch.includes(context.arch)) return false;
  if (list(entry['not-arch']).includes(context.arch)) return false;
  const when = entry.when;
  const conditions: unknown[] = when === undefined ? [] : Array.isArray(when) ? when : [when];
  return conditions.every((condition) => holds(condition, context, where));
}

/** `VAR = value` or `VAR != value`. */
function holds(condition: unknown, context: PackageContext, where: string): boolean {
  const parts = typeof condition === 'string' ? /^\s*(\w+)\s*(!=|=)\s*(.*?)\s*$/.exec(condition) : null;
  const [, variable, operator, value] = parts ?? [];
  if (variable === undefined)
    throw invalid(where, `the condition ${JSON.stringify(condition)} is not "VARIABLE = value" or "VARIABLE != value"`);
  const actual = context.environment[variable];
  if (actual === undefined) throw invalid(where, `the condition asks for ${variable}, which no environment.d sets`);
  return (actual === value) === (operator === '=');
}

/** A pkg-map file as a function from the general name to this distribution's name; undefined where the map says nothing. */
export function parsePackageMap(text: string, source: string, distro: string): (name: string) => string | undefined {
  const tree: unknown = parse(text);
  if (!isRecord(tree)) throw invalid(source, 'the file is not a map');
  const at = (group: string, key: string | undefined): unknown => {
    const section = tree[group];
    return key === undefined ? section : isRecord(section) ? section[key] : undefined;
  };
  const sections = [at('distro', distro), at('family', families[distro] ?? distro), at('default', undefined)];
  return (name) => {
    for (const section of sections) {
      const value = isRecord(section) ? section[name] : undefined;
      if (typeof value === 'string') return value;
    }
    return undefined;
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(source: string, message: string): ImageBuildError {
  return new ImageBuildError('package_installs_invalid', `${source}: ${message}`);
}
