// Reads an operation's input, which comes back from the database as plain JSON.
import type { Json } from '../../operations/index.ts';

/** Text member of the input. Throws when there is none: the input was written by this program. */
export function textInput(input: Json, name: string): string {
  const value = member(input, name);
  if (typeof value !== 'string') throw new TypeError(`operation input lacks ${name}`);
  return value;
}

export function numberInput(input: Json, name: string): number | undefined {
  const value = member(input, name);
  return typeof value === 'number' ? value : undefined;
}

export function flagInput(input: Json, name: string): boolean {
  return member(input, name) === true;
}

function member(input: Json, name: string): Json | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  const value: Json | undefined = Reflect.get(input, name);
  return value;
}
