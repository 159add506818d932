// Links and numbers as Nova's documents have them.
import { type Static, Type } from '@sinclair/typebox';
import { nextPageUrl } from '../openstack/index.ts';

/** `baseUrl` ends in `/compute`. */
export function selfLinks(baseUrl: string, path: string): { rel: string; href: string }[] {
  return [
    { rel: 'self', href: `${baseUrl}/v2.1/${path}` },
    { rel: 'bookmark', href: `${baseUrl}/${path}` },
  ];
}

/** The `NAME_links` of a page that may have another behind it. */
export function nextLinks(
  name: string,
  baseUrl: string,
  path: string,
  search: URLSearchParams,
  page: { readonly lastId: string | undefined; readonly full: boolean },
): Record<string, unknown> {
  if (!page.full || page.lastId === undefined) return {};
  return { [`${name}_links`]: [{ rel: 'next', href: nextPageUrl(`${baseUrl}/v2.1`, path, search, page.lastId) }] };
}

export const maxInteger = 2_147_483_647;

/** Nova takes numbers as numbers and as text. */
export const wholeNumber = (minimum: number) =>
  Type.Union([Type.Integer({ minimum, maximum: maxInteger }), Type.String({ pattern: '^[0-9]{1,10}$' })]);

export const truth = Type.Union([
  Type.Boolean(),
  Type.Literal('true'),
  Type.Literal('True'),
  Type.Literal('TRUE'),
  Type.Literal('1'),
  Type.Literal('on'),
  Type.Literal('yes'),
  Type.Literal('false'),
  Type.Literal('False'),
  Type.Literal('FALSE'),
  Type.Literal('0'),
  Type.Literal('off'),
  Type.Literal('no'),
]);

export function isTrue(value: Static<typeof truth> | undefined, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  return typeof value === 'boolean' ? value : /^(true|1|on|yes)$/i.test(value);
}

/** ISO 8601 in whole seconds, with Z. */
export function second(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** ISO 8601 with microseconds and no zone, as Nova writes the times of extensions. */
export function microseconds(date: Date | null): string | null {
  return date === null ? null : `${date.toISOString().slice(0, 23)}000`;
}
