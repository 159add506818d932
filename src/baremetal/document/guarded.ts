// Declares routes whose rule the handler enforces, for only it knows the node.
import type { TSchema } from '@sinclair/typebox';
import { type Answer, type ApiRequest, type Route, route } from '../../openstack/index.ts';

export type Handler = (request: ApiRequest) => Promise<Answer> | Answer;
type More = { since?: string; until?: string; payload?: 'any' };
type BodyHandler<Body extends TSchema> = Parameters<typeof route<TSchema, Body>>[0]['handler'];

/** A route without a body schema. */
export function guarded(
  method: Route['method'],
  path: string,
  rule: string,
  summary: string,
  handler: Handler,
  more: More = {},
): Route {
  return route({ method, path, policy: `baremetal:${rule}`, enforcement: 'handler', summary, handler, ...more });
}

/** A route whose body is checked first. */
export function guardedBody<Body extends TSchema>(
  method: Route['method'],
  path: string,
  rule: string,
  summary: string,
  body: Body,
  handler: BodyHandler<Body>,
  more: More = {},
): Route {
  return route({ method, path, policy: `baremetal:${rule}`, enforcement: 'handler', summary, body, handler, ...more });
}
