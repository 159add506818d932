// The list queries that all of bare metal's collections share: limit, marker, sort, detail.
import { atLeast, type Microversion, nextPageUrl } from '../../openstack/index.ts';
import { errors } from '../errors.ts';

export interface ListQuery {
  readonly limit: number;
  readonly marker: string | undefined;
  readonly sortKey: string;
  readonly sortDir: 'asc' | 'desc';
}

/** What every list may be asked. */
export const listing = ['limit', 'marker', 'sort_key', 'sort_dir', 'fields', 'detail'] as const;

/** Lists give at most this many documents a page (Ironic's `[api]max_limit`). */
export const maxLimit = 1000;

/** Reads limit, marker, sort_key and sort_dir. Throws 400 for a bad limit, an unsortable key or another direction. */
export function listQuery(search: URLSearchParams, sortable: readonly string[]): ListQuery {
  const limitText = search.get('limit');
  const limit = limitText === null ? maxLimit : Number(limitText);
  if (!/^\d+$/.test(limitText ?? '1') || limit < 1) throw errors.Invalid(`Limit must be positive, not "${limitText}"`);
  const sortKey = search.get('sort_key') || 'id';
  if (sortKey !== 'id' && !sortable.includes(sortKey)) {
    throw errors.Invalid(`The sort_key value "${sortKey}" is an invalid field for sorting`);
  }
  const sortDir = search.get('sort_dir') ?? 'asc';
  if (sortDir !== 'asc' && sortDir !== 'desc') {
    throw errors.Invalid(`Invalid sort direction: ${sortDir}. Acceptable values are 'asc' or 'desc'`);
  }
  return {
    limit: Math.min(limit, maxLimit),
    marker: search.get('marker') ?? undefined,
    sortKey,
    sortDir,
  };
}

/**
 * `{[name]: documents, next?}`. A full page names a next one, which may be empty: openstacksdk makes a marker of its own
 * where there is none, and cannot for conductors.
 */
export function pageOf<Row extends { uuid: string }>(
  name: string,
  rows: readonly Row[],
  query: ListQuery,
  render: (row: Row) => unknown,
  at: { readonly baseUrl: string; readonly path: string; readonly search: URLSearchParams },
): Record<string, unknown> {
  const last = rows[query.limit - 1];
  return {
    [name]: rows.map(render),
    ...(last ? { next: nextPageUrl(at.baseUrl, at.path, at.search, last.uuid, query.limit) } : {}),
  };
}

/** The `detail` query. Throws 400 where the version has none: it is no part of what may be asked there. */
export function detailAsked(search: URLSearchParams, version: Microversion, since = '1.43'): boolean | undefined {
  const asked = flag(search, 'detail');
  if (asked !== undefined && !atLeast(version, since))
    throw errors.Invalid(`Invalid query parameter ?detail=${asked} received; it needs microversion ${since} or newer.`);
  return asked;
}

/** Reads a query flag as Ironic's clients write it. Throws 400 for other words. */
export function flag(search: URLSearchParams, name: string): boolean | undefined {
  const text = search.get(name);
  if (text === null) return undefined;
  if (/^(1|t|true|on|y|yes)$/i.test(text)) return true;
  if (/^(0|f|false|off|n|no)$/i.test(text)) return false;
  throw errors.Invalid(`Invalid input for query parameter ${name}. Value: '${text}' is not a valid boolean.`);
}
