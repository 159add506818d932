// Whatever text comes in, nothing but the language's own errors comes out.
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { resourceTypes } from '../resources/index.ts';
import { NotYetKnown, TemplateError } from './errors.ts';
import { expand } from './index.ts';
import { readTemplate } from './text.ts';
import { fromPlain, jsonText, readJson, toPlain } from './value/index.ts';
import { PythonPattern } from './value/pattern.ts';

const seeds = [
  'heat_template_version: wallaby\nparameters:\n  p: {type: json, default: {a: [1, 2.0, null]}}\nconditions: {c: {equals: [{get_param: p}, 1]}}\nresources:\n  r:\n    type: OS::Heat::Value\n    condition: {not: c}\n    properties:\n      value: {yaql: {expression: $.data.a.select($), data: {get_param: p}}}\noutputs:\n  o: {value: {if: [c, a, {repeat: {template: "%i%", for_each: {"%i%": [x, y]}}}]}}\n',
  '{"AWSTemplateFormatVersion": "2010-09-09", "Parameters": {"P": {"Type": "String", "Default": "x"}}, "Resources": {"R": {"Type": "OS::Heat::RandomString", "DependsOn": []}}, "Outputs": {"O": {"Value": {"Fn::Join": [",", [{"Ref": "P"}, {"Fn::Select": ["0", ["a"]]}]]}}}}',
  'heat_template_version: 2016-10-14\nresources:\n  g: {type: OS::Heat::ResourceGroup, properties: {count: 3, resource_def: {type: OS::Heat::RandomString, properties: {length: 8}}}}\n',
];
const pieces = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  "'",
  '\n',
  '  ',
  '- ',
  '&a ',
  '*a',
  '!x',
  '|',
  '>',
  '#',
  '%',
  '\t',
  'null',
  '{get_param: p}',
  '{get_attr: [r, value]}',
  '999999999999',
  '-1',
  '1.5',
  'é',
  '\u2028',
  '\\',
  '<<: ',
  '? ',
  'type: ',
  'if',
  'yaql',
];

/** A small generator with a fixed start: every run tries the same texts. */
function* numbers(start: number): Generator<number> {
  for (let state = start; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state;
  }
}

describe('malformed templates', () => {
  it('cause only template errors', () => {
    const random = numbers(1);
    const pick = (below: number): number => (random.next().value ?? 0) % below;
    for (let round = 0; round < 3000; round++) {
      let text = seeds[pick(seeds.length)] ?? '';
      for (let edits = pick(6); edits >= 0; edits--) {
        const at = pick(text.length + 1);
        const cut = pick(3) === 0 ? pick(12) : 0;
        text = text.slice(0, at) + (pieces[pick(pieces.length)] ?? '') + text.slice(at + cut);
      }
      try {
        expand({ template: text }, { types: resourceTypes });
      } catch (cause) {
        if (!(cause instanceof TemplateError) && !(cause instanceof NotYetKnown))
          throw new Error(`not our own error for ${JSON.stringify(text)}`, { cause });
      }
    }
  });

  it('of great depth are refused, in YAML and in JSON', () => {
    expect(() => readTemplate(`a: ${'{b: '.repeat(5000)}`)).toThrow(TemplateError);
    expect(() => readTemplate(`{"a": ${'['.repeat(50_000)}`)).toThrow(TemplateError);
  });

  it('whose values double from resource to resource end early', () => {
    const doubling = (call: (before: string) => string) =>
      `heat_template_version: wallaby\nresources:\n  v0: {type: OS::Heat::Value, properties: {value: ${call('[x]')}}}\n${Array.from({ length: 50 }, (_, index) => `  v${index + 1}: {type: OS::Heat::Value, properties: {value: ${call(`{get_attr: [v${index}, value]}`)}}}\n`).join('')}`;
    const last = (template: string) =>
      expand({ template }, { types: resourceTypes })
        .vertices.get('v50')
        ?.resolve({ reference: () => undefined, attribute: () => undefined });
    expect(() => last(doubling((before) => `{list_concat: [${before}, ${before}]}`))).toThrow(
      'more than a template may make',
    );
    expect(() =>
      last(doubling((before) => (before === '[x]' ? 'xx' : `{str_replace: {template: x x, params: {x: ${before}}}}`))),
    ).toThrow('more than a template may make');
  });

  it('with patterns that backtrack without end are answered in time', () => {
    setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
    const start = performance.now();
    const pattern = new PythonPattern('(a+)+$');
    expect(pattern.matchesToEnd(`${'a'.repeat(5000)}!`)).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('of great length are refused', () => {
    expect(() => readTemplate('x'.repeat(10_000_000))).toThrow('exceeds maximum allowed size');
  });
});

describe('values', () => {
  it('survive being printed and read again', () => {
    const data = { z: [1, 2.5, 'é\n"', null, true, { b: [], a: {} }], '10': 'x', '2': 'y' };
    const value = fromPlain(data);
    expect(jsonText(readJson(jsonText(value)))).toBe(jsonText(value));
    expect(toPlain(readJson(JSON.stringify(data)))).toEqual(data);
  });
});
