// Python's ==: 1, 1.0 and true are equal, maps compare without order.
import { type Dict, Float, isDict, type Key, numeric, type Value } from './value.ts';

/** The form under which a key is stored, so that 1, 1.0 and true find each other. */
export function keyOf(key: Key): Key {
  if (typeof key === 'boolean') return key ? 1 : 0;
  if (key instanceof Float && Number.isInteger(key.value)) return key.value;
  return key;
}

/** Looks a key up as Python does. */
export function lookup(map: Dict, key: Key): Value | undefined {
  const direct = map.get(key);
  if (direct !== undefined || map.has(key)) return direct;
  if (typeof key === 'string' || key === null) return undefined;
  const number = numeric(key);
  for (const [candidate, value] of map)
    if (typeof candidate !== 'string' && candidate !== null && numeric(candidate) === number) return value;
  return undefined;
}

const sameNumber = (x: number | bigint, y: number | bigint): boolean =>
  !(x < y || x > y) && !Number.isNaN(Number(x)) && !Number.isNaN(Number(y));

/** Whether two values are equal in Python's sense. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a === 'string' || typeof b === 'string' || a === null || b === null) return false;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index] ?? null));
  if (isDict(a)) {
    if (!isDict(b) || a.size !== b.size) return false;
    for (const [key, value] of a) {
      const other = lookup(b, key);
      if (other === undefined || !equal(value, other)) return false;
    }
    return true;
  }
  const x = numeric(a);
  const y = numeric(b);
  return x !== undefined && y !== undefined && sameNumber(x, y);
}
