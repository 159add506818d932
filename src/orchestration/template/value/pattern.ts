// Regular expressions in Python's syntax, run on JavaScript's engine.
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

/** Rewrites what the two syntaxes write differently. */
function translate(pattern: string): { source: string; flags: string } {
  let flags = '';
  let source = pattern.replace(/^\(\?([aiLmsux]+)\)/, (_, letters: string) => {
    for (const letter of letters) if ('ims'.includes(letter)) flags += letter;
    return '';
  });
  source = source.replace(
    /\\([\s\S])|\(\?P<(\w+)>|\(\?P=(\w+)\)|\{,(\d+)\}|\[(\]|\^\])/g,
    (whole, escaped, name, back, most, bracket) => {
      if (escaped === 'A') return '^';
      if (escaped === 'Z') return '(?![\\s\\S])';
      if (escaped !== undefined) return whole;
      if (name !== undefined) return `(?<${name}>`;
      if (back !== undefined) return `\\k<${back}>`;
      if (most !== undefined) return `{0,${most}}`;
      return bracket === ']' ? '[\\]' : '[^\\]';
    },
  );
  return { source, flags };
}

/**
 * Compiles a Python regular expression.
 * @throws TemplateError of type `error` with Python's text where the pattern is at fault
 */
export function compile(pattern: string, flags = ''): RegExp {
  const translated = translate(pattern);
  const all = [...new Set(`${translated.flags}${flags}`)].join('');
  try {
    return new RegExp(translated.source, all);
  } catch (cause) {
    check(pattern);
    throw new TemplateError('error', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Whether Python's match() from the start would reach the very end of the text. */
export function matchesToEnd(pattern: RegExp, text: string): boolean {
  const sticky = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}y`);
  sticky.lastIndex = 0;
  const match = sticky.exec(text);
  return match !== null && match[0].length === text.length;
}
