// Reads the words of a command into options, the way the os-*-config tools take them.
import { AgentError } from '../errors.ts';

/** How each option is written: its names, and whether it takes no value, one, or all up to the next option. */
export interface OptionShape {
  readonly names: readonly string[];
  readonly takes: 'nothing' | 'one' | 'many';
}

/** Values by the option's first name. Throws AgentError `invalidParams`, naming what is not understood. */
export function parseOptions(
  words: readonly string[],
  shapes: readonly OptionShape[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (let at = 0; at < words.length; at += 1) {
    const [word = '', inline] = splitInline(words[at] ?? '');
    const shape = shapes.find((candidate) => candidate.names.includes(word));
    const name = shape?.names[0];
    if (!shape || name === undefined) throw new AgentError('invalidParams', `unrecognised argument ${word}`);
    const values = found.get(name) ?? [];
    found.set(name, values);
    if (shape.takes === 'nothing') continue;
    if (inline !== undefined) {
      values.push(inline);
      continue;
    }
    const following: string[] = [];
    while (at + 1 < words.length && (shape.takes === 'many' || following.length === 0)) {
      const next = words[at + 1] ?? '';
      if (next.startsWith('-') && shapes.some((candidate) => candidate.names.includes(splitInline(next)[0]))) break;
      following.push(next);
      at += 1;
    }
    if (shape.takes === 'one' && following.length === 0) throw new AgentError('invalidParams', `${word} needs a value`);
    values.push(...following);
  }
  return found;
}

function splitInline(word: string): [string, string?] {
  const equals = word.indexOf('=');
  return word.startsWith('--') && equals > 0 ? [word.slice(0, equals), word.slice(equals + 1)] : [word];
}
