// JSON Patch on an API document (RFC 6902: add, replace, remove; Ironic's API has no more).
import { Type } from '@sinclair/typebox';
import { errors } from '../errors.ts';

export const patchSchema = Type.Array(
  Type.Object(
    {
      op: Type.Union([Type.Literal('add'), Type.Literal('replace'), Type.Literal('remove')]),
      // Keys with other characters came with 1.98.
      path: Type.String({ pattern: '^(/[\\p{L}\\p{N}_-]+)+$' }),
      value: Type.Optional(Type.Unknown()),
    },
    { additionalProperties: false },
  ),
);

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

export interface PatchRules {
  /** Fields of the document that a patch may name. */
  readonly editable: readonly string[];
  /** Of those, the ones that a patch may not remove. */
  readonly mandatory?: readonly string[];
  /** Values that a removed field falls back to; else null. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** Parts of a JSON pointer, unescaped (RFC 6901). */
export function pointer(path: string): string[] {
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The top-level fields that a patch touches. */
export function touched(patch: readonly PatchOperation[]): Set<string> {
  return new Set(patch.map(({ path }) => pointer(path)[0] ?? ''));
}

/** The top-level fields that a patch gives a value: a client may take away what its microversion does not show. */
export function given(patch: readonly PatchOperation[]): Set<string> {
  return touched(patch.filter(({ op }) => op !== 'remove'));
}

/** Throws 400 for a patch of anything but these fields, whether there is such a field or not. */
export function refuseUneditable(patch: readonly PatchOperation[], { editable }: PatchRules): void {
  const other = patch.find(({ path }) => !editable.includes(pointer(path)[0] ?? ''));
  if (other) throw errors.Uneditable(other.path, editable);
}

/**
 * The document after a patch of editable fields; the given one stays as it is. Throws 400: a mandatory attribute removed,
 * a path that is not there.
 */
export function applyPatch(
  document: Readonly<Record<string, unknown>>,
  patch: readonly PatchOperation[],
  { mandatory = [], defaults = {} }: PatchRules,
): Record<string, unknown> {
  const result: Record<string, unknown> = structuredClone({ ...document });
  for (const operation of patch) {
    const parts = pointer(operation.path);
    const [field = ''] = parts;
    if (operation.op !== 'remove' && operation.value === undefined) {
      throw errors.PatchError(operation.path, `"${operation.op}" needs a value`);
    }
    if (operation.op === 'remove' && parts.length === 1) {
      if (mandatory.includes(field)) throw errors.MandatoryAttribute(operation.path);
      result[field] = structuredClone(defaults[field] ?? null);
      continue;
    }
    applyAt(result, parts, operation);
  }
  return result;
}

function applyAt(root: Record<string, unknown>, parts: readonly string[], { op, path, value }: PatchOperation): void {
  let parent: unknown = root;
  for (const part of parts.slice(0, -1)) {
    parent = child(parent, part);
    if (parent === undefined) throw errors.PatchError(path, `there is no "${part}"`);
  }
  const key = parts.at(-1) ?? '';
  if (Array.isArray(parent)) {
    applyToArray(parent, key, op, path, value);
    return;
  }
  if (typeof parent !== 'object' || parent === null) throw errors.PatchError(path, 'it is not an object');
  if (key === '__proto__') throw errors.PatchError(path, 'this name is not allowed');
  const has = Object.hasOwn(parent, key);
  if (op === 'remove') {
    if (!has) throw errors.PatchError(path, `can't remove a non-existent object '${key}'`);
    Reflect.deleteProperty(parent, key);
  } else {
    if (op === 'replace' && !has) throw errors.PatchError(path, `can't replace a non-existent object '${key}'`);
    Reflect.set(parent, key, structuredClone(value));
  }
}

function applyToArray(list: unknown[], key: string, op: PatchOperation['op'], path: string, value: unknown): void {
  const index = key === '-' ? list.length : Number(key);
  const limit = op === 'add' ? list.length : list.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > limit)
    throw errors.PatchError(path, `index ${key} is out of range`);
  if (op === 'add') list.splice(index, 0, value);
  else if (op === 'remove') list.splice(index, 1);
  else list[index] = value;
}

function child(parent: unknown, part: string): unknown {
  if (Array.isArray(parent)) return parent[Number(part)];
  if (typeof parent === 'object' && parent !== null && Object.hasOwn(parent, part)) return Reflect.get(parent, part);
  return undefined;
}
