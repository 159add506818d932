// Cuts YAQL text into tokens.

import { Float, integer } from '../value/index.ts';
import { own } from '../value/own.ts';
import { type Constant, YaqlSyntaxError } from './expression.ts';

export interface Token {
  readonly type: 'constant' | 'keyword' | 'function' | 'variable' | 'operator' | 'end';
  /** Operator or bracket, name of a function or variable. */
  readonly text: string;
  readonly value: Constant;
  readonly position: number;
}

const wordOperators = new Set(['mod', 'in', 'not', 'and', 'or']);
const constants: Readonly<Record<string, Constant>> = { true: true, false: false, null: null };
const operators = [
  '?.',
  '=~',
  '!~',
  '>=',
  '<=',
  '!=',
  '->',
  '=>',
  '.',
  '+',
  '-',
  '*',
  '/',
  '>',
  '<',
  '=',
  '[',
  '{',
  '(',
  ')',
  ']',
  ',',
  '}',
];

const variable = /\$\w*/uy;
const number = /\b\d+(?:\.?\d+)?\b/uy;
const call = /[\p{L}\p{Nl}_][\p{L}\p{N}\p{M}_]*\(/uy;
const word = /(?!__)[\p{L}\p{Nl}_][\p{L}\p{N}\p{M}_]*/uy;
const quoted = /'((?:[^'\\]|\\[^\n])*)'|"((?:[^"\\]|\\[^\n])*)"|`((?:[^`\\]|\\[^\n])*)`/uy;
const escapes = /\\(?:U([0-9a-fA-F]{8})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|([\\'"abfnrtv]))/g;
const single: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function decoded(text: string): string {
  return text.replace(escapes, (_, long, short, byte, octal, char) => {
    const hex: unknown = long ?? short ?? byte;
    if (typeof hex === 'string') return String.fromCodePoint(Number.parseInt(hex, 16));
    if (typeof octal === 'string') return String.fromCharCode(Number.parseInt(octal, 8));
    return single[String(char)] ?? String(char);
  });
}

/** Whether a text can be a bare word. */
export function isWord(text: string): boolean {
  word.lastIndex = 0;
  return word.exec(text)?.[0] === text;
}

export class Lexer {
  private readonly text: string;
  private at = 0;
  constructor(text: string) {
    this.text = text;
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at = pattern.lastIndex;
    return match;
  }

  /** @throws YaqlSyntaxError for a character that starts no token */
  next(): Token {
    while (' \t\r\n'.includes(this.text.charAt(this.at)) && this.at < this.text.length) this.at++;
    const position = this.at;
    const token = (type: Token['type'], text: string, value: Constant = null): Token => ({
      type,
      text,
      value,
      position,
    });
    if (position >= this.text.length) return token('end', '');
    const dollar = this.take(variable);
    if (dollar) return token('variable', dollar[0]);
    const digits = this.take(number);
    if (digits)
      return token(
        'constant',
        digits[0],
        digits[0].includes('.') ? new Float(Number(digits[0])) : integer(BigInt(digits[0])),
      );
    const called = this.take(call);
    if (called) return token('function', called[0].slice(0, -1), called[0].slice(0, -1));
    const name = this.take(word);
    if (name) {
      const [text] = name;
      if (wordOperators.has(text)) return token('operator', text);
      const constant = own(constants, text);
      return constant === undefined ? token('keyword', text, text) : token('constant', text, constant);
    }
    const string = this.take(quoted);
    if (string) {
      const [, one, two, verbatim] = string;
      return token(
        'constant',
        string[0],
        verbatim === undefined ? decoded(one ?? two ?? '') : verbatim.replaceAll('\\`', '`'),
      );
    }
    const operator = operators.find((symbol) => this.text.startsWith(symbol, position));
    if (operator === undefined)
      throw new YaqlSyntaxError(
        `Lexical error: illegal character '${this.text.charAt(position)}' at position ${position}`,
      );
    this.at += operator.length;
    return token('operator', operator);
  }
}
