// Numbers as Python's int() and float() read them.
import { typeError, valueError } from '../errors.ts';
import { quote } from './text.ts';
import { Float, integer, typeName, type Value } from './value.ts';

const integerText = /^[+-]?\d+(?:_\d+)*$/;
const floatPattern = /^[+-]?(?:(?:\d+(?:_\d+)*)?\.\d+(?:_\d+)*|\d+(?:_\d+)*\.?)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const special = /^[+-]?(?:inf(?:inity)?|nan)$/i;

function trimmed(text: string): string {
  return text.trim();
}

/** The integer a text stands for, or undefined. */
function integerOf(text: string): number | bigint | undefined {
  const digits = trimmed(text);
  if (!integerText.test(digits)) return undefined;
  return integer(BigInt(digits.replaceAll('_', '').replace(/^\+/, '')));
}

/**
 * Python's int(): texts are parsed, floats truncated.
 * @throws TemplateError ValueError for a text that is no integer, TypeError for a list or map
 */
export function toInteger(value: Value): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Float) {
    if (Number.isNaN(value.value)) throw valueError('cannot convert float NaN to integer');
    if (!Number.isFinite(value.value)) throw valueError('cannot convert float infinity to integer');
    return integer(BigInt(Math.trunc(value.value)));
  }
  if (typeof value === 'string') {
    const number = integerOf(value);
    if (number === undefined) throw valueError(`invalid literal for int() with base 10: ${quote(value)}`);
    return number;
  }
  throw typeError(`int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`);
}

/**
 * Python's float().
 * @throws TemplateError ValueError or TypeError
 */
export function toFloat(value: Value): Float {
  if (value instanceof Float) return value;
  if (typeof value === 'number' || typeof value === 'bigint') return new Float(Number(value));
  if (typeof value === 'boolean') return new Float(value ? 1 : 0);
  if (typeof value !== 'string')
    throw typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
  const text = trimmed(value);
  if (special.test(text)) {
    if (/nan/i.test(text)) return new Float(Number.NaN);
    return new Float(text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  }
  if (!floatPattern.test(text)) throw valueError(`could not convert string to float: ${quote(value)}`);
  return new Float(Number(text.replaceAll('_', '')));
}

/** A number as it is; a text as an integer where it is one, else as a float. Booleans count as numbers and stay as they are. */
export function toNumber(value: Value): number | bigint | boolean | Float {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' || value instanceof Float)
    return value;
  if (typeof value === 'string') return integerOf(value) ?? toFloat(value);
  return toInteger(value);
}

const yes = ['1', 't', 'true', 'on', 'y', 'yes'];
const no = ['0', 'f', 'false', 'off', 'n', 'no'];

/**
 * A boolean written in any of the usual words.
 * @throws TemplateError ValueError naming the accepted words
 */
export function toBoolean(text: string): boolean {
  const word = trimmed(text).toLowerCase();
  if (yes.includes(word)) return true;
  if (no.includes(word)) return false;
  const accepted = [...yes, ...no].sort().map(quote).join(', ');
  throw valueError(`Unrecognized value '${text}', acceptable values are: ${accepted}`);
}
