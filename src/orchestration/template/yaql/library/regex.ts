// Regular expressions.
import { PythonPattern } from '../../value/pattern.ts';
import type { Context } from '../context.ts';
import { type Callable, type Data, Dict, holds, Pattern, Stream } from '../data.ts';
import { define, type FunctionSpec, type Given } from '../function.ts';
import { pattern, text, whole } from './argument.ts';

const flags = (ignoreCase: Given, multiLine: Given, dotAll: Given): string =>
  `${holds(ignoreCase ?? null) ? 'i' : ''}${holds(multiLine ?? null) ? 'm' : ''}${holds(dotAll ?? null) ? 's' : ''}`;
const found = (regex: PythonPattern, value: Given): boolean => regex.test(text(value));

/** Tells a selector about a match: `$1` is all of it, `$2` ... its groups. */
function publish(context: Context, match: RegExpMatchArray): void {
  const record = (index: number): Data =>
    new Dict([
      ['value', match[index] ?? null],
      ['start', match.indices?.[index]?.[0] ?? -1],
      ['end', match.indices?.[index]?.[1] ?? -1],
    ]);
  match.forEach((_, index) => {
    context.set(`$${index + 1}`, record(index));
  });
}

function split(regex: PythonPattern, value: string, most: number): Data {
  const parts: Data[] = [];
  let from = 0;
  let count = 0;
  for (const match of regex.all(value)) {
    if (most > 0 && count++ >= most) break;
    parts.push(value.slice(from, match.index), ...match.slice(1).map((group) => group ?? null));
    from = (match.index ?? 0) + match[0].length;
  }
  return [...parts, value.slice(from)];
}

/** Python's replacement texts: `\1`, `\g<name>` and escapes. */
function expanded(
  replacement: string,
  match: readonly (string | undefined)[],
  groups: Readonly<Record<string, string | undefined>> | undefined,
): string {
  return replacement.replace(/\\(?:g<(\w+)>|(\d{1,2})|([\s\S]))/g, (_, name, number, char) => {
    const key: unknown = name ?? number;
    if (typeof key === 'string') return (/^\d+$/.test(key) ? match[Number(key)] : groups?.[key]) ?? '';
    return char === 'n' ? '\n' : char === 't' ? '\t' : String(char);
  });
}

function replaced(regex: PythonPattern, value: string, count: number, by: (match: RegExpMatchArray) => string): string {
  let result = '';
  let from = 0;
  let done = 0;
  for (const match of regex.all(value)) {
    if (count > 0 && done++ >= count) break;
    const at = match.index ?? 0;
    result += value.slice(from, at) + by(match);
    from = at + match[0].length;
  }
  return result + value.slice(from);
}

const replaceText = (regex: Given, value: Given, by: Given, count: Given): Data =>
  replaced(pattern(regex).regex, text(value), whole(count), (match) => expanded(text(by), match, match.groups));

function replaceBy(context: Context, regex: Given, value: Given, by: Given, count: Given): Data {
  return replaced(pattern(regex).regex, text(value), whole(count), (match) => {
    publish(context, match);
    return typeof by === 'function' ? text(by(context.child())) : '';
  });
}

function* matches(context: Context, regex: PythonPattern, value: string, selector: Given): Generator<Data> {
  for (const match of regex.all(value)) yield selected(context, match, selector);
}

function selected(context: Context, match: RegExpMatchArray, selector: Given): Data {
  if (typeof selector !== 'function') return match[0];
  const inner = context.child();
  publish(inner, match);
  const choose: Callable = selector;
  return choose(inner);
}

export const regexFunctions: readonly FunctionSpec[] = [
  define(
    'regex',
    'f',
    ['pattern:text', 'ignoreCase:boolean?=false', 'multiLine:boolean?=false', 'dotAll:boolean?=false'],
    (_, source, ignoreCase, multiLine, dotAll) =>
      new Pattern(new PythonPattern(text(source), flags(ignoreCase, multiLine, dotAll))),
  ),
  define('matches', 'm', ['regexp:pattern', 'string:text'], (_, regex, value) => found(pattern(regex).regex, value)),
  define('matches', 'm', ['string:text', 'regexp:text'], (_, value, source) =>
    found(new PythonPattern(text(source)), value),
  ),
  define('#operator_=~', 'f', ['string:text', 'regexp:pattern'], (_, value, regex) =>
    found(pattern(regex).regex, value),
  ),
  define('#operator_=~', 'f', ['string:text', 'pattern:text'], (_, value, source) =>
    found(new PythonPattern(text(source)), value),
  ),
  define(
    '#operator_!~',
    'f',
    ['string:text', 'regexp:pattern'],
    (_, value, regex) => !found(pattern(regex).regex, value),
  ),
  define(
    '#operator_!~',
    'f',
    ['string:text', 'pattern:text'],
    (_, value, source) => !found(new PythonPattern(text(source)), value),
  ),
  define('search', 'm', ['regexp:pattern', 'string:text', 'selector:inner='], ({ context }, regex, value, selector) => {
    for (const match of pattern(regex).regex.all(text(value))) return selected(context, match, selector);
    return null;
  }),
  define(
    'searchAll',
    'm',
    ['regexp:pattern', 'string:text', 'selector:inner='],
    ({ context }, regex, value, selector) => new Stream(matches(context, pattern(regex).regex, text(value), selector)),
  ),
  define('split', 'm', ['regexp:pattern', 'string:text', 'maxSplit:integer=0'], (_, regex, value, most) =>
    split(pattern(regex).regex, text(value), whole(most)),
  ),
  define('split', 'm', ['string:text', 'regexp:pattern', 'maxSplit:integer=0'], (_, value, regex, most) =>
    split(pattern(regex).regex, text(value), whole(most)),
  ),
  define(
    'replace',
    'm',
    ['regexp:pattern', 'string:text', 'repl:text', 'count:integer=0'],
    (_, regex, value, by, count) => replaceText(regex, value, by, count),
  ),
  define(
    'replace',
    'm',
    ['string:text', 'regexp:pattern', 'repl:text', 'count:integer=0'],
    (_, value, regex, by, count) => replaceText(regex, value, by, count),
  ),
  define(
    'replaceBy',
    'm',
    ['regexp:pattern', 'string:text', 'repl:inner', 'count:integer=0'],
    ({ context }, regex, value, by, count) => replaceBy(context, regex, value, by, count),
  ),
  define(
    'replaceBy',
    'm',
    ['string:text', 'regexp:pattern', 'repl:inner', 'count:integer=0'],
    ({ context }, value, regex, by, count) => replaceBy(context, regex, value, by, count),
  ),
  define('escapeRegex', 'f', ['string:text'], (_, value) =>
    text(value).replace(/[\\()[\]{}?*+\-|^$.&~# \t\n\r\v\f]/g, '\\$&'),
  ),
  define('isRegex', 'f', ['value:any'], (_, value) => value instanceof Pattern),
];
