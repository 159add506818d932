// The order of elements and what stands in its way.
import { expect, it } from 'vitest';
import type { Element } from './find.ts';
import { resolveElements } from './resolve.ts';

const element = (name: string, needs: string[] = [], provides: string[] = []): Element => ({
  name,
  folder: `/elements/${name}`,
  needs,
  provides,
  fileInputs: [],
});
const finder = (...elements: Element[]) => {
  const known = new Map(elements.map((one) => [one.name, one]));
  return (name: string): Element => {
    const found = known.get(name);
    if (!found) throw new Error(`no element ${name}`);
    return found;
  };
};
const names = (found: readonly Element[]) => found.map((one) => one.name);

it('puts what an element needs before it and keeps the order asked for otherwise', () => {
  const find = finder(element('base'), element('web', ['tls', 'base']), element('tls', ['base']), element('extra'));
  expect(names(resolveElements(['extra', 'web'], find))).toEqual(['extra', 'base', 'tls', 'web']);
});

it('takes a provider that is asked for instead of the element it stands for', () => {
  const find = finder(element('web', ['operating-system']), element('debian', [], ['operating-system']));
  expect(names(resolveElements(['debian', 'web'], find))).toEqual(['debian', 'web']);
});

it('drops an element that was only needed when another one provides it', () => {
  const find = finder(element('web', ['ssh', 'slim']), element('ssh'), element('slim', [], ['ssh']));
  expect(names(resolveElements(['web'], find))).toEqual(['slim', 'web']);
});

it('refuses two elements asked for that provide the same', () => {
  const find = finder(element('a', [], ['operating-system']), element('b', [], ['operating-system']));
  expect(() => resolveElements(['a', 'b'], find)).toThrow('both "a" and "b" provide operating-system');
});

it('names the way round when elements need each other', () => {
  const find = finder(element('a', ['b']), element('b', ['c']), element('c', ['a']));
  expect(() => resolveElements(['a'], find)).toThrow('a -> b -> c -> a');
});
