// What JSON patches do to a document, and what they are refused.
import { expect, test } from 'vitest';
import { applyPatch, given, refuseUneditable } from './patch.ts';

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

test('a removed field falls back to its default, if it had a value or not', () => {
  expect(applyPatch(document, [{ op: 'remove', path: '/extra' }], rules).extra).toEqual({});
  expect(applyPatch(document, [{ op: 'remove', path: '/empty' }], rules).empty).toBeNull();
});

test('only editable fields may be named, and a removal gives nothing', () => {
  for (const path of ['/uuid', '/nothing', '/uuid/x'])
    expect(() => refuseUneditable([{ op: 'remove', path }], rules)).toThrow(
      `Cannot patch ${path}. Only the following can be updated: empty, extra, list, name`,
    );
  const patch = [
    { op: 'remove', path: '/name' },
    { op: 'add', path: '/extra/a', value: 1 },
  ] as const;
  expect([...given(patch)]).toEqual(['extra']);
});

test.each([
  ['/name', 'remove', 'mandatory'],
  ['/extra/none', 'remove', 'non-existent'],
  ['/extra/x/y', 'add', 'there is no "x"'],
  ['/extra/__proto__', 'add', 'not allowed'],
  ['/list/7', 'replace', 'out of range'],
] as const)('refuses %s on %s', (path, op, reason) => {
  expect(() => applyPatch(document, [{ op, path, value: 1 }], rules)).toThrow(reason);
});
