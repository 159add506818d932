// What JSON patches do to a document, and what they are refused.
import { expect, test } from 'vitest';
import { applyPatch } from './patch.ts';

const document = { uuid: 'u', name: 'n', extra: { a: { b: 1 } }, list: ['x', 'y'], empty: null };
const rules = { editable: ['name', 'extra', 'list', 'empty'], mandatory: ['name'], defaults: { extra: {} } };

test('adds, replaces and removes at any depth and leaves the original alone', () => {
  const patched = applyPatch(
    document,
    [
      { op: 'add', path: '/extra/c', value: 2 },
      { op: 'replace', path: '/extra/a/b', value: 3 },
      { op: 'remove', path: '/list/0' },
      { op: 'add', path: '/list/-', value: 'z' },
    ],
    rules,
  );
  expect(patched).toEqual({ uuid: 'u', name: 'n', extra: { a: { b: 3 }, c: 2 }, list: ['y', 'z'], empty: null });
  expect(document.extra.a.b).toBe(1);
});

test('a removed field falls back to its default', () => {
  expect(applyPatch(document, [{ op: 'remove', path: '/extra' }], rules).extra).toEqual({});
});

test.each([
  ['/uuid', 'replace', 'internal attribute'],
  ['/nothing', 'replace', 'there is no attribute'],
  ['/name', 'remove', 'mandatory'],
  ['/extra/none', 'remove', 'non-existent'],
  ['/extra/x/y', 'add', 'there is no "x"'],
  ['/extra/__proto__', 'add', 'not allowed'],
  ['/list/7', 'replace', 'out of range'],
  ['/empty', 'remove', 'nothing to remove'],
] as const)('refuses %s on %s', (path, op, reason) => {
  expect(() => applyPatch(document, [{ op, path, value: 1 }], rules)).toThrow(reason);
});
