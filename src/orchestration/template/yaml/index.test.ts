// YAML as OpenStack reads it.
import { describe, expect, it } from 'vitest';
import { TemplateError } from '../errors.ts';
import { Float, toPlain } from '../value/index.ts';
import { lineAndColumn, readYaml, readYamlDocument } from './index.ts';

const read = (text: string): unknown => toPlain(readYaml(text));
const fault = (text: string): string => {
  try {
    readYaml(text);
  } catch (cause) {
    if (cause instanceof TemplateError) return cause.message;
    throw cause;
  }
  return 'no fault';
};

describe('YAML', () => {
  it('takes yes and On for booleans, 010 for octal and 1e3 for a text', () => {
    expect(read('[yes, On, 010, 1e3, 0x1f, 1:30, ~, 2001-01-01]')).toEqual([
      true,
      true,
      8,
      '1e3',
      31,
      90,
      null,
      '2001-01-01',
    ]);
  });

  it('keeps 1 and 1.0 apart', () => {
    expect(readYaml('[1, 1.0]')).toEqual([1, new Float(1)]);
  });

  it('lets the last of repeated keys win and takes 1 and true for one key', () => {
    expect(read('{a: 1, a: 2}')).toEqual({ a: 2 });
    expect(read('{yes: no, 1: 010}')).toEqual({ True: 8 });
  });

  it('reads literal and folded scalars with their chomping', () => {
    expect(read('a: |\n  x\n   y\n\nb: >-\n  l1\n  l2\n\n  l3\n')).toEqual({ a: 'x\n y\n', b: 'l1 l2\nl3' });
  });

  it('follows anchors and merges', () => {
    expect(read('a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}')).toEqual({ a: { k: 1, l: 2 }, b: { k: 3, l: 2 } });
  });

  it('reads plain scalars over several lines', () => {
    expect(read('a: one\n  two\n\n  three\nb: x')).toEqual({ a: 'one two\nthree', b: 'x' });
  });

  it('shows where a sequence was left open', () => {
    expect(fault('v: 1\na: [1')).toBe(
      "while parsing a flow sequence\n  in \"<unicode string>\", line 2, column 4:\n    a: [1\n       ^\nexpected ',' or ']', but got '<stream end>'\n  in \"<unicode string>\", line 2, column 6:\n    a: [1\n         ^",
    );
  });

  it('names the tag it cannot build', () => {
    expect(fault('a: !foo 1')).toContain("could not determine a constructor for the tag '!foo'");
  });

  it('refuses a document that contains itself', () => {
    expect(fault('a: &x [*x]')).toContain('recursive');
  });

  it('refuses an alias bomb', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefghij'
        .split('')
        .map(
          (name, index) =>
            `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghij'[index]}`).join(', ')}]`,
        ),
    ].join('\n');
    expect(fault(bomb)).toContain('too many values');
  });

  it('refuses brackets without end instead of running out of stack', () => {
    expect(fault('['.repeat(100_000))).toContain('nested too deeply');
  });

  it('tells the line of an entry', () => {
    const text = 'a: 1\nb:\n  c: 2\n';
    const { value, places } = readYamlDocument(text);
    const inner = value instanceof Map ? value.get('b') : undefined;
    const at = inner instanceof Map ? places.get(inner)?.get('c') : undefined;
    expect(lineAndColumn(text, at ?? 0)).toEqual({ line: 3, column: 3 });
  });
});
