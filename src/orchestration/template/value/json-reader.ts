// Reads JSON into template values: key order kept, 1.0 and 1 apart, large integers exact.
import { type Dict, Float, integer, type Value } from './value.ts';

/** A JSON text that cannot be read, with the offset of the fault. */
export class JsonFault extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const numberPattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold control characters
const plainString = /[^"\\\u0000-\u001f]*/y;
const space = /[ \t\n\r]*/y;
const maxDepth = 900;

/** Python's json module reads these too. */
const words: readonly (readonly [string, Value])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', new Float(Number.NaN)],
  ['Infinity', new Float(Number.POSITIVE_INFINITY)],
  ['-Infinity', new Float(Number.NEGATIVE_INFINITY)],
];

class Reader {
  private at = 0;
  private depth = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  document(): Value {
    const value = this.value();
    this.skip();
    if (this.at < this.text.length) throw new JsonFault('Extra data', this.at);
    return value;
  }

  private skip(): void {
    const code = this.text.charCodeAt(this.at);
    if (code > 32 || Number.isNaN(code)) return;
    space.lastIndex = this.at;
    space.test(this.text);
    this.at = space.lastIndex;
  }

  private value(): Value {
    this.skip();
    const char = this.text.charAt(this.at);
    if (char === '"') return this.string();
    if (char === '{') return this.object();
    if (char === '[') return this.array();
    numberPattern.lastIndex = this.at;
    const match = numberPattern.exec(this.text);
    if (match) {
      this.at = numberPattern.lastIndex;
      if (match[1] !== undefined || match[2] !== undefined) return new Float(Number(match[0]));
      return match[0].length < 16 ? Number(match[0]) + 0 : integer(BigInt(match[0]));
    }
    for (const [word, value] of words) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    throw new JsonFault('Expecting value', this.at);
  }

  private enter(): void {
    if (++this.depth > maxDepth) throw new JsonFault('maximum recursion depth exceeded', this.at);
    this.at++;
    this.skip();
  }

  private object(): Dict {
    this.enter();
    const result: Dict = new Map();
    if (this.text.charAt(this.at) === '}') {
      this.at++;
      this.depth--;
      return result;
    }
    for (;;) {
      this.skip();
      if (this.text.charAt(this.at) !== '"')
        throw new JsonFault('Expecting property name enclosed in double quotes', this.at);
      const key = this.string();
      this.skip();
      if (this.text.charAt(this.at) !== ':') throw new JsonFault("Expecting ':' delimiter", this.at);
      this.at++;
      result.set(key, this.value());
      this.skip();
      const next = this.text.charAt(this.at);
      if (next !== ',' && next !== '}') throw new JsonFault("Expecting ',' delimiter", this.at);
      this.at++;
      if (next === '}') break;
    }
    this.depth--;
    return result;
  }

  private array(): Value[] {
    this.enter();
    const result: Value[] = [];
    if (this.text.charAt(this.at) === ']') {
      this.at++;
      this.depth--;
      return result;
    }
    for (;;) {
      result.push(this.value());
      this.skip();
      const next = this.text.charAt(this.at);
      if (next !== ',' && next !== ']') throw new JsonFault("Expecting ',' delimiter", this.at);
      this.at++;
      if (next === ']') break;
    }
    this.depth--;
    return result;
  }

  private string(): string {
    const start = this.at + 1;
    plainString.lastIndex = start;
    plainString.test(this.text);
    let end = plainString.lastIndex;
    if (this.text.charAt(end) === '"') {
      this.at = end + 1;
      return this.text.slice(start, end);
    }
    while (this.text.charAt(end) === '\\') {
      plainString.lastIndex = end + 2;
      plainString.test(this.text);
      end = plainString.lastIndex;
    }
    if (this.text.charAt(end) !== '"')
      throw new JsonFault(
        end >= this.text.length ? 'Unterminated string starting at' : 'Invalid control character at',
        end,
      );
    try {
      const text: unknown = JSON.parse(this.text.slice(start - 1, end + 1));
      this.at = end + 1;
      return typeof text === 'string' ? text : '';
    } catch (cause) {
      throw new JsonFault(`Invalid \\escape: ${cause instanceof Error ? cause.message : ''}`, start);
    }
  }
}

/**
 * Reads a JSON text.
 * @throws JsonFault with the message and offset Python's reader gives
 */
export function readJson(text: string): Value {
  return new Reader(text).document();
}

/** Python's wording of a fault: message, line, column and offset. */
export function describeFault(fault: JsonFault, text: string): string {
  const before = text.slice(0, fault.offset);
  const line = before.split('\n').length;
  const column = fault.offset - before.lastIndexOf('\n');
  return `${fault.message}: line ${line} column ${column} (char ${fault.offset})`;
}
