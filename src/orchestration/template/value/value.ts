// The values a template works with: Python's view of YAML and JSON, in which 1 and 1.0 differ and maps keep their order.

/** A floating point number. Integers are plain numbers (or bigint beyond 2^53), so `1` and `1.0` stay apart. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type Key = string | number | bigint | boolean | null | Float;
export interface Dict extends Map<Key, Value> {}
export type Value = null | boolean | number | bigint | Float | string | Value[] | Dict;

/** Stands for a list item or map entry that a two-argument `if` leaves out. */
export const absent: unique symbol = Symbol('absent');
export type Absent = typeof absent;

export function isDict(value: unknown): value is Dict {
  return value instanceof Map;
}

/** Whether a value counts as an integer in Python (booleans do). */
export function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

export function isNumber(value: unknown): value is number | bigint | Float {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Float;
}

/** The number a numeric value stands for (booleans count as 0 and 1), or undefined for anything else. */
export function numeric(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Float) return value.value;
  return undefined;
}

/** Python's truth of a value: empty, zero and null are false. */
export function truthy(value: Value): boolean {
  if (value === null || value === false || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  if (isDict(value)) return value.size > 0;
  const number = numeric(value);
  return number === undefined ? true : Number(number) !== 0;
}

/** Narrows a large integer to a plain number where that is exact. */
export function integer(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** Python's name of a value's type, as error texts give it. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (isInteger(value)) return 'int';
  if (value instanceof Float) return 'float';
  if (typeof value === 'string') return 'str';
  if (Array.isArray(value)) return 'list';
  if (isDict(value)) return 'dict';
  return 'object';
}
