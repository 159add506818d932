// Where a YAML scanner stands in its text.
import { YamlFault } from './mark.ts';

const lineEnd = /[^\r\n\u0085\u2028\u2029]*/y;

export class Cursor {
  readonly text: string;
  /** Tabs pass for blanks between tokens. */
  readonly lenient: boolean;
  at = 0;
  flowLevel = 0;
  /** Whether a mapping key may start here. */
  allowKey = true;
  line = 0;
  private lineStart = 0;

  constructor(text: string, lenient: boolean) {
    this.text = text;
    this.lenient = lenient;
    if (text.startsWith('\ufeff')) {
      this.at = 1;
      this.lineStart = 1;
    }
  }

  get column(): number {
    return this.at - this.lineStart;
  }
  get atEnd(): boolean {
    return this.at >= this.text.length;
  }
  peek(ahead = 0): string {
    return this.text.charAt(this.at + ahead);
  }

  isBreak(): boolean {
    const code = this.text.charCodeAt(this.at);
    return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029;
  }

  isBlankOrEnd(ahead = 0): boolean {
    const code = this.text.charCodeAt(this.at + ahead);
    return (
      Number.isNaN(code) ||
      code === 32 ||
      code === 9 ||
      code === 10 ||
      code === 13 ||
      code === 0x85 ||
      code === 0x2028 ||
      code === 0x2029
    );
  }

  /** Passes a line break; its normal form is given back. */
  takeBreak(): string {
    const char = this.text.charAt(this.at);
    this.at += char === '\r' && this.text.charAt(this.at + 1) === '\n' ? 2 : 1;
    this.line++;
    this.lineStart = this.at;
    return char === '\u2028' || char === '\u2029' ? char : '\n';
  }

  /** Passes all up to the line's end. */
  skipLine(): void {
    lineEnd.lastIndex = this.at;
    lineEnd.test(this.text);
    this.at = lineEnd.lastIndex;
  }

  /** Passes spaces, and tabs where they pass for blanks. */
  skipBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && !(this.lenient && code === 9)) return;
      this.at++;
    }
  }

  /** Whether `---` or `...` stands here, which ends a document. */
  isSeparator(): boolean {
    if (this.column !== 0) return false;
    const three = this.text.slice(this.at, this.at + 3);
    return (three === '---' || three === '...') && this.isBlankOrEnd(3);
  }

  fault(context: string | undefined, contextAt: number | undefined, problem: string, at = this.at): YamlFault {
    return new YamlFault(this.text, context, contextAt, problem, at);
  }
}
