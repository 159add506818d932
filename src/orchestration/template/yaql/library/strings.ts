// Texts.

import { attributeError, TemplateError, valueError } from '../../errors.ts';
import { compareText, Float, isInteger } from '../../value/index.ts';
import { type Data, holds, text as shown } from '../data.ts';
import type { Engine } from '../engine.ts';
import { define, type FunctionSpec, type Given } from '../function.ts';
import { dictionary, items, text, textOrNull, whole } from './argument.ts';
import { format } from './format.ts';

/** A value as YAQL writes it into texts. */
export function written(value: Given): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return shown(value);
}

const chars = (value: string): string[] => [...value];
const space = /^[\s\u0085]$/u;

function trimmed(value: string, set: string | null, left: boolean, right: boolean): string {
  const drop = (char: string) => (set === null ? space.test(char) : chars(set).includes(char));
  const all = chars(value);
  let from = 0;
  let to = all.length;
  while (left && from < to && drop(all[from] ?? '')) from++;
  while (right && to > from && drop(all[to - 1] ?? '')) to--;
  return all.slice(from, to).join('');
}

function split(value: string, separator: string | null, most: number): string[] {
  if (separator === '') throw valueError('empty separator');
  if (separator === null) {
    const words = trimmed(value, null, true, true);
    if (words === '') return [];
    if (most < 0) return words.split(/\s+/u);
    const parts: string[] = [];
    let rest = trimmed(value, null, true, false);
    while (parts.length < most) {
      const gap = /\s+/u.exec(rest);
      if (!gap) break;
      parts.push(rest.slice(0, gap.index));
      rest = rest.slice(gap.index + gap[0].length);
    }
    return rest === '' ? parts : [...parts, rest];
  }
  const parts = value.split(separator);
  return most < 0 || parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(separator)];
}

function rightSplit(value: string, separator: string | null, most: number): string[] {
  if (separator === null) {
    const words = split(value, null, -1);
    return most < 0 || words.length <= most + 1
      ? words
      : [words.slice(0, words.length - most).join(' '), ...words.slice(words.length - most)];
  }
  const parts = split(value, separator, -1);
  const cut = parts.length - most;
  return most < 0 || cut <= 1 ? parts : [parts.slice(0, cut).join(separator), ...parts.slice(cut)];
}

function replaced(value: string, old: string, next: string, most: number): string {
  if (most < 0) return value.replaceAll(old, () => next);
  let left = most;
  return old === ''
    ? value.replaceAll('', () => (left-- > 0 ? next : ''))
    : value.replaceAll(old, (found) => (left-- > 0 ? next : found));
}

function find(value: string, sub: string, start: number, end: number, last: boolean): number {
  const all = chars(value);
  const from = Math.min(Math.max(start < 0 ? start + all.length : start, 0), all.length);
  const to = Math.min(Math.max(end < 0 ? end + all.length : end, 0), all.length);
  if (start > all.length) return -1;
  const part = all.slice(from, to).join('');
  const at = last ? part.lastIndexOf(sub) : part.indexOf(sub);
  return at < 0 ? -1 : from + chars(part.slice(0, at)).length;
}

function bounded(value: string, sub: string, start: number, length: number, last: boolean): number {
  const total = chars(value).length;
  const from = start < 0 ? start + total : start;
  return find(value, sub, from, from + (length < 0 ? total - from : length), last);
}

function substring(value: string, start: number, length: number): string {
  const all = chars(value);
  const from = start < 0 ? start + all.length : start;
  const to = from + (length < 0 ? all.length : length);
  const index = (at: number) => (at < 0 ? Math.max(at + all.length, 0) : at);
  return all.slice(index(from), index(to)).join('');
}

function repeated(engine: Engine, value: string, times: number): string {
  engine.checkMemory([1 - times, ''], [times, value]);
  return value.repeat(Math.max(times, 0));
}

const order = (name: string, check: (order: number) => boolean): FunctionSpec =>
  define(name, 'f', ['left:text', 'right:text'], (_, a, b) => check(compareText(text(a), text(b))));

const digits = '0123456789';
const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const whitespace = ' \t\n\r\x0b\x0c';
/** Classes of characters in the order of the arguments; three are declared but do not exist any more. */
const classes: readonly (readonly [name: string, members: string | undefined])[] = [
  ['digits', digits],
  ['hexdigits', `${digits}abcdefABCDEF`],
  ['asciiLowercase', lower],
  ['asciiUppercase', upper],
  ['asciiLetters', lower + upper],
  ['letters', undefined],
  ['octdigits', '01234567'],
  ['punctuation', punctuation],
  ['printable', digits + lower + upper + punctuation + whitespace],
  ['lowercase', undefined],
  ['uppercase', undefined],
  ['whitespace', whitespace],
];

function joined(separator: Given, collection: Given): Data {
  return [...items(collection)].map(written).join(text(separator));
}

