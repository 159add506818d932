// Reads the two JSON-patch dialects of the Image API and applies them to an image's settings.
import { errors } from './errors.ts';
import type { ImageSettings } from './image.ts';
import { isCore, refuseUnwritable, withAttribute, withoutAttribute } from './settings.ts';

export interface Change {
  readonly op: 'add' | 'replace' | 'remove';
  readonly name: string;
  readonly value?: unknown;
}

const types = {
  'application/openstack-images-v2.1-json-patch': 'RFC 6902',
  'application/openstack-images-v2.0-json-patch': 'draft 4',
} as const;
export const patchTypes = Object.keys(types).join(', ');

/** Parses the body of PATCH /v2/images/ID. Throws BadPatchType (415) or BadPatch (400). */
export function parsePatch(contentType: string | undefined, body: unknown): Change[] {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (
    type !== 'application/openstack-images-v2.1-json-patch' &&
    type !== 'application/openstack-images-v2.0-json-patch'
  )
    throw errors.BadPatchType(type);
  if (!Array.isArray(body)) throw errors.BadPatch('Request body must be a JSON array of operation objects.');
  return body.map((raw: unknown) => {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
      throw errors.BadPatch('Operations must be JSON objects.');
    return types[type] === 'RFC 6902' ? modern(raw) : draft4(raw);
  });
}

function modern(raw: object): Change {
  const op: unknown = Reflect.get(raw, 'op');
  if (op === undefined) throw errors.BadPatch("Unable to find 'op' in JSON Schema change.");
  if (op !== 'add' && op !== 'replace' && op !== 'remove')
    throw errors.BadPatch(`Operations must be one of the following: add, replace, remove, not ${String(op)}.`);
  return change(op, Reflect.get(raw, 'path'), raw);
}

/** The older dialect names the operation by its key: `{"replace": "/name", "value": "x"}`. */
function draft4(raw: object): Change {
  const ops = (['add', 'replace', 'remove'] as const).filter((op) => Object.hasOwn(raw, op));
  const op = ops[0];
  if (op === undefined || ops.length > 1)
    throw errors.BadPatch('Operation objects must contain exactly one member named "add", "remove", or "replace".');
  return change(op, Reflect.get(raw, op), raw);
}

function change(op: Change['op'], path: unknown, raw: object): Change {
  if (typeof path !== 'string') throw errors.BadPatch("Unable to find 'path' in JSON Schema change.");
  const name = pointerName(path);
  if (op === 'remove') return { op, name };
  if (!Object.hasOwn(raw, 'value')) throw errors.BadPatch(`Operation "${op}" requires a member named "value".`);
  return { op, name, value: Reflect.get(raw, 'value') };
}

/** RFC 6901 with one token: image attributes are not nested. */
function pointerName(path: string): string {
  if (!path.startsWith('/')) throw errors.BadPatch(`Pointer \`${path}\` does not start with "/".`);
  const tokens = path.slice(1).split('/');
  if (path === '/' || tokens.some((token) => token === ''))
    throw errors.BadPatch(`Pointer \`${path}\` contains an empty part.`);
  if (/~(?![01])/.test(path))
    throw errors.BadPatch(`Pointer \`${path}\` contains "~" not part of a recognized escape sequence.`);
  const names = tokens.map((token) => token.replace(/~1/g, '/').replace(/~0/g, '~'));
  const name = names[0];
  if (name === undefined || names.length > 1)
    throw errors.BadPatch(`Invalid JSON pointer for this resource: '${path}'`);
  return name;
}

/** The settings after all changes. `queued`: the formats may still change. */
export function applyPatch(settings: ImageSettings, changes: readonly Change[], queued: boolean): ImageSettings {
  return changes.reduce((before, { op, name, value }) => {
    refuseUnwritable(name);
    if (op === 'remove') return withoutAttribute(before, name);
    const has = isCore(name) || Object.hasOwn(before.properties, name);
    if (op === 'replace' && !has) throw errors.NoSuchProperty(name);
    const after = withAttribute(before, name, value);
    if (!queued && after.diskFormat !== before.diskFormat) throw errors.OnlyWhenQueued('disk_format');
    if (!queued && after.containerFormat !== before.containerFormat) throw errors.OnlyWhenQueued('container_format');
    return after;
  }, settings);
}
