// What a plain YAML 1.1 scalar means to the reader that OpenStack uses.
import { Float, integer, type Value } from '../value/index.ts';

const forms = (word: string): string[] => [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()];
const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'true', 'on'].flatMap(forms).map((word) => [word, true] as const),
  ...['no', 'false', 'off'].flatMap(forms).map((word) => [word, false] as const),
]);
const nulls = new Set(['', '~', 'null', 'Null', 'NULL']);
const integerForm = /^[-+]?(?:0b[0-1_]+|0[0-7_]+|(?:0|[1-9][0-9_]*)|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const floatForm =
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** Kinds of plain scalars, named by their tag. */
export type ScalarTag = 'null' | 'bool' | 'int' | 'float' | 'merge' | 'value' | 'str';

/** The tag a plain scalar resolves to. Timestamps count as text, as templates want them. */
export function resolveTag(text: string): ScalarTag {
  const first = text.charCodeAt(0);
  // Most scalars start with a letter that begins no special form.
  if ((first > 0x60 && !'fnoty'.includes(text.charAt(0)) && first < 0x7b) || first === 0x25) return 'str';
  if (nulls.has(text)) return 'null';
  if (booleans.has(text)) return 'bool';
  if (text === '<<') return 'merge';
  if (text === '=') return 'value';
  if ((first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e) {
    if (integerForm.test(text)) return 'int';
    if (floatForm.test(text)) return 'float';
  }
  return 'str';
}

function sexagesimal(parts: readonly string[]): number {
  return parts.reduce((total, part) => total * 60 + Number(part), 0);
}

/** The integer a scalar stands for: decimal, octal with a leading 0, 0x, 0b or base 60. */
export function integerValue(text: string): number | bigint {
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
  const sign = text.startsWith('-') ? -1n : 1n;
  if (digits === '0') return 0;
  if (digits.startsWith('0b')) return integer(sign * BigInt(digits));
  if (digits.startsWith('0x')) return integer(sign * BigInt(digits));
  if (digits.startsWith('0')) return integer(sign * BigInt(`0o${digits.slice(1) || '0'}`));
  if (digits.includes(':')) return Number(sign) * sexagesimal(digits.split(':'));
  return integer(sign * BigInt(digits));
}

/** The float a scalar stands for. */
export function floatValue(text: string): Float {
  const digits = text.replaceAll('_', '').toLowerCase();
  const sign = digits.startsWith('-') ? -1 : 1;
  const unsigned = digits.replace(/^[-+]/, '');
  if (unsigned === '.inf') return new Float(sign * Number.POSITIVE_INFINITY);
  if (unsigned === '.nan') return new Float(Number.NaN);
  if (unsigned.includes(':')) return new Float(sign * sexagesimal(unsigned.split(':')));
  return new Float(sign * Number(unsigned));
}

export function booleanValue(text: string): boolean {
  return booleans.get(text) ?? /^(?:yes|true|on)$/i.test(text);
}

/** The value of a plain scalar; `<<` and `=` outside their places are texts. */
export function plainScalar(text: string): Value {
  switch (resolveTag(text)) {
    case 'null':
      return null;
    case 'bool':
      return booleanValue(text);
    case 'int':
      return integerValue(text);
    case 'float':
      return floatValue(text);
    default:
      return text;
  }
}
