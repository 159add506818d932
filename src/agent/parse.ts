// Reads untyped JSON piece by piece: the agents carry no schema library, which would triple their size.
import { AgentError } from './errors.ts';

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON text as an object. Throws AgentError `malformed`, naming `what`. */
export function parseObject(text: string, what: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AgentError('malformed', `${what} is not JSON: ${text.slice(0, 200)}`, { cause });
  }
  if (!isObject(value)) throw new AgentError('malformed', `${what} must be a JSON object`);
  return value;
}

/** A string member, or undefined when absent, null or of another type. */
export function textOf(object: Json, key: string): string | undefined {
  const value = object[key];
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(object: Json, key: string): number | undefined {
  const value = object[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function objectOf(object: Json, key: string): Json | undefined {
  const value = object[key];
  return isObject(value) ? value : undefined;
}

/** An array member, empty when absent. */
export function listOf(object: Json, key: string): readonly unknown[] {
  const value: unknown = object[key];
  return Array.isArray(value) ? value : [];
}

/** Truth as OpenStack writes it: true, 1, "1", "t", "true", "on", "y", "yes". */
export function truthOf(object: Json, key: string): boolean {
  const value = object[key];
  return value === true || value === 1 || (typeof value === 'string' && /^(1|t|true|on|y|yes)$/i.test(value.trim()));
}

/** A string member that must be there. Throws AgentError `malformed`, naming `what`. */
export function requiredText(object: Json, key: string, what: string): string {
  const value = textOf(object, key);
  if (value === undefined || value === '') throw new AgentError('malformed', `${what} lacks ${key}`);
  return value;
}
