// Which files of a phase run, and in what order; what environment files make of the variables.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildEnvironment, decidingVariables } from './environment.ts';
import { findElement } from './find.ts';
import { phaseFiles } from './phase-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'elements-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
function write(path: string, text: string, mode: number): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}
const elements = (...names: string[]) => names.map((name) => findElement(name, [folder]));

it('sorts scripts of all elements by name and lets a later element replace one', () => {
  write('a/install.d/50-x', '', 0o755);
  write('a/install.d/20-y', '', 0o755);
  write('b/install.d/50-x', '', 0o755);
  write('b/install.d/30-z', '', 0o755);
  expect(phaseFiles(elements('a', 'b'), 'install.d').map((file) => `${file.element.name}/${file.name}`)).toEqual([
    'a/20-y',
    'b/30-z',
    'b/50-x',
  ]);
});

it('sources environment files of all elements in order, and lets the caller’s value through', async () => {
  write('a/environment.d/10-a', 'export FIRST=a SECOND=one', 0o644);
  write('b/environment.d/20-b', 'export SECOND="$SECOND and two\nlines" THIRD=$DIB_THIRD', 0o644);
  const environment = await buildEnvironment({
    caller: { DIB_THIRD: 'mine', SECRET: 'stays out' },
    imageName: 'image',
    elements: elements('a', 'b'),
    elementsPath: [folder],
    arch: 'amd64',
    packageCache: '/cache',
    files: {},
  });
  expect(environment).toMatchObject({
    FIRST: 'a',
    SECOND: 'one and two\nlines',
    THIRD: 'mine',
    IMAGE_NAME: 'image',
    ARCH: 'amd64',
  });
  expect(environment).not.toHaveProperty('SECRET');
});

it('does not count where things are among what decides the result', () => {
  const variables = { PATH: '/bin', IMAGE_NAME: 'x', DIB_RELEASE: 'bookworm', AGENT: '/tmp/agent', ARCH: 'amd64' };
  expect(decidingVariables(variables, { AGENT: '/tmp/agent' })).toEqual([
    ['ARCH', 'amd64'],
    ['DIB_RELEASE', 'bookworm'],
  ]);
});

it('says where it looked for an element that is nowhere', () => {
  expect(() => findElement('nope', ['/one', '/two'])).toThrow('no element "nope" in /one, /two');
});
