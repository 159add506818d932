// The variables of a build: the caller's, diskimage-builder's own, and what the elements' environment.d files make of them.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Element } from './find.ts';
import { phaseFiles } from './phase-files.ts';

const run = promisify(execFile);

/** Variables that say where things are on this machine: they do not change what is built. */
const placeVariables = new Set([
  'PATH',
  'HOME',
  'PWD',
  'OLDPWD',
  'SHLVL',
  '_',
  'DIB_PACKAGE_CACHE',
  'IMAGE_NAME',
  'IMAGE_ELEMENT',
  'ELEMENTS_PATH',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
]);
const passedOn = /^(DIB_|UNDERCLOUD_IMAGE_|https?_proxy$|HTTPS?_PROXY$|no_proxy$|NO_PROXY$)/;

/** What the environment of a build is made from. */
export interface EnvironmentInput {
  readonly caller: Readonly<Record<string, string | undefined>>;
  readonly imageName: string;
  readonly elements: readonly Element[];
  readonly elementsPath: readonly string[];
  readonly arch: string;
  readonly packageCache: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Sources every element's environment.d in order and returns the variables that all scripts then see. */
export async function buildEnvironment(input: EnvironmentInput): Promise<Record<string, string>> {
  const start: Record<string, string> = {};
  for (const [name, value] of Object.entries(input.caller)) {
    if (value !== undefined && passedOn.test(name)) start[name] = value;
  }
  Object.assign(start, {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LC_ALL: 'C.UTF-8',
    DEBIAN_FRONTEND: 'noninteractive',
    ARCH: input.arch,
    IMAGE_NAME: input.imageName,
    IMAGE_ELEMENT: input.elements.map((element) => element.name).join(' '),
    ELEMENTS_PATH: input.elementsPath.join(':'),
    DIB_INIT_SYSTEM: 'systemd',
    DIB_DEBUG_TRACE: start.DIB_DEBUG_TRACE ?? '0',
    DIB_OFFLINE: start.DIB_OFFLINE ?? '',
    DIB_PACKAGE_CACHE: input.packageCache,
    ...input.files,
  });
  const files = phaseFiles(input.elements, 'environment.d').map((file) => file.path);
  const script = 'set -e; for file in "$@"; do . "$file"; done; exec env -0';
  const { stdout } = await run('bash', ['--norc', '-c', script, 'environment', ...files], {
    env: start,
    maxBuffer: 1 << 24,
  });
  const pairs = stdout
    .split('\0')
    .filter(Boolean)
    .map((line): [string, string] => {
      const cut = line.indexOf('=');
      return [line.slice(0, cut), line.slice(cut + 1)];
    });
  return Object.fromEntries(pairs.filter(([name]) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)));
}

/** The part of `environment` that decides what is built, sorted by name; `files` are judged by their content elsewhere. */
export function decidingVariables(
  environment: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): [string, string][] {
  return Object.entries(environment)
    .filter(([name]) => !placeVariables.has(name) && !(name in files))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
