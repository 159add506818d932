// Reads the scalars of YAML: plain, quoted and block ones.
import { quote } from '../value/index.ts';
import type { Cursor } from './cursor.ts';

const replacements: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\x08',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\x0b',
  f: '\x0c',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '\\': '\\',
  '/': '/',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const codes: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

export interface ScalarText {
  readonly text: string;
  readonly end: number;
}

/** Between the lines of a folded scalar: one line break is a space, more are themselves less one. */
function fold(first: string, more: string): string {
  if (first !== '\n') return first + more;
  return more === '' ? ' ' : more;
}

// ---- plain ----

function plainSpaces(cursor: Cursor): { spaces: string; stopped: boolean } {
  const start = cursor.at;
  cursor.skipBlanks();
  const blanks = cursor.text.slice(start, cursor.at);
  if (!cursor.isBreak()) return { spaces: blanks, stopped: false };
  const first = cursor.takeBreak();
  cursor.allowKey = true;
  if (cursor.isSeparator()) return { spaces: '', stopped: true };
  let more = '';
  for (;;) {
    if (cursor.peek() === ' ') cursor.at++;
    else if (cursor.lenient && cursor.peek() === '\t') cursor.at++;
    else if (cursor.isBreak()) {
      more += cursor.takeBreak();
      if (cursor.isSeparator()) return { spaces: '', stopped: true };
    } else break;
  }
  return { spaces: fold(first, more), stopped: false };
}

