// Turns template values into plain JavaScript data and back.
import type { Plain } from '../../graph/index.ts';
import { repr } from './text.ts';
import { type Dict, Float, isDict, type Value } from './value.ts';

export type { Plain };

/** Plain data of a value; floats and integers become numbers, keys become strings. */
export function toPlain(value: Value): Plain {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(toPlain);
  return Object.fromEntries([...value].map(([key, item]) => [plainKey(key), toPlain(item)]));
}

function plainKey(key: unknown): string {
  return typeof key === 'string' ? key : repr(key);
}

/** A template value of plain data; a number with a fraction becomes a float. */
export function fromPlain(data: unknown): Value {
  if (data === null || data === undefined) return null;
  if (typeof data === 'boolean' || typeof data === 'string' || typeof data === 'bigint') return data;
  if (typeof data === 'number') return Number.isInteger(data) ? data : new Float(data);
  if (Array.isArray(data)) return data.map(fromPlain);
  if (isDict(data) || data instanceof Float) return data;
  const result: Dict = new Map();
  for (const [key, item] of Object.entries(data)) if (item !== undefined) result.set(key, fromPlain(item));
  return result;
}

/** A copy that shares nothing with the original. */
export function copy(value: Value): Value {
  if (Array.isArray(value)) return value.map(copy);
  if (isDict(value)) return new Map([...value].map(([key, item]) => [key, copy(item)]));
  return value;
}
