// Cuts YAML text into tokens, finding block structure by indentation.
import { quote } from '../value/index.ts';
import { Cursor } from './cursor.ts';
import { blockScalarText, plainScalarText, quotedScalarText, type ScalarText } from './scalars.ts';
import type { Token, TokenType } from './token.ts';

/** A place where a mapping key may have begun: known only once its `:` is met. */
interface PossibleKey {
  readonly number: number;
  readonly required: boolean;
  readonly at: number;
  readonly line: number;
  readonly column: number;
}

const longestKey = 1024;
const nameChars = /[0-9A-Za-z_-]*/y;
const uriChars = /(?:[0-9A-Za-z\-;/?:@&=+$,_.!~*'()[\]]|%[0-9A-Fa-f]{2})*/y;

export class Scanner {
  readonly cursor: Cursor;
  private readonly tokens: Token[] = [];
  private head = 0;
  private taken = 0;
  private done = false;
  private indent = -1;
  private readonly indents: number[] = [];
  private readonly keys = new Map<number, PossibleKey>();

  constructor(text: string, lenient: boolean) {
    this.cursor = new Cursor(text, lenient);
  }

  peek(): Token {
    while (this.needsMore()) this.fetch();
    const token = this.tokens[this.head];
    if (!token) throw new Error('the scanner is past its end');
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.head++;
    this.taken++;
    if (this.head > 256) {
      this.tokens.splice(0, this.head);
      this.head = 0;
    }
    return token;
  }

  private needsMore(): boolean {
    if (this.done) return false;
    if (this.head >= this.tokens.length) return true;
    this.dropStale();
    for (const key of this.keys.values()) if (key.number === this.taken) return true;
    return false;
  }

  private push(type: TokenType, start: number, end = this.cursor.at, value = '', plain = false, handle?: string): void {
    this.tokens.push({ type, start, end, value, plain, handle });
  }

  private insert(number: number, type: TokenType, at: number): void {
    this.tokens.splice(this.head + number - this.taken, 0, {
      type,
      start: at,
      end: at,
      value: '',
      plain: false,
      handle: undefined,
    });
  }

  // ---- keys ----

  private missingColon(key: PossibleKey) {
    return this.cursor.fault('while scanning a simple key', key.at, "could not find expected ':'");
  }

  private dropStale(): void {
    for (const [level, key] of this.keys) {
      if (key.line === this.cursor.line && this.cursor.at - key.at <= longestKey) continue;
      if (key.required) throw this.missingColon(key);
      this.keys.delete(level);
    }
  }

  private dropKey(): void {
    const { cursor } = this;
    const key = this.keys.get(cursor.flowLevel);
    if (!key) return;
    if (key.required) throw this.missingColon(key);
    this.keys.delete(cursor.flowLevel);
  }

  private saveKey(): void {
    const { cursor } = this;
    if (!cursor.allowKey) return;
    this.dropKey();
    this.keys.set(cursor.flowLevel, {
      number: this.taken + this.tokens.length - this.head,
      required: cursor.flowLevel === 0 && this.indent === cursor.column,
      at: cursor.at,
      line: cursor.line,
      column: cursor.column,
    });
  }

  // ---- indentation ----

  private unwind(column: number): void {
    if (this.cursor.flowLevel > 0) return;
    while (this.indent > column) {
      this.indent = this.indents.pop() ?? -1;
      this.push('blockEnd', this.cursor.at);
    }
  }

  private deepen(column: number): boolean {
    if (this.indent >= column) return false;
    this.indents.push(this.indent);
    this.indent = column;
    return true;
  }

  // ---- tokens ----

  private skipToToken(): void {
    const { cursor } = this;
    for (;;) {
      for (;;) {
        const char = cursor.peek();
        if (char === ' ' || (char === '\t' && cursor.lenient && (cursor.flowLevel > 0 || !cursor.allowKey)))
          cursor.at++;
        else break;
      }
      if (cursor.peek() === '#') cursor.skipLine();
      if (!cursor.isBreak()) return;
      cursor.takeBreak();
      if (cursor.flowLevel === 0) cursor.allowKey = true;
    }
  }

  private fetch(): undefined {
    const { cursor } = this;
    this.skipToToken();
    this.dropStale();
    this.unwind(cursor.column);
    if (cursor.atEnd) {
      this.unwind(-1);
      this.endKeys();
      this.done = true;
      this.push('streamEnd', cursor.at);
      return undefined;
    }
    const char = cursor.peek();
    if (cursor.column === 0 && char === '%') return this.directive();
    if (cursor.isSeparator()) return this.separator(char === '-' ? 'documentStart' : 'documentEnd');
    switch (char) {
      case '[':
      case '{':
        return this.flowStart(char);
      case ']':
      case '}':
        return this.flowEnd(char);
      case ',':
        return this.flowEntry();
      case '*':
      case '&':
        return this.anchor(char === '*' ? 'alias' : 'anchor');
      case '!':
        return this.tag();
      case "'":
      case '"':
        return this.scalar(() => quotedScalarText(cursor, char), false);
      default:
    }
    const blankNext = cursor.isBlankOrEnd(1);
    if (char === '-' && blankNext) return this.blockEntry();
    if (char === '?' && (cursor.flowLevel > 0 || blankNext)) return this.key();
    if (char === ':' && (cursor.flowLevel > 0 || blankNext)) return this.value();
    if ((char === '|' || char === '>') && cursor.flowLevel === 0) return this.blockScalar(char === '>');
    const special = '-?:,[]{}#&*!|>\'"%@`\t'.includes(char);
    if (!special || (!blankNext && (char === '-' || (cursor.flowLevel === 0 && (char === '?' || char === ':'))))) {
      return this.scalar(() => plainScalarText(cursor, this.indent + 1), true);
    }
    throw cursor.fault(
      'while scanning for the next token',
      undefined,
      `found character ${quote(char)} that cannot start any token`,
    );
  }

  private endKeys(): undefined {
    this.dropKey();
    this.cursor.allowKey = false;
    this.keys.clear();
  }

  private directive(): undefined {
    this.unwind(-1);
    this.endKeys();
    const start = this.cursor.at;
    this.cursor.skipLine();
    this.push('directive', start, this.cursor.at, this.cursor.text.slice(start, this.cursor.at));
  }

  private separator(type: 'documentStart' | 'documentEnd'): undefined {
    this.unwind(-1);
    this.endKeys();
    const start = this.cursor.at;
    this.cursor.at += 3;
    this.push(type, start);
  }

  private flowStart(type: '[' | '{'): undefined {
    this.saveKey();
    this.cursor.flowLevel++;
    this.cursor.allowKey = true;
    this.single(type);
  }

  private flowEnd(type: ']' | '}'): undefined {
    this.dropKey();
    this.cursor.flowLevel = Math.max(this.cursor.flowLevel - 1, 0);
    this.cursor.allowKey = false;
    this.single(type);
  }

  private flowEntry(): undefined {
    this.cursor.allowKey = true;
    this.dropKey();
    this.single(',');
  }

  private single(type: TokenType): undefined {
    this.cursor.at++;
    this.push(type, this.cursor.at - 1);
  }

  private blockEntry(): undefined {
    const { cursor } = this;
    if (cursor.flowLevel === 0) {
      if (!cursor.allowKey) throw cursor.fault(undefined, undefined, 'sequence entries are not allowed here');
      if (this.deepen(cursor.column)) this.push('blockSequence', cursor.at);
    }
    cursor.allowKey = true;
    this.dropKey();
    this.single('-');
  }

  private key(): undefined {
    const { cursor } = this;
    if (cursor.flowLevel === 0) {
      if (!cursor.allowKey) throw cursor.fault(undefined, undefined, 'mapping keys are not allowed here');
      if (this.deepen(cursor.column)) this.push('blockMapping', cursor.at);
    }
    cursor.allowKey = cursor.flowLevel === 0;
    this.dropKey();
    this.single('?');
  }

  private value(): undefined {
    const { cursor } = this;
    const key = this.keys.get(cursor.flowLevel);
    if (key) {
      this.keys.delete(cursor.flowLevel);
      this.insert(key.number, '?', key.at);
      if (cursor.flowLevel === 0 && this.deepen(key.column)) this.insert(key.number, 'blockMapping', key.at);
      cursor.allowKey = false;
    } else {
      if (cursor.flowLevel === 0) {
        if (!cursor.allowKey) throw cursor.fault(undefined, undefined, 'mapping values are not allowed here');
        if (this.deepen(cursor.column)) this.push('blockMapping', cursor.at);
      }
      cursor.allowKey = cursor.flowLevel === 0;
      this.dropKey();
    }
    this.single(':');
  }

  private scalar(read: () => ScalarText, plain: boolean): undefined {
    this.saveKey();
    this.cursor.allowKey = false;
    const start = this.cursor.at;
    const { text, end } = read();
    if (end === start)
      throw this.cursor.fault(
        'while scanning for the next token',
        undefined,
        `found character ${quote(this.cursor.peek())} that cannot start any token`,
      );
    this.push('scalar', start, end, text, plain);
  }

  private blockScalar(folded: boolean): undefined {
    this.cursor.allowKey = true;
    this.dropKey();
    const start = this.cursor.at;
    const { text, end } = blockScalarText(this.cursor, this.indent, folded);
    this.push('scalar', start, end, text, false);
  }

  private anchor(type: 'alias' | 'anchor'): undefined {
    const { cursor } = this;
    this.saveKey();
    cursor.allowKey = false;
    const start = cursor.at;
    cursor.at++;
    nameChars.lastIndex = cursor.at;
    const name = nameChars.exec(cursor.text)?.[0] ?? '';
    cursor.at += name.length;
    const next = cursor.peek();
    if (name === '' || !(cursor.isBlankOrEnd() || '?:,]}%@`'.includes(next))) {
      throw cursor.fault(
        `while scanning an ${type}`,
        start,
        `expected alphabetic or numeric character, but found ${quote(next || '\0')}`,
      );
    }
    this.push(type, start, cursor.at, name);
  }

  private tag(): undefined {
    const { cursor } = this;
    this.saveKey();
    cursor.allowKey = false;
    const start = cursor.at;
    let handle: string | undefined;
    let suffix: string;
    if (cursor.peek(1) === '<') {
      cursor.at += 2;
      suffix = this.uri();
      if (cursor.peek() !== '>')
        throw cursor.fault('while parsing a tag', start, `expected '>', but found ${quote(cursor.peek() || '\0')}`);
      cursor.at++;
    } else if (cursor.isBlankOrEnd(1)) {
      handle = '';
      suffix = '!';
      cursor.at++;
    } else {
      const named = /^!(?:[0-9A-Za-z_-]*!)?/.exec(cursor.text.slice(cursor.at, cursor.at + 200))?.[0] ?? '!';
      handle = named;
      cursor.at += named.length;
      suffix = this.uri();
    }
    if (!cursor.isBlankOrEnd() && !(cursor.lenient && cursor.flowLevel > 0 && cursor.peek() === ',')) {
      throw cursor.fault('while scanning a tag', start, `expected ' ', but found ${quote(cursor.peek())}`);
    }
    this.push('tag', start, cursor.at, suffix, false, handle);
  }

  private uri(): string {
    uriChars.lastIndex = this.cursor.at;
    const uri = uriChars.exec(this.cursor.text)?.[0] ?? '';
    if (uri === '')
      throw this.cursor.fault(
        'while parsing a tag',
        undefined,
        `expected URI, but found ${quote(this.cursor.peek() || '\0')}`,
      );
    this.cursor.at += uri.length;
    return uri.replace(/(?:%[0-9A-Fa-f]{2})+/g, (coded) =>
      Buffer.from(coded.replaceAll('%', ''), 'hex').toString('utf8'),
    );
  }
}
