// Sets and removes attributes of an image by their API names.
import { describeFault, violation } from '../openstack/index.ts';
import { errors } from './errors.ts';
import type { ImageSettings, Visibility } from './image.ts';
import { imageProperties, newImage } from './schemas.ts';
import { unstorable } from './text.ts';

const readOnly = new Set([
  'status',
  'size',
  'virtual_size',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'created_at',
  'updated_at',
]);
/** Names that no property may take. */
const reserved = new Set(['self', 'file', 'schema', 'direct_url', 'locations', 'stores', 'deleted', 'deleted_at']);

export const newImageSettings: ImageSettings = {
  name: null,
  owner: null,
  visibility: 'shared',
  diskFormat: null,
  containerFormat: null,
  minDiskGb: 0,
  minRamMb: 0,
  protected: false,
  hidden: false,
  tags: [],
  properties: {},
};

/** Is `name` a property of every image, not a custom one? */
export function isCore(name: string): boolean {
  return Object.hasOwn(imageProperties, name);
}

/** Throws ReadOnly or Reserved for the attributes that a caller may not write. */
export function refuseUnwritable(name: string): void {
  if (readOnly.has(name)) throw errors.ReadOnly(name);
  if (reserved.has(name) || name.startsWith('os_glance_')) throw errors.Reserved(name);
}

/** The settings with one attribute set. Throws NotTheSchema, ReadOnly, Reserved. */
export function withAttribute(settings: ImageSettings, name: string, value: unknown): ImageSettings {
  const fault = violation(newImage, { [name]: value }, 'body');
  if (fault) throw errors.NotTheSchema(describeFault(fault));
  const why = unstorable([name, value]);
  if (why !== undefined) throw errors.NotTheSchema(`${JSON.stringify(name)} ${why}`);
  refuseUnwritable(name);
  const text = typeof value === 'string' ? value : null;
  switch (name) {
    case 'name':
      return { ...settings, name: text };
    case 'owner':
      return { ...settings, owner: text };
    case 'visibility':
      return { ...settings, visibility: toVisibility(value) };
    case 'disk_format':
      return { ...settings, diskFormat: text };
    case 'container_format':
      return { ...settings, containerFormat: text };
    case 'min_disk':
      return { ...settings, minDiskGb: Number(value) };
    case 'min_ram':
      return { ...settings, minRamMb: Number(value) };
    case 'protected':
      return { ...settings, protected: value === true };
    case 'os_hidden':
      return { ...settings, hidden: value === true };
    case 'tags':
      return { ...settings, tags: Array.isArray(value) ? [...new Set(value.map(String))] : [] };
    case 'id':
      throw errors.ReadOnly(name);
    default:
      return { ...settings, properties: { ...settings.properties, [name]: text ?? '' } };
  }
}

/** The settings with one attribute back at nothing. Core attributes stay: NotRemovable. */
export function withoutAttribute(settings: ImageSettings, name: string): ImageSettings {
  refuseUnwritable(name);
  if (isCore(name)) throw errors.NotRemovable(name);
  if (!Object.hasOwn(settings.properties, name)) throw errors.NoSuchProperty(name);
  const { [name]: _removed, ...properties } = settings.properties;
  return { ...settings, properties };
}

function toVisibility(value: unknown): Visibility {
  switch (value) {
    case 'public':
    case 'private':
    case 'community':
      return value;
    default:
      return 'shared';
  }
}
