// Reads the query of GET /v2/images: filters, order, page.
import { errors } from './errors.ts';
import { type ImageStatus, imageStatuses, type Visibility, visibilities } from './image.ts';

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';
export const sortKeys = [
  'id',
  'name',
  'status',
  'container_format',
  'disk_format',
  'size',
  'min_disk',
  'min_ram',
  'created_at',
  'updated_at',
] as const;
export type SortKey = (typeof sortKeys)[number];

export interface ListQuery {
  readonly limit: number;
  readonly marker?: string;
  readonly order: readonly { readonly key: SortKey; readonly dir: 'asc' | 'desc' }[];
  readonly ids?: readonly string[];
  /** Columns compared with a set of values. */
  readonly names?: readonly string[];
  readonly statuses?: readonly ImageStatus[];
  readonly containerFormats?: readonly string[];
  readonly diskFormats?: readonly string[];
  readonly owner?: string;
  readonly checksum?: string;
  readonly osHashValue?: string;
  readonly visibility?: Visibility | 'all';
  readonly memberStatus: 'pending' | 'accepted' | 'rejected' | 'all';
  readonly protected?: boolean;
  readonly hidden: boolean | 'all';
  readonly sizeBytes?: number;
  readonly sizeMin?: number;
  readonly sizeMax?: number;
  readonly minDisk?: number;
  readonly minRam?: number;
  readonly tags: readonly string[];
  readonly times: readonly {
    readonly column: 'created_at' | 'updated_at';
    readonly comparison: Comparison;
    readonly at: Date;
  }[];
  readonly properties: Readonly<Record<string, string>>;
}

export const defaultLimit = 25;
const maxLimit = 1000;
const comparisons: readonly Comparison[] = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'];

/** Throws BadFilter for values that a filter cannot have. */
export function parseListQuery(search: URLSearchParams): ListQuery {
  const rest: Record<string, string> = {};
  let query: ListQuery = {
    limit: defaultLimit,
    order: parseOrder(search),
    memberStatus: 'accepted',
    hidden: false,
    tags: [],
    times: [],
    properties: {},
  };
  for (const [name, value] of search) {
    if (/\0/.test(name + value)) throw errors.BadFilter(`The filter ${JSON.stringify(name)} holds a NUL character.`);
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (read) query = { ...query, ...read(value, query) };
    else if (!ignored.has(name)) rest[name] = value;
  }
  return { ...query, properties: rest };
}

const ignored = new Set(['sort', 'sort_key', 'sort_dir', 'self', 'file', 'schema', 'direct_url', 'member', 'deleted']);

const readers: Readonly<Record<string, (value: string, query: ListQuery) => Partial<ListQuery>>> = {
  limit: (value) => ({ limit: Math.min(maxLimit, count('limit', value)) }),
  marker: (value) => ({ marker: value }),
  id: (value) => ({ ids: several('id', value) }),
  name: (value) => ({ names: several('name', value) }),
  status: (value) => ({ statuses: several('status', value).map((one) => oneOf('status', one, imageStatuses)) }),
  container_format: (value) => ({ containerFormats: several('container_format', value) }),
  disk_format: (value) => ({ diskFormats: several('disk_format', value) }),
  owner: (value) => ({ owner: value }),
  checksum: (value) => ({ checksum: value }),
  os_hash_value: (value) => ({ osHashValue: value }),
  visibility: (value) => ({ visibility: value === 'all' ? 'all' : oneOf('visibility', value, visibilities) }),
  member_status: (value) => ({
    memberStatus: oneOf('member_status', value, ['pending', 'accepted', 'rejected', 'all'] as const),
  }),
  protected: (value) => ({ protected: flag('protected', value) }),
  os_hidden: (value) => ({ hidden: flag('os_hidden', value) }),
  size: (value) => ({ sizeBytes: count('size', value) }),
  size_min: (value) => ({ sizeMin: count('size_min', value) }),
  size_max: (value) => ({ sizeMax: count('size_max', value) }),
  min_disk: (value) => ({ minDisk: count('min_disk', value) }),
  min_ram: (value) => ({ minRam: count('min_ram', value) }),
  tag: (value, { tags }) => ({ tags: [...tags, value] }),
  created_at: (value, { times }) => ({ times: [...times, time('created_at', value)] }),
  updated_at: (value, { times }) => ({ times: [...times, time('updated_at', value)] }),
};

function parseOrder(search: URLSearchParams): ListQuery['order'] {
  const combined = search.get('sort');
  const keys = search.getAll('sort_key');
  const dirs = search.getAll('sort_dir');
  if (combined !== null) {
    if (keys.length + dirs.length > 0)
      throw errors.BadFilter('Old and new sorting syntax cannot be combined: use sort, or sort_key and sort_dir.');
    return combined.split(',').map((part) => {
      const [key = '', dir = 'desc'] = part.trim().split(':');
      return { key: sortKey(key), dir: sortDir(dir) };
    });
  }
  if (dirs.length > 1 && dirs.length !== keys.length)
    throw errors.BadFilter('Number of sort dirs does not match the number of sort keys');
  const chosen = keys.length > 0 ? keys.map(sortKey) : (['created_at'] as const);
  return chosen.map((key, index) => ({ key, dir: sortDir(dirs[index] ?? dirs[0] ?? 'desc') }));
}

function sortKey(text: string): SortKey {
  const key = sortKeys.find((one) => one === text);
  if (!key)
    throw errors.BadFilter(`Invalid sort key: ${text}. It must be one of the following: ${sortKeys.join(', ')}`);
  return key;
}

function sortDir(text: string): 'asc' | 'desc' {
  if (text === 'asc' || text === 'desc') return text;
  throw errors.BadFilter(`Invalid sort direction: ${text}. It must be one of the following: asc, desc`);
}

/** `in:a,b,"c,d"` is a set; anything else is one value. */
function several(name: string, value: string): string[] {
  if (!value.startsWith('in:')) return [value];
  const found: string[] = [];
  const part = /\s*(?:"([^"]*)"|([^",]*))\s*(?:,|$)/y;
  const text = value.slice(3);
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (!match)
      throw errors.BadFilter(
        `Invalid filter value ${value} for ${name}: the quotes are not closed or stand in a value.`,
      );
    found.push(match[1] ?? match[2] ?? '');
  }
  return found;
}

function oneOf<Value extends string>(name: string, text: string, allowed: readonly Value[]): Value {
  const value = allowed.find((one) => one === text);
  if (value === undefined)
    throw errors.BadFilter(`Invalid ${name} value: ${text}. It must be one of: ${allowed.join(', ')}`);
  return value;
}

function count(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw errors.BadFilter(`${name} param must be a non-negative integer, not ${text}`);
  return Number(text);
}

function flag(name: string, text: string): boolean {
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  throw errors.BadFilter(
    `Invalid value '${text}' for '${name}' filter. Valid values are case sensitive: true or false.`,
  );
}

function time(column: 'created_at' | 'updated_at', text: string): ListQuery['times'][number] {
  const match = /^([a-z]+):(.*)$/.exec(text);
  const comparison = match ? comparisons.find((one) => one === match[1]) : 'eq';
  const at = new Date(match?.[2] ?? text);
  if (!comparison || Number.isNaN(at.getTime()))
    throw errors.BadFilter(
      `Invalid time value ${text} for ${column}: use OPERATOR:TIME with ${comparisons.join(', ')} and ISO 8601.`,
    );
  return { column, comparison, at };
}
