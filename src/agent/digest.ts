// The digest that names a configuration, computed alike by server and agent.
import { createHash } from 'node:crypto';
import { isObject } from './parse.ts';

/** JSON text with the members of every object in order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(',')}}`;
}

/** SHA-256 in hexadecimal over canonical JSON: the `digest` of a report about this metadata. */
export function configurationDigest(metadata: unknown): string {
  return createHash('sha256').update(canonicalJson(metadata)).digest('hex');
}
