// Generates malformed requests out of an API's own routes and schemas, the same ones for the same seed.
import type { TSchema } from '@sinclair/typebox';
import type { Api, Route } from '../route.ts';
import { seededRandom } from './random.ts';

export interface MalformedRequest {
  readonly method: Route['method'];
  readonly path: string;
  readonly body: string | undefined;
}

const odd: readonly unknown[] = [
  null,
  [],
  {},
  '',
  ' ',
  'x'.repeat(300),
  'nul\u0000byte',
  '\ud800',
  -1,
  1e308,
  2 ** 31,
  2 ** 53,
  1.5,
  true,
  [null],
  [[]],
  [{}],
  { a: { b: {} } },
  '2026-13-45T99:99:99Z',
  '10.0.0.0/33',
  '::/0',
  '255.255.255.255',
  "'; drop table x; --",
  '../../etc/passwd',
  '__proto__',
];
const ids = ['x', 'default', 'nul\u0000', "'", 'a'.repeat(90), '%', 'ü', '-1'];
const texts = ['', '{', '[]', 'null', '"x"', '{"a":', '1'];
const queries = [
  'limit=-1',
  'limit=x',
  'marker=zzz',
  'sort_key=zzz',
  'sort_dir=up',
  'name=%00',
  'enabled=%ff',
  'tags=%00',
  'fields=x',
  'id=%00',
];
const written: readonly string[] = ['POST', 'PUT', 'PATCH'];

export interface MalformedOptions {
  readonly seed: number;
  readonly count: number;
  /** The key that bodies of a route without a schema are wrapped in. */
  readonly member?: (path: string) => string;
  /** What is there under a parameter (`:node`) of a path: half of the requests that would not remove it ask for it. */
  readonly existing?: (path: string, parameter: string) => string | undefined;
}

export function malformedRequests(api: Api, { seed, count, member, existing }: MalformedOptions): MalformedRequest[] {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[], fallback: T): T => list[Math.floor(random() * list.length)] ?? fallback;
  const value = (schema: TSchema, depth: number): unknown => {
    if (random() < 0.25 || depth > 5) return pick(odd, null);
    if (schema.type === 'object' && schema.properties) {
      const properties: Readonly<Record<string, TSchema>> = schema.properties;
      const kept = Object.entries(properties).filter(() => random() < 0.8);
      return Object.fromEntries(kept.map(([name, inner]) => [name, value(inner, depth + 1)]));
    }
    if (schema.type === 'array') return [value(schema.items ?? {}, depth + 1)];
    if (Array.isArray(schema.anyOf)) return value(pick<TSchema>(schema.anyOf, schema), depth + 1);
    return schema.type === 'string' ? pick(['abc', 'default', '10.0.0.1', 'nul\u0000'], '') : pick(odd, null);
  };
  const bodyOf = (route: Route): string => {
    if (random() < 0.15) return pick(texts, '');
    if (route.body) return JSON.stringify(value(route.body, 0));
    const attributes = Object.fromEntries(
      Array.from({ length: 5 }, () => [pick(['name', 'id', 'mtu', 'cidr', 'tags', 'x'], 'x'), pick(odd, null)]),
    );
    return JSON.stringify({ [member?.(route.path) ?? 'x']: attributes });
  };
  return Array.from({ length: count }, () => {
    const route = pick(api.routes, api.routes[0] ?? refuseEmpty(api));
    const there = existing && route.method !== 'DELETE' && random() < 0.5 ? existing : () => undefined;
    const path = route.path.replace(/:\w+/g, (parameter) =>
      encodeURIComponent(there(route.path, parameter) ?? pick(ids, 'x')),
    );
    const query = random() < 0.3 ? `?${pick(queries, '')}` : '';
    return {
      method: route.method,
      path: `${path}${query}`,
      body: written.includes(route.method) ? bodyOf(route) : undefined,
    };
  });
}

function refuseEmpty(api: Api): never {
  throw new Error(`the API ${api.service} has no routes`);
}
