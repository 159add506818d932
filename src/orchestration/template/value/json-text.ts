// JSON as Python's json.dumps writes it: `, ` and `: ` between items, ASCII only, keys sorted on demand.
import { typeError } from '../errors.ts';
import { compareText } from './order.ts';
import { floatText } from './text.ts';
import { Float, isDict, isInteger, type Key, type Value } from './value.ts';

const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

/** A JSON string literal with everything beyond ASCII escaped. */
export function jsonString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON escapes
  if (!/["\\\u0000-\u001f\u007f-\uffff]/.test(text)) return `"${text}"`;
  let out = '"';
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    const code = text.charCodeAt(index);
    if (short[char] !== undefined) out += short[char];
    else if (code < 0x20 || code > 0x7e) out += code === 0x7f ? char : `\\u${code.toString(16).padStart(4, '0')}`;
    else out += char;
  }
  return `${out}"`;
}

function number(value: number | bigint | Float): string {
  if (!(value instanceof Float)) return String(value);
  if (Number.isNaN(value.value)) return 'NaN';
  if (!Number.isFinite(value.value)) return value.value > 0 ? 'Infinity' : '-Infinity';
  return floatText(value.value);
}

function keyText(key: Key): string {
  if (typeof key === 'string') return key;
  if (key === null) return 'null';
  if (typeof key === 'boolean') return key ? 'true' : 'false';
  return number(key);
}

/**
 * The JSON text of a value as Python writes it.
 * @throws TemplateError TypeError when keys of mixed kinds have to be sorted
 */
export function jsonText(value: Value, options: { sortKeys?: boolean } = {}): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') return jsonString(value);
  if (isInteger(value) || value instanceof Float) return number(value);
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item, options)).join(', ')}]`;
  const entries = [...value];
  if (options.sortKeys) {
    if (new Set(entries.map(([key]) => typeof key)).size > 1)
      throw typeError("'<' not supported between instances of 'int' and 'str'");
    entries.sort(([a], [b]) =>
      typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b),
    );
  }
  return `{${entries.map(([key, item]) => `${jsonString(keyText(key))}: ${jsonText(item, options)}`).join(', ')}}`;
}

/** Whether a value can be used as a map key without being copied. */
export function isKey(value: unknown): value is Key {
  return !Array.isArray(value) && !isDict(value) && value !== undefined;
}