// Each takes a run of characters or one that may stand here: one pattern for all of it needs stack by the length of the text.
const plainBlock = /[^\s:#\u0085\u2028\u2029]+|:(?![\s\u0085\u2028\u2029]|$)|(?<![\s\u0085\u2028\u2029])#/y;
const plainFlow = /[^\s:#,?[\]{}\u0085\u2028\u2029]+|:(?![\s,[\]{}\u0085\u2028\u2029]|$)|(?<![\s\u0085\u2028\u2029])#/y;
/** Inside brackets a question mark may be part of a scalar that has begun. */
const plainFlowLenient =
  /[^\s:#,[\]{}\u0085\u2028\u2029]+|:(?![\s,[\]{}\u0085\u2028\u2029]|$)|(?<![\s\u0085\u2028\u2029])#/y;

/** What a pattern takes from the cursor on, as often as it fits. */
function run(pattern: RegExp, cursor: Cursor): string {
  pattern.lastIndex = cursor.at;
  let end = cursor.at;
  while (pattern.test(cursor.text)) end = pattern.lastIndex;
  return cursor.text.slice(cursor.at, end);
}

/** A scalar without quotes; it may go on over lines. */
export function plainScalarText(cursor: Cursor, indent: number): ScalarText {
  const pattern = cursor.flowLevel === 0 ? plainBlock : cursor.lenient ? plainFlowLenient : plainFlow;
  let text = '';
  let spaces = '';
  let end = cursor.at;
  for (;;) {
    if (cursor.peek() === '#') break;
    const piece = run(pattern, cursor);
    if (piece === '') break;
    cursor.allowKey = false;
    text += spaces + piece;
    cursor.at += piece.length;
    end = cursor.at;
    const gap = plainSpaces(cursor);
    spaces = gap.spaces;
    if (gap.stopped || spaces === '' || cursor.peek() === '#' || (cursor.flowLevel === 0 && cursor.column < indent))
      break;
  }
  return { text, end };
}

// ---- quoted ----

function escaped(cursor: Cursor, start: number): string {
  cursor.at++;
  const char = cursor.peek();
  const replacement = replacements[char];
  if (replacement !== undefined) {
    cursor.at++;
    return replacement;
  }
  const length = codes[char];
  if (length !== undefined) {
    cursor.at++;
    for (let index = 0; index < length; index++) {
      const digit = cursor.text.charAt(cursor.at + index);
      if (!/[0-9A-Fa-f]/.test(digit)) {
        throw cursor.fault(
          'while scanning a double-quoted scalar',
          start,
          `expected escape sequence of ${length} hexadecimal numbers, but found ${quote(digit || '\0')}`,
        );
      }
    }
    const code = Number.parseInt(cursor.text.slice(cursor.at, cursor.at + length), 16);
    cursor.at += length;
    return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  }
  if (cursor.isBreak()) {
    cursor.takeBreak();
    return quotedBreaks(cursor, start);
  }
  throw cursor.fault(
    'while scanning a double-quoted scalar',
    start,
    `found unknown escape character ${quote(char || '\0')}`,
  );
}

function quotedBreaks(cursor: Cursor, start: number): string {
  let text = '';
  for (;;) {
    if (cursor.isSeparator())
      throw cursor.fault('while scanning a quoted scalar', start, 'found unexpected document separator');
    while (cursor.peek() === ' ' || cursor.peek() === '\t') cursor.at++;
    if (!cursor.isBreak()) return text;
    text += cursor.takeBreak();
  }
}

function quotedSpaces(cursor: Cursor, start: number): string {
  const from = cursor.at;
  while (cursor.peek() === ' ' || cursor.peek() === '\t') cursor.at++;
  if (cursor.atEnd) throw cursor.fault('while scanning a quoted scalar', start, 'found unexpected end of stream');
  if (!cursor.isBreak()) return cursor.text.slice(from, cursor.at);
  const first = cursor.takeBreak();
  return fold(first, quotedBreaks(cursor, start));
}

const quotedPiece = /[^'"\\\s\u0085\u2028\u2029]+/y;

/** A scalar in single or double quotes. */
export function quotedScalarText(cursor: Cursor, mark: string): ScalarText {
  const start = cursor.at;
  const double = mark === '"';
  cursor.at++;
  let text = '';
  for (;;) {
    quotedPiece.lastIndex = cursor.at;
    const piece = quotedPiece.exec(cursor.text)?.[0];
    if (piece !== undefined) {
      text += piece;
      cursor.at += piece.length;
    }
    const char = cursor.peek();
    if (!double && char === "'" && cursor.text.charAt(cursor.at + 1) === "'") {
      text += "'";
      cursor.at += 2;
    } else if (char === mark) break;
    else if (double && char === '\\') text += escaped(cursor, start);
    else if (char === "'" || char === '"' || char === '\\') {
      text += char;
      cursor.at++;
    } else {
      const before = cursor.at;
      text += quotedSpaces(cursor, start);
      if (cursor.at === before) text += cursor.text.charAt(cursor.at++);
    }
  }
  cursor.at++;
  return { text, end: cursor.at };
}

// ---- block ----

function indicators(cursor: Cursor, start: number): { chomp: '+' | '-' | ''; increment: number | undefined } {
  const context = 'while scanning a block scalar';
  let chomp: '+' | '-' | '' = '';
  let increment: number | undefined;
  for (let round = 0; round < 2; round++) {
    const char = cursor.peek();
    if ((char === '+' || char === '-') && chomp === '') {
      chomp = char;
      cursor.at++;
    } else if (/[0-9]/.test(char) && increment === undefined) {
      increment = Number(char);
      if (increment === 0)
        throw cursor.fault(context, start, 'expected indentation indicator in the range 1-9, but found 0');
      cursor.at++;
    }
  }
  if (!cursor.isBlankOrEnd())
    throw cursor.fault(
      context,
      start,
      `expected chomping or indentation indicators, but found ${quote(cursor.peek())}`,
    );
  return { chomp, increment };
}

function ignoredLine(cursor: Cursor, start: number): void {
  cursor.skipBlanks();
  if (cursor.peek() === '#') cursor.skipLine();
  if (!cursor.isBreak() && !cursor.atEnd)
    throw cursor.fault(
      'while scanning a block scalar',
      start,
      `expected a comment or a line break, but found ${quote(cursor.peek())}`,
    );
  if (cursor.isBreak()) cursor.takeBreak();
}

function blockBreaks(cursor: Cursor, indent: number): string {
  let text = '';
  const skip = () => {
    while (cursor.column < indent && cursor.peek() === ' ') cursor.at++;
  };
  skip();
  while (cursor.isBreak()) {
    text += cursor.takeBreak();
    skip();
  }
  return text;
}

function detectIndent(cursor: Cursor): { text: string; indent: number } {
  let text = '';
  let indent = 0;
  for (;;) {
    if (cursor.isBreak()) text += cursor.takeBreak();
    else if (cursor.peek() === ' ') {
      cursor.at++;
      indent = Math.max(indent, cursor.column);
    } else return { text, indent };
  }
}

/** A literal (`|`) or folded (`>`) scalar. */
export function blockScalarText(cursor: Cursor, parentIndent: number, folded: boolean): ScalarText {
  const start = cursor.at;
  cursor.at++;
  const { chomp, increment } = indicators(cursor, start);
  ignoredLine(cursor, start);
  const least = Math.max(parentIndent + 1, 1);
  let indent: number;
  let breaks: string;
  if (increment === undefined) {
    const found = detectIndent(cursor);
    indent = Math.max(least, found.indent);
    breaks = found.text;
  } else {
    indent = least + increment - 1;
    breaks = blockBreaks(cursor, indent);
  }
  const parts: string[] = [];
  let lineBreak = '';
  let end = cursor.at;
  while (cursor.column === indent && !cursor.atEnd) {
    parts.push(breaks);
    const indented = cursor.peek() === ' ' || cursor.peek() === '\t';
    const from = cursor.at;
    cursor.skipLine();
    parts.push(cursor.text.slice(from, cursor.at));
    end = cursor.at;
    lineBreak = cursor.isBreak() ? cursor.takeBreak() : '';
    breaks = blockBreaks(cursor, indent);
    if (cursor.column !== indent || cursor.atEnd) break;
    const next = cursor.peek();
    if (folded && lineBreak === '\n' && !indented && next !== ' ' && next !== '\t')
      parts.push(breaks === '' ? ' ' : '');
    else parts.push(lineBreak);
  }
  if (chomp !== '-') parts.push(lineBreak);
  if (chomp === '+') parts.push(breaks);
  return { text: parts.join(''), end };
}
