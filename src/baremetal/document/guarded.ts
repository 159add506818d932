// Declares routes whose rule the handler enforces, for only it knows the node.
import { type TSchema, Type } from '@sinclair/typebox';
import { type Answer, type ApiRequest, type Route, route } from '../../openstack/index.ts';

export type Handler = (request: ApiRequest) => Promise<Answer> | Answer;
/** `asks`: the names that the query may have; none where it is left out. */
type More = { since?: string; until?: string; payload?: 'any'; asks?: readonly string[] | 'any' };
type BodyHandler<Body extends TSchema> = Parameters<typeof route<TSchema, Body>>[0]['handler'];

/** A query of these names only: one that is misspelt would be a filter that does not filter. */
export function queryOf(names: readonly string[] | 'any' = []): { query?: TSchema } {
  if (names === 'any') return {};
  const each = Object.fromEntries(names.map((name) => [name, Type.Optional(Type.Unknown())]));
  return { query: Type.Object(each, { additionalProperties: false }) };
}

/** A route without a body schema. */
export function guarded(
  method: Route['method'],
  path: string,
  rule: string,
  summary: string,
  handler: Handler,
  { asks, ...more }: More = {},
): Route {
  const policy = `baremetal:${rule}`;
  return route({ method, path, policy, enforcement: 'handler', summary, ...queryOf(asks), handler, ...more });
}

/** A route whose body is checked first. */
export function guardedBody<Body extends TSchema>(
  method: Route['method'],
  path: string,
  rule: string,
  summary: string,
  body: Body,
  handler: BodyHandler<Body>,
  { asks, ...more }: More = {},
): Route {
  const policy = `baremetal:${rule}`;
  return route({ method, path, policy, enforcement: 'handler', summary, ...queryOf(asks), body, handler, ...more });
}
