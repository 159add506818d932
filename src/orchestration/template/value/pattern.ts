// Regular expressions in Python's syntax, run on JavaScript's engine.
import { createContext, Script } from 'node:vm';
import { TemplateError } from '../errors.ts';

const fault = (message: string, offset: number) => new TemplateError('error', `${message} at position ${offset}`);

/** Finds the mistakes Python's compiler reports first: unbalanced groups and classes, repeats of nothing. */
function check(pattern: string): void {
  const open: number[] = [];
  let inClass = -1;
  let repeatable = false;
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern.charAt(index);
    if (char === '\\') {
      if (index === pattern.length - 1) throw fault('bad escape (end of pattern)', index);
      index++;
      if (inClass < 0) repeatable = true;
    } else if (inClass >= 0) {
      if (char === ']' && index > inClass + 1 && !(pattern.charAt(inClass + 1) === '^' && index === inClass + 2)) {
        inClass = -1;
        repeatable = true;
      }
    } else if (char === '[') inClass = index;
    else if (char === '(') {
      open.push(index);
      repeatable = false;
      if (pattern.charAt(index + 1) === '?') index++;
    } else if (char === ')') {
      if (open.pop() === undefined) throw fault('unbalanced parenthesis', index);
      repeatable = true;
    } else if (char === '|') repeatable = false;
    else if (char === '*' || char === '+' || char === '?') {
      if (!repeatable) throw fault('nothing to repeat', index);
      const next = pattern.charAt(index + 1);
      if (next === '?' || next === '+') index++;
      else if (next === '*') throw fault('multiple repeat', index + 1);
    } else repeatable = char !== '^';
  }
  if (inClass >= 0) throw fault('unterminated character set', inClass);
  const group = open.pop();
  if (group !== undefined) throw fault('missing ), unterminated subpattern', group);
}

/** Escapes that mean sets of characters; Python's go by Unicode, which makes no difference to a text of ASCII. */
interface Sets {
  readonly [char: string]: string;
}
const unicodeSets: Sets = { d: '\\p{Nd}', D: '\\P{Nd}', w: '\\p{L}\\p{N}_', s: '\\s', S: '\\S' };
const asciiSets: Sets = { d: '0-9', D: '\\D', w: 'A-Za-z0-9_', s: '\\s', S: '\\S' };

function escaped(char: string, inClass: boolean, sets: Sets): string {
  if (!inClass) {
    if (char === 'A') return '(?<![\\s\\S])';
    if (char === 'Z') return '(?![\\s\\S])';
    if (char === 'w' || char === 'd') return `[${sets[char]}]`;
    if (char === 'W') return `[^${sets.w}]`;
  }
  if (char === 'W') return '\\W';
  if (char === 'a') return '\\x07';
  const set = sets[char];
  if (set !== undefined) return set;
  if (/[A-Za-z0-9]/.test(char)) return `\\${char}`;
  if ('^$\\.*+?()[]{}|/'.includes(char) || (inClass && char === '-')) return `\\${char}`;
  return char;
}

/** The index after a character class's content, and the class in JavaScript's syntax. */
function translateClass(pattern: string, start: number, sets: Sets): { text: string; end: number } {
  let index = start + 1;
  let text = '[';
  if (pattern.charAt(index) === '^') {
    text += '^';
    index++;
  }
  for (let first = true; index < pattern.length; first = false) {
    const char = pattern.charAt(index);
    if (char === ']' && !first) return { text: `${text}]`, end: index + 1 };
    if (char === '\\') {
      text += escaped(pattern.charAt(index + 1), true, sets);
      index += 2;
    } else {
      text += '[]{}()|/'.includes(char) ? `\\${char}` : char;
      index++;
    }
  }
  return { text, end: index };
}