export const stringFunctions: readonly FunctionSpec[] = [
  order('#operator_>', (found) => found > 0),
  order('#operator_<', (found) => found < 0),
  order('#operator_>=', (found) => found >= 0),
  order('#operator_<=', (found) => found <= 0),
  define('#operator_+', 'f', [], ({ rest }) => rest.map(text).join(''), { rest: 'args:text' }),
  define('concat', 'f', [], ({ rest }) => rest.map(text).join(''), { rest: 'args:text' }),
  define('#operator_*', 'f', ['left:text', 'right:integer'], ({ engine }, a, b) => repeated(engine, text(a), whole(b))),
  define('#operator_*', 'f', ['left:integer', 'right:text'], ({ engine }, a, b) => repeated(engine, text(b), whole(a))),
  define('#operator_in', 'f', ['left:text', 'right:text'], (_, a, b) => text(b).includes(text(a))),
  define('len', 'fm', ['string:text'], (_, value) => chars(text(value)).length),
  define('toLower', 'm', ['string:text'], (_, value) => text(value).toLowerCase()),
  define('toUpper', 'm', ['string:text'], (_, value) => text(value).toUpperCase()),
  define('split', 'm', ['string:text', 'separator:text?=null', 'maxSplits:integer=-1'], (_, value, separator, most) =>
    split(text(value), textOrNull(separator), whole(most)),
  ),
  define(
    'rightSplit',
    'm',
    ['string:text', 'separator:text?=null', 'maxSplits:integer=-1'],
    (_, value, separator, most) => rightSplit(text(value), textOrNull(separator), whole(most)),
  ),
  define('join', 'm', ['sequence:collection', 'separator:text'], (_, collection, separator) =>
    joined(separator, collection),
  ),
  define('join', 'm', ['separator:text', 'sequence:collection'], (_, separator, collection) =>
    joined(separator, collection),
  ),
  define('str', 'f', ['value:any'], (_, value) => written(value)),
  define('trim', 'm', ['string:text', 'chars:text?=null'], (_, value, set) =>
    trimmed(text(value), textOrNull(set), true, true),
  ),
  define('trimLeft', 'm', ['string:text', 'chars:text?=null'], (_, value, set) =>
    trimmed(text(value), textOrNull(set), true, false),
  ),
  define('trimRight', 'm', ['string:text', 'chars:text?=null'], (_, value, set) =>
    trimmed(text(value), textOrNull(set), false, true),
  ),
  define('norm', 'fm', ['string:text?', 'chars:text?=null'], (_, value, set) =>
    value === null || value === undefined ? null : trimmed(text(value), textOrNull(set), true, true) || null,
  ),
  define('isEmpty', 'fm', ['string:text?', 'trim:boolean=true', 'chars:text?=null'], (_, value, trim, set) => {
    if (value === null || value === undefined) return true;
    return (trim === false ? text(value) : trimmed(text(value), textOrNull(set), true, true)) === '';
  }),
  define('replace', 'm', ['string:text', 'old:text', 'new:text', 'count:integer=-1'], (_, value, old, next, most) =>
    replaced(text(value), text(old), text(next), whole(most)),
  ),
  define('replace', 'm', ['string:text', 'replacements:dictionary', 'count:integer=-1'], (_, value, changes, most) =>
    dictionary(changes)
      .pairs()
      .reduce((result, [key, item]) => replaced(result, written(key), written(item), whole(most)), text(value)),
  ),
  define('format', 'fm', ['formatString:text'], ({ rest, named }, value) => format(text(value), rest, named), {
    rest: 'args:any',
    anyNamed: true,
  }),
  define('substring', 'm', ['string:text', 'start:integer', 'length:integer=-1'], (_, value, start, length) =>
    substring(text(value), whole(start), whole(length)),
  ),
  define('indexOf', 'm', ['string:text', 'sub:text', 'start:integer=0'], (_, value, sub, start) =>
    find(text(value), text(sub), whole(start), Number.MAX_SAFE_INTEGER, false),
  ),
  define(
    'indexOf',
    'm',
    ['string:text', 'sub:text', 'start:integer', 'length:integer'],
    (_, value, sub, start, length) => bounded(text(value), text(sub), whole(start), whole(length), false),
  ),
  define('lastIndexOf', 'm', ['string:text', 'sub:text', 'start:integer=0'], (_, value, sub, start) =>
    find(text(value), text(sub), whole(start), Number.MAX_SAFE_INTEGER, true),
  ),
  define(
    'lastIndexOf',
    'm',
    ['string:text', 'sub:text', 'start:integer', 'length:integer'],
    (_, value, sub, start, length) => bounded(text(value), text(sub), whole(start), whole(length), true),
  ),
  define('toCharArray', 'm', ['string:text'], (_, value) => chars(text(value))),
  define(
    'characters',
    'f',
    classes.map(([name]) => `${name}:any=false`),
    (_, ...wanted) => {
      const found = new Set<string>();
      classes.forEach(([name, members], index) => {
        if (!holds(wanted[index] ?? null)) return;
        if (members === undefined) throw attributeError(`module 'string' has no attribute '${name}'`);
        for (const char of chars(members)) found.add(char);
      });
      return [...found];
    },
  ),
  define('isString', 'f', ['arg:any'], (_, value) => typeof value === 'string'),
  define(
    'startsWith',
    'm',
    ['string:text'],
    ({ rest }, value) => rest.some((prefix) => text(value).startsWith(text(prefix))),
    { rest: 'prefixes:text' },
  ),
  define(
    'endsWith',
    'm',
    ['string:text'],
    ({ rest }, value) => rest.some((suffix) => text(value).endsWith(text(suffix))),
    { rest: 'suffixes:text' },
  ),
  define('hex', 'f', ['num:number?'], (_, value) => {
    if (!isInteger(value))
      throw new TemplateError(
        'TypeError',
        `'${value instanceof Float ? 'float' : 'NoneType'}' object cannot be interpreted as an integer`,
      );
    return value < 0 ? `-0x${(-BigInt(value)).toString(16)}` : `0x${value.toString(16)}`;
  }),
];
