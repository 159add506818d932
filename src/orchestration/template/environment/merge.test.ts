// Merging environment files.
import { describe, expect, it } from 'vitest';
import { answer } from '../testing/resolve.ts';

const template = {
  heat_template_version: 'wallaby',
  parameters: {
    s: { type: 'string', default: 'x' },
    l: { type: 'comma_delimited_list', default: '' },
    j: { type: 'json', default: {} },
    n: { type: 'number', default: 0 },
  },
};
const merged = (files: readonly string[], params: { [name: string]: unknown } = {}): unknown =>
  answer({
    op: 'params',
    template,
    files: Object.fromEntries(files.map((text, index) => [`e${index}`, text])),
    environment_files: files.map((_, index) => `e${index}`),
    params,
  });

describe('environment files', () => {
  it('lets a file win over arguments, and later files over earlier ones', () => {
    expect(merged(['parameters: {s: one}', 'parameters: {s: two}'], { s: 'argument' })).toMatchObject({
      parameters: { s: 'two' },
    });
  });

  it('merges lists and maps when told to', () => {
    const strategy = 'parameter_merge_strategies: {default: deep_merge}';
    expect(
      merged([
        `parameters: {l: [a], j: {a: {x: 1}}}\n${strategy}`,
        `parameters: {l: [b], j: {a: {y: 2}}}\n${strategy}`,
      ]),
    ).toMatchObject({
      parameters: { l: ['a', 'b'], j: { a: { x: 1, y: 2 } } },
    });
  });

  it('joins the texts of numbers, as they travel', () => {
    const strategy = 'parameter_merge_strategies: {default: merge}';
    expect(merged([`parameters: {n: "1"}\n${strategy}`, `parameters: {n: "2"}\n${strategy}`])).toMatchObject({
      parameters: { n: 12 },
    });
  });

  it('refuses strategies that contradict each other', () => {
    expect(
      merged(['parameters: {j: {a: 1}}', 'parameters: {j: {b: 1}}\nparameter_merge_strategies: {j: merge}']),
    ).toMatchObject({
      error: { message: "Conflicting merge strategy 'merge' for parameter 'j' in file 'e1'." },
    });
  });

  it('names a section no environment has', () => {
    expect(merged(['params: {s: one}'])).toMatchObject({
      error: { message: 'environment has wrong section "params"' },
    });
  });
});