/** Rewrites what the two syntaxes write differently. */
function translate(pattern: string, sets: Sets): { source: string; flags: string } {
  let flags = '';
  const body = pattern.replace(/^\(\?([aiLmsux]+)\)/, (_, letters: string) => {
    for (const letter of letters) if ('ims'.includes(letter)) flags += letter;
    return '';
  });
  let source = '';
  for (let index = 0; index < body.length; ) {
    const char = body.charAt(index);
    const rest = body.slice(index, index + 80);
    const named = /^\(\?P<(\w+)>/.exec(rest) ?? /^\(\?P=(\w+)\)/.exec(rest);
    const most = /^\{,(\d+)\}/.exec(rest);
    const times = /^\{\d+(?:,\d*)?\}/.exec(rest);
    if (char === '\\') {
      source += escaped(body.charAt(index + 1), false, sets);
      index += 2;
    } else if (char === '[') {
      const { text, end } = translateClass(body, index, sets);
      source += text;
      index = end;
    } else if (named) {
      source += named[0].startsWith('(?P<') ? `(?<${named[1]}>` : `\\k<${named[1]}>`;
      index += named[0].length;
    } else if (most) {
      source += `{0,${most[1]}}`;
      index += most[0].length;
    } else if (times) {
      source += times[0];
      index += times[0].length;
    } else {
      source += '{}]'.includes(char) ? `\\${char}` : char;
      index++;
    }
  }
  return { source, flags };
}

/** Longest time a pattern may take on a text before it is given up, so that one with endless backtracking hangs nothing. */
const timeLimitMs = 200;
/** Texts too short for backtracking to matter are matched directly. */
const harmlessLength = 16;

const room = createContext({ regex: /(?:)/, text: '', found: [] });
const findAll = new Script('found = Array.from(text.matchAll(regex))');
const findFirst = new Script('found = [regex.exec(text)].filter((match) => match !== null)');

function run(script: Script, regex: RegExp, text: string): RegExpMatchArray[] {
  room.regex = regex;
  room.text = text;
  try {
    const found: unknown = script.runInContext(room, { timeout: timeLimitMs });
    return Array.isArray(found) ? found : [];
  } catch (cause) {
    throw new TemplateError('error', 'the pattern takes too long on this text', { cause });
  }
}

function first(regex: RegExp, text: string): RegExpExecArray | RegExpMatchArray | undefined {
  return text.length <= harmlessLength ? (regex.exec(text) ?? undefined) : run(findFirst, regex, text)[0];
}

const onlyAscii = /^[\0-\x7f]*$/;

/** A regular expression in Python's syntax. */
export class PythonPattern {
  readonly pattern: string;
  private readonly unicode: { readonly source: string; readonly flags: string };
  private readonly given: string;

  /** @throws TemplateError of type `error` with Python's text where the pattern is at fault */
  constructor(pattern: string, flags = '') {
    this.pattern = pattern;
    this.given = flags;
    this.unicode = translate(pattern, unicodeSets);
    try {
      this.compile('é', '');
    } catch (cause) {
      check(pattern);
      throw new TemplateError('error', cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  /** The expression for a text. V8 has an engine without backtracking, but not for the flags u, i and d: they are left out where they can be. */
  private compile(text: string, mode: '' | 'g' | 'gd' | 'y'): RegExp {
    const ascii = onlyAscii.test(text);
    const { source, flags } = ascii ? translate(this.pattern, asciiSets) : this.unicode;
    return new RegExp(source, [...new Set(`${flags}${this.given}${ascii ? '' : 'u'}${mode}`)].join(''));
  }

  /** All matches in order, with the offsets of their groups. @throws TemplateError when the pattern takes too long */
  all(text: string): RegExpMatchArray[] {
    if (!this.test(text)) return [];
    const regex = this.compile(text, 'gd');
    return text.length <= harmlessLength ? [...text.matchAll(regex)] : run(findAll, regex, text);
  }

  test(text: string): boolean {
    return first(this.compile(text, ''), text) !== undefined;
  }

  /** Whether Python's match() from the start would reach the very end of the text. */
  matchesToEnd(text: string): boolean {
    return first(this.compile(text, 'y'), text)?.[0].length === text.length;
  }
}
