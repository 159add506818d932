// The intrinsic functions as templates use them.
import { describe, expect, it } from 'vitest';
import { outputOf } from '../testing/resolve.ts';

const values: readonly (readonly [what: string, call: unknown, value: unknown])[] = [
  ['follows a path into a parameter', { get_param: ['p', 'list', 1] }, 'b'],
  ['yields an empty text for a path that leads nowhere', { get_param: ['p', 'nope', 'x'] }, ''],
  [
    'replaces the longest key first and never rescans',
    { str_replace: { template: 'ab a', params: { a: 'b', ab: 'a' } } },
    'a b',
  ],
  [
    'writes maps into texts as sorted JSON',
    { str_replace: { template: '$m', params: { $m: { b: 1, a: [true, null] } } } },
    '{"a": [true, null], "b": 1}',
  ],
  ['writes booleans as Python does', { str_replace: { template: '$b', params: { $b: true } } }, 'True'],
  ['joins several lists', { list_join: ['-', ['a', null], ['b']] }, 'a--b'],
  ['splits a text and picks a part from its end', { str_split: [',', 'a,b,c', -1] }, 'c'],
  ['merges maps, later ones winning', { map_merge: [{ a: 1, b: 1 }, null, { b: 2 }] }, { a: 1, b: 2 }],
  [
    'replaces keys and values of a map',
    { map_replace: [{ a: 'x' }, { keys: { a: 'A' }, values: { x: 'y' } }] },
    { A: 'y' },
  ],
  [
    'takes true, 1 and 1.0 for equal when it drops repeats',
    {
      list_concat_unique: [
        [1, true],
        ['1', 1],
      ],
    },
    [1, '1'],
  ],
  ['filters values out of a list', { filter: [['a'], ['a', 'b', 'a']] }, ['b']],
  ['finds parts of texts', { contains: ['b', 'abc'] }, true],
  [
    'repeats over all combinations',
    { repeat: { template: '%a%%b%', for_each: { '%a%': ['1', '2'], '%b%': ['x', 'y'] } } },
    ['1x', '1y', '2x', '2y'],
  ],
  [
    'repeats in step when told to',
    { repeat: { template: '%a%%b%', for_each: { '%a%': ['1', '2'], '%b%': ['x', 'y'] }, permutations: false } },
    ['1x', '2y'],
  ],
  ['computes digests', { digest: ['md5', 'x'] }, '9dd4e461268c8034f5c8564e155c67a6'],
  [
    'makes URLs, IPv6 hosts in brackets',
    { make_url: { scheme: 'http', host: '::1', port: 80, path: '/a b', query: { q: 'x/y z' } } },
    'http://[::1]:80/a%20b?q=x/y+z',
  ],
  ['drops the item of a two-argument if that is false', ['a', { if: [false, 'b'] }, 'c'], ['a', 'c']],
  ['takes a map with two keys for data', { get_param: 'p', other: 1 }, { get_param: 'p', other: 1 }],
];

describe('functions', () => {
  for (const [what, call, value] of values) {
    it(what, () => {
      expect(outputOf(call)).toEqual(value);
    });
  }

  it('reads attributes with a path, null where it leads nowhere', () => {
    const attrs = { r: { net: { ips: ['1.2.3.4'] } } };
    expect(outputOf({ get_attr: ['r', 'net', 'ips', 0] }, { attrs })).toBe('1.2.3.4');
    expect(outputOf({ get_attr: ['r', 'net', 'ips', '0'] }, { attrs })).toBeNull();
  });

  it('refuses a number among the items to join', () => {
    expect(outputOf({ list_join: [',', ['a', 5]] })).toMatchObject({
      $error: { type: 'TypeError', message: 'Items to join must be string, map or list not 5' },
    });
  });

  it('takes a function of a later version for a plain map', () => {
    expect(outputOf({ map_merge: [{ a: 1 }] }, {}, '2013-05-23')).toEqual({ map_merge: [{ a: 1 }] });
  });

  it('names the function and the place when arguments have the wrong form', () => {
    expect(outputOf({ str_replace: 'x' })).toMatchObject({
      error: { message: 'outputs.out.value.str_replace: Arguments to "str_replace" must be a map' },
    });
  });

  it('gives up a repeat that would fill the memory', () => {
    const many = Array.from({ length: 1000 }, (_, index) => String(index));
    expect(outputOf({ repeat: { template: '%a%%b%', for_each: { '%a%': many, '%b%': many } } })).toMatchObject({
      $error: { type: 'RequestLimitExceeded' },
    });
  });
});
