// YAML 1.1 as OpenStack's services read it, with their error texts.
import { TemplateError } from '../errors.ts';
import type { Dict, Key, Value } from '../value/index.ts';
import { YamlFault } from './mark.ts';
import { Parser } from './parser.ts';

export { lineAndColumn } from './mark.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters a text may not hold
const unprintable = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]/;

export interface YamlDocument {
  readonly value: Value;
  /** Offsets in the text at which the entries of maps stand. */
  readonly places: ReadonlyMap<Dict, ReadonlyMap<Key, number>>;
}

function parse(text: string, lenient: boolean): YamlDocument {
  const parser = new Parser(text, lenient);
  const node = parser.single();
  if (parser.constructed.failure) throw parser.constructed.failure;
  return { value: node?.value ?? null, places: parser.constructed.places };
}

/**
 * Reads one YAML document with the places of its entries; an empty text is null.
 * The first reading takes tabs for blanks where that is harmless; when it fails, the strict reading says why.
 * @throws TemplateError ValueError that shows the place of the fault
 */
export function readYamlDocument(text: string): YamlDocument {
  const bad = unprintable.exec(text);
  if (bad) {
    const code = (bad[0].codePointAt(0) ?? 0).toString(16).padStart(4, '0');
    throw new TemplateError(
      'ValueError',
      `unacceptable character #x${code}: special characters are not allowed\n  in "<unicode string>", position ${bad.index}`,
    );
  }
  try {
    return parse(text, true);
  } catch (cause) {
    if (cause instanceof YamlFault) return parse(text, false);
    throw cause;
  }
}

/** Reads one YAML document. @throws TemplateError ValueError that shows the place of the fault */
export function readYaml(text: string): Value {
  return readYamlDocument(text).value;
}
