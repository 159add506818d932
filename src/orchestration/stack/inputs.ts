// What a person gave: template, environments, files and parameters, kept as they came.
import { createHash } from 'node:crypto';

export interface StackInputs {
  /** Text in YAML or JSON, or the object of a JSON request, as it came. */
  readonly template: unknown;
  readonly environment: unknown;
  /** Names in `files`, merged in this order by the server. */
  readonly environmentFiles: readonly string[];
  readonly files: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** SHA-256 over the inputs with sorted keys: same inputs, same digest. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}
