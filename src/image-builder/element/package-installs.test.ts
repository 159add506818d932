// package-installs.yaml and pkg-map, read as diskimage-builder reads them.
import { expect, it } from 'vitest';
import { parsePackageInstalls, parsePackageMap } from './package-installs.ts';

const context = { arch: 'amd64', distro: 'debian', environment: { FLAVOUR: 'small', EMPTY: '' } };
const names = (text: string) => parsePackageInstalls(text, 'file', context).map((wish) => wish.name);

it('installs a bare name in install.d', () => {
  expect(parsePackageInstalls('curl:\n', 'file', context)).toEqual([
    { name: 'curl', phase: 'install.d', uninstall: false },
  ]);
});

it('reads phase and uninstall', () => {
  const text = 'gcc:\n  phase: pre-install.d\nmake:\n  uninstall: True\n';
  expect(parsePackageInstalls(text, 'file', context)).toEqual([
    { name: 'gcc', phase: 'pre-install.d', uninstall: false },
    { name: 'make', phase: 'install.d', uninstall: true },
  ]);
});

it('leaves out packages of other architectures', () => {
  expect(names('a:\n  arch: arm64, ppc64el\nb:\n  not-arch: amd64\nc:\n  arch: amd64\n')).toEqual(['c']);
});

it('wants every condition of a when list met', () => {
  expect(
    names('a:\n  when: FLAVOUR = small\nb:\n  when: FLAVOUR != small\nc:\n  when: [FLAVOUR = small, EMPTY = x]\n'),
  ).toEqual(['a']);
});

it('takes the entry that fits from a list of entries', () => {
  expect(names('a:\n  - arch: arm64\n  - when: FLAVOUR = small\n')).toEqual(['a']);
});

it('names the variable that a condition asks for and nobody sets', () => {
  expect(() => names('a:\n  when: MISSING = 1\n')).toThrow('file: package "a": the condition asks for MISSING');
});

it('refuses a phase that packages cannot go into', () => {
  expect(() => names('a:\n  phase: cleanup.d\n')).toThrow('names the phase "cleanup.d"');
});

it('maps names by distribution, then family, then default', () => {
  const map = parsePackageMap(
    '{"default":{"a":"d","b":"d b2"},"family":{"debian":{"a":"f"}},"distro":{"debian":{"c":""}}}',
    'map',
    'debian',
  );
  expect([map('a'), map('b'), map('c'), map('x')]).toEqual(['f', 'd b2', '', undefined]);
});
