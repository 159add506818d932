// YAQL expressions over data.
import { describe, expect, it } from 'vitest';
import { TemplateError } from '../errors.ts';
import { fromPlain, toPlain } from '../value/index.ts';
import { evaluateYaql, parseYaql, YaqlSyntaxError } from './index.ts';

const data = {
  l: [3, 1, 2],
  d: [
    { n: 'a', v: 1 },
    { n: 'b', v: 2 },
    { n: 'a', v: 3 },
  ],
  m: { x: 1, y: { z: [1] } },
  t: 'a,b',
};
const limits = { iterators: 200, memoryBytes: 10_000 };
const run = (expression: string): unknown => toPlain(evaluateYaql(parseYaql(expression), fromPlain(data), limits));
const fault = (expression: string): string => {
  try {
    run(expression);
  } catch (cause) {
    if (cause instanceof TemplateError) return `${cause.type}: ${cause.message}`;
    if (cause instanceof YaqlSyntaxError) return cause.message;
    throw cause;
  }
  return 'no fault';
};

const values: readonly (readonly [expression: string, value: unknown])[] = [
  ['$.l.where($ > 1).select($ * 2)', [6, 4]],
  ['$.d.n', ['a', 'b', 'a']],
  [
    '$.d.groupBy($.n, $.v)',
    [
      ['a', [1, 3]],
      ['b', [2]],
    ],
  ],
  [
    '$.d.groupBy($.n, $.v, $.sum())',
    [
      ['a', 4],
      ['b', 2],
    ],
  ],
  ['$.l.orderBy($).thenBy($)', [1, 2, 3]],
  ['$.d.orderByDescending($.v).select($.v)', [3, 2, 1]],
  ['$.d.toDict($.n, $.v)', { a: 3, b: 2 }],
  ['$.m.mergeWith({y => {w => 2}})', { x: 1, y: { z: [1], w: 2 } }],
  ['let(a => 2) -> $.l.select($ + $a)', [5, 3, 4]],
  ['switch($.l.len() > 5 => big, true => small)', 'small'],
  ['coalesce(null, $.m.get(nope), 7)', 7],
  ['$.t.split(",").join("-")', 'a-b'],
  ['regex("(.)(.)").replace("abcd", "\\\\2\\\\1")', 'badc'],
  ['[1, [2, [3]]].flatten()', [1, 2, 3]],
  [
    '$.l.zip([a, b])',
    [
      [3, 'a'],
      [1, 'b'],
    ],
  ],
  ['-7 / 2', -4],
  ['-7 mod 3', 2],
  ['not true or 1 in $.l and "a" in $.t', true],
  ['$.l[0] + $.m.x', 4],
  ['$.nope?.x', undefined],
  ['format("{0}-{1:>4}", a, 5)', 'a-   5'],
  ['{a => 1, "b c" => [2]}', { a: 1, 'b c': [2] }],
];

describe('YAQL', () => {
  for (const [expression, value] of values.filter(([, expected]) => expected !== undefined)) {
    it(`evaluates ${expression}`, () => {
      expect(run(expression)).toEqual(value);
    });
  }

  it('names the key that a dictionary lacks', () => {
    expect(fault('$.m.nope')).toBe("KeyError: 'nope'");
  });

  it('tells functions that do not exist from those that do not fit', () => {
    expect(fault('nosuch(1)')).toBe('NoFunctionRegisteredException: Unknown function "nosuch"');
    expect(fault('"x" in $.m')).toBe(
      'NoMatchingFunctionException: No function "#operator_in" matches supplied arguments',
    );
  });

  it('points at the fault in an expression', () => {
    expect(fault('$.l.where(')).toBe('Parse error: unexpected end of statement');
    expect(fault('a % b')).toBe("Lexical error: illegal character '%' at position 2");
  });

  it('stops a collection without end', () => {
    expect(fault('sequence()')).toBe('CollectionTooLargeException: Collection length exceeds 200 elements');
    expect(fault('[1].cycle().len()')).toContain('CollectionTooLargeException');
  });

  it('stops an expression that would fill the memory', () => {
    expect(fault('"a" * 20000')).toBe('MemoryQuotaExceededException: Expression consumed too much memory');
  });

  it('stops a function that calls itself without end', () => {
    expect(fault('def(f, f($)) -> f(1)')).toContain('RecursionError');
  });

  it('gives up a pattern that backtracks without end', () => {
    expect(fault('("a" * 40 + "!").matches("(?i)^(a+)+$")')).toContain('takes too long');
  });

  it('gives equal results for equal expressions, chance included', () => {
    expect(run('[random(), random()]')).toEqual(run('[random(), random()]'));
  });
});
