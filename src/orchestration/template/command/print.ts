// How template errors are shown to people: what, where, and the line in the source.
import { TemplateError } from '../errors.ts';
import { isDict, type Value } from '../value/index.ts';
import { lineAndColumn, readYamlDocument } from '../yaml/index.ts';

/** Where the path of an error leads in a template's text, as far as it can be followed. */
export function locate(text: string, path: readonly string[]): { line: number; column: number } | undefined {
  let document: ReturnType<typeof readYamlDocument>;
  try {
    document = readYamlDocument(text);
  } catch (cause) {
    if (cause instanceof TemplateError) return undefined;
    throw cause;
  }
  let value: Value = document.value;
  let offset: number | undefined;
  for (const step of path.flatMap((item) => item.split('.')).flatMap((item) => item.replaceAll(']', '').split('['))) {
    const name = step.replace(/<.*>$/, '');
    if (isDict(value)) {
      const at = document.places.get(value)?.get(name);
      const next: Value | undefined = value.get(name);
      if (at === undefined || next === undefined) break;
      offset = at;
      value = next;
    } else if (Array.isArray(value)) value = value[Number(name)] ?? null;
    else break;
  }
  return offset === undefined ? undefined : lineAndColumn(text, offset);
}

/** An error in one or more lines: kind and text, then file, line and column. */
export function describeError(error: TemplateError, file: string, text: string): string {
  const place = locate(text, error.path);
  const where = place ? `${file}:${place.line}:${place.column}` : file;
  return `${error.type}: ${error.message}\n  at ${where}`;
}
