// Reads the inputs that the operations on servers are started with.
import type { Json } from '../../operations/index.ts';

export function serverIdOf(input: Json): string {
  return textOf(input, 'serverId');
}

/** Throws TypeError when the operation was started without it: a mistake of this program. */
export function textOf(input: Json, name: string): string {
  const value =
    typeof input === 'object' && input !== null && !Array.isArray(input) ? Reflect.get(input, name) : undefined;
  if (typeof value !== 'string') throw new TypeError(`the operation's input has no ${name}`);
  return value;
}

/** True only where the operation was started with it. */
export function flagOf(input: Json, name: string): boolean {
  return typeof input === 'object' && input !== null && Reflect.get(input, name) === true;
}
