// Marker paging as OpenStack's lists do it: limit, marker, sort key and direction, a link to the next page.

export interface Page {
  /** Rows at the most; undefined: the service's own limit. */
  readonly limit?: number;
  /** Id of the last row of the page before. */
  readonly marker?: string;
  readonly sortKey?: string;
  readonly sortDir?: 'asc' | 'desc';
}

/** The URL of the page after `lastId`: the query that was asked with its marker moved. */
export function nextPageUrl(
  baseUrl: string,
  path: string,
  search: URLSearchParams,
  lastId: string,
  limit?: number,
): string {
  const next = new URLSearchParams(search);
  if (limit !== undefined) next.set('limit', String(limit));
  next.set('marker', lastId);
  return `${baseUrl}${path}?${next}`;
}
