// Places in a YAML text, and errors that show them.
import { TemplateError } from '../errors.ts';

const breaks = '\0\r\n\u0085\u2028\u2029';
const widest = 36.5;

/** Line and column of an offset, both from 1. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let index = 0; index < offset; index++) {
    const char = text.charAt(index);
    if (
      char === '\n' ||
      char === '\u0085' ||
      char === '\u2028' ||
      char === '\u2029' ||
      (char === '\r' && text.charAt(index + 1) !== '\n')
    ) {
      line++;
      start = index + 1;
    }
  }
  const column = [...text.slice(start, offset)].filter((char) => char !== '\ufeff').length;
  return { line, column: column + 1 };
}

/** The place in words, with the line it is in and a pointer below it. */
function show(text: string, offset: number): string {
  const { line, column } = lineAndColumn(text, offset);
  let head = '';
  let start = offset;
  while (start > 0 && !breaks.includes(text.charAt(start - 1))) {
    start--;
    if (offset - start > widest) {
      head = ' ... ';
      start += 5;
      break;
    }
  }
  let tail = '';
  let end = offset;
  while (end < text.length && !breaks.includes(text.charAt(end))) {
    end++;
    if (end - offset > widest) {
      tail = ' ... ';
      end -= 5;
      break;
    }
  }
  const pointer = `${' '.repeat(4 + offset - start + head.length)}^`;
  return `  in "<unicode string>", line ${line}, column ${column}:\n    ${head}${text.slice(start, end)}${tail}\n${pointer}`;
}

/** A fault in a YAML text: what was being read and where, what is wrong and where. */
export class YamlFault extends TemplateError {
  constructor(
    text: string,
    context: string | undefined,
    contextAt: number | undefined,
    problem: string,
    problemAt: number,
  ) {
    const lines: string[] = [];
    if (context !== undefined) lines.push(context);
    if (contextAt !== undefined && contextAt !== problemAt) lines.push(show(text, contextAt));
    lines.push(problem, show(text, problemAt));
    super('ValueError', lines.join('\n'));
  }
}
