// Python's ordering of strings and numbers, used wherever Heat sorts.
import { typeError } from '../errors.ts';
import { numeric, typeName, type Value } from './value.ts';

/** Orders by code point, as Python does (JavaScript orders by UTF-16 unit). */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x === y) continue;
    const surrogateX = x >= 0xd800 && x <= 0xdfff;
    const surrogateY = y >= 0xd800 && y <= 0xdfff;
    if (surrogateX !== surrogateY) return surrogateX ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

/**
 * Compares two values with Python's `<`.
 * @throws TemplateError TypeError for kinds that have no order
 */
export function compare(a: Value, b: Value, operator = '<'): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const x = numeric(a);
  const y = numeric(b);
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : 0;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.min(a.length, b.length); index++) {
      const left = a[index] ?? null;
      const right = b[index] ?? null;
      if (left === right) continue;
      const order = compare(left, right, operator);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  throw typeError(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}
