// Reads arguments whose kind the call has already made sure of.

import { TemplateError } from '../../errors.ts';
import { type Callable, type Data, DataSet, Dict, isIterable, isList, iterate, Pattern } from '../data.ts';
import type { Given } from '../function.ts';

const wrong = (kind: string) => new TemplateError('AssertionError', `an argument is no ${kind}`);

export function text(value: Given): string {
  if (typeof value === 'string') return value;
  throw wrong('text');
}
export const textOrNull = (value: Given): string | null => (value === null || value === undefined ? null : text(value));
export function whole(value: Given): number {
  return typeof value === 'boolean' ? Number(value) : Number(value ?? 0);
}
export function items(value: Given): Iterable<Data> {
  if (value !== undefined && isIterable(value)) return iterate(value);
  throw wrong('collection');
}
export function list(value: Given): readonly Data[] {
  if (isList(value)) return value;
  throw wrong('list');
}
export function dictionary(value: Given): Dict {
  if (value instanceof Dict) return value;
  throw wrong('dictionary');
}
export function set(value: Given): DataSet {
  if (value instanceof DataSet) return value;
  throw wrong('set');
}
export function pattern(value: Given): Pattern {
  if (value instanceof Pattern) return value;
  throw wrong('pattern');
}
export function lambda(value: Given): Callable {
  if (typeof value === 'function') return value;
  throw wrong('function');
}
export const lambdaOrNone = (value: Given): Callable | undefined => (typeof value === 'function' ? value : undefined);
