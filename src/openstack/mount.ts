// Mounts a service's route table on Fastify: routing, microversions, authentication, policy, validation, faults.
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readJson } from './body.ts';
import type { Caller, RequestContext } from './context.ts';
import { ApiError, commonErrors } from './errors.ts';
import {
  compareMicroversions,
  formatMicroversion,
  type Microversion,
  negotiate,
  parseMicroversion,
} from './microversion.ts';
import type { Enforcer } from './policy/index.ts';
import type { Answer, Api, ApiRequest, Authenticate, Route } from './route.ts';
import { describeFault, violation } from './validate.ts';

export interface MountOptions {
  readonly authenticate: Authenticate;
  readonly enforcer: Enforcer;
  /** Called for every refusal and every error that is not an ApiError. */
  readonly onError?: (error: unknown, request: { requestId: string; api: Api }) => void;
}

const unversioned: Microversion = { major: 0, minor: 0 };
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** The request id of a Fastify request, made on first use: `req-` and a UUID. */
export function requestIdOf(request: FastifyRequest): string {
  const known = requestIds.get(request.raw);
  if (known) return known;
  const made = `req-${randomUUID()}`;
  requestIds.set(request.raw, made);
  return made;
}
const requestIds = new WeakMap<object, string>();

/** Adds every route of `api` below `api.path`. A known path with another method answers 405 with `Allow`. */
export function mountApi(app: FastifyInstance, api: Api, options: MountOptions): void {
  const byPath = new Map<string, Route[]>();
  for (const route of api.routes) {
    // Listeners take a path with and without its last slash for the same.
    const key = route.path.replace(/\/$/, '');
    byPath.set(key, [...(byPath.get(key) ?? []), route]);
  }
  for (const [path, routes] of byPath) {
    app.route({
      method: [...methods],
      url: `${api.path}${path}` || '/',
      exposeHeadRoute: false,
      handler: (request, reply) => answer(api, routes, options, request, reply),
    });
  }
  const missing = (request: FastifyRequest, reply: FastifyReply) =>
    guarded(api, options, request, reply, async (state) => {
      await identify(api, options, request, state, null);
      throw commonErrors.NotFound();
    });
  if (!byPath.has('/*')) app.all(`${api.path}/*`, missing);
  if (api.path !== '' && !byPath.has('') && !byPath.has('/')) app.all(api.path, missing);
}

/** What is known of a request so far, for its fault. */
interface State {
  readonly requestId: string;
  version: Microversion | undefined;
}

function answer(
  api: Api,
  routes: readonly Route[],
  options: MountOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  return guarded(api, options, request, reply, async (state) => {
    const sameMethod = routes.filter((route) => route.method === request.method);
    const open = (sameMethod.length > 0 ? sameMethod : routes).every((route) => route.policy === null);
    const caller = await identify(api, options, request, state, open ? null : 'required');
    const usable = routes.filter((one) => within(one, state.version ?? unversioned));
    if (request.method === 'OPTIONS' && api.answersOptions && usable.length > 0)
      return { status: 200, headers: { allow: methodsOf(usable) } };
    const route = choose(routes, request.method, state.version ?? unversioned);
    const context: RequestContext = {
      requestId: state.requestId,
      caller,
      microversion: state.version ?? unversioned,
      baseUrl: `${request.protocol}://${request.host}${api.path}`,
    };
    return route.handler(await buildRequest(api, route, options.enforcer, context, request));
  });
}

const nobody: Caller = { userId: '', roles: [] };

async function identify(
  api: Api,
  options: MountOptions,
  request: FastifyRequest,
  state: State,
  need: 'required' | null,
): Promise<Caller> {
  const path = (request.raw.url ?? '/').replace(/[?#].*$/, '').slice(api.path.length);
  const caller =
    need === null ? undefined : await options.authenticate(request.headers, api, { method: request.method, path });
  if (need === 'required' && !caller) throw commonErrors.Unauthorized();
  state.version = chooseVersion(api, request);
  return caller ?? nobody;
}

function chooseVersion(api: Api, request: FastifyRequest): Microversion | undefined {
  if (!api.microversions) return undefined;
  const { range, fallback, headers, refusal } = api.microversions;
  const base = (fallback && parseMicroversion(fallback)) || range.min;
  const negotiated = negotiate(request.headers, api.service, headers, range, base);
  if (negotiated.kind === 'version') return negotiated.version;
  const more = refusal ? { headers: refusal.headers } : {};
  if (negotiated.kind === 'malformed') {
    const message = `invalid version string: ${negotiated.text}`;
    throw new ApiError('InvalidVersion', refusal?.malformed ?? 400, message, '', undefined, more);
  }
  const message =
    api.microversions.unsupported?.(negotiated.text) ??
    `Version ${negotiated.text} is not supported by the API. Minimum is ${formatMicroversion(range.min)} and maximum is ${formatMicroversion(range.max)}.`;
  throw new ApiError('NotAcceptable', 406, message, '', undefined, more);
}

/** A method that no version of the path has is 405; a path or method that this version lacks is 404, or 405 if others remain. */
function choose(routes: readonly Route[], method: string, version: Microversion): Route {
  const serves = (route: Route) => route.method === method || (method === 'HEAD' && route.method === 'GET');
  const usable = routes.filter((route) => within(route, version));
  const found = usable.find((route) => route.method === method) ?? usable.find(serves);
  if (found) return found;
  const known = routes.some(serves);
  if (known && usable.length === 0) throw commonErrors.NotFound();
  const allow = methodsOf(known ? usable : routes);
  throw new ApiError('MethodNotAllowed', 405, commonErrors.MethodNotAllowed(method).message, '', undefined, {
    headers: { allow },
  });
}

function methodsOf(routes: readonly Route[]): string {
  return [...new Set(routes.map(({ method }) => method))].sort().join(', ');
}

function within(route: Route, version: Microversion): boolean {
  const since = route.since === undefined ? undefined : parseMicroversion(route.since);
  const until = route.until === undefined ? undefined : parseMicroversion(route.until);
  return (!since || compareMicroversions(version, since) >= 0) && (!until || compareMicroversions(version, until) <= 0);
}

async function buildRequest(
  api: Api,
  route: Route,
  enforcer: Enforcer,
  context: RequestContext,
  request: FastifyRequest,
): Promise<ApiRequest> {
  const mark = request.raw.url?.indexOf('?') ?? -1;
  const search = new URLSearchParams(mark < 0 ? '' : request.raw.url?.slice(mark));
  const { caller } = context;
  const may = (
    rule: string,
    target: Readonly<Record<string, unknown>> = { project_id: caller.projectId, user_id: caller.userId },
  ) => inScope(api, rule, caller) && enforcer.allows(rule, caller, target);
  const enforce: ApiRequest['enforce'] = (rule, target) => {
    if (!may(rule, target)) throw commonErrors.Forbidden(rule);
  };
  if (route.policy !== null && route.enforcement !== 'handler') enforce(route.policy);
  const query = queryObject(search);
  if (route.query) check(api, route.query, query, 'query');
  const body =
    route.payload !== 'raw' && (route.body || route.payload === 'any')
      ? await readJson(request.raw, api.bodyLimit ?? 4 * 1024 * 1024, route.payload === 'any')
      : undefined;
  if (route.body && route.payload !== 'raw') check(api, route.body, body, 'body');
  const params = typeof request.params === 'object' && request.params !== null ? request.params : {};
  return {
    context,
    params: { ...params },
    query,
    search,
    body,
    headers: request.headers,
    raw: request.raw,
    enforce,
    may,
  };
}

/** Scope is a second condition beside the rule itself (oslo.policy's `scope_types`); unscoped tokens count as a project's. */
function inScope(api: Api, rule: string, caller: Caller): boolean {
  const allowed = api.scopeTypes?.[rule];
  if (!allowed) return true;
  return allowed.includes(caller.systemScope ? 'system' : caller.domainId === undefined ? 'project' : 'domain');
}

function queryObject(search: URLSearchParams): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const key of new Set(search.keys())) {
    const values = search.getAll(key);
    query[key] = values.length === 1 && values[0] !== undefined ? values[0] : values;
  }
  return query;
}

function check(api: Api, schema: NonNullable<Route['body']>, value: unknown, place: 'body' | 'query'): void {
  const fault = violation(schema, value, place);
  if (!fault) return;
  throw api.schemaFault?.(fault) ?? commonErrors.BadRequest(describeFault(fault));
}

/**
 * An error that no catalogue has. PostgreSQL's class 22 (data exception) says that a value of the request cannot be
 * stored: a NUL in a text, a number out of range. That is the client's fault, wherever the value came in.
 */
function unexpected(error: unknown, requestId: string): ApiError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^22[0-9A-Z]{3}$/.test(code))
    return new ApiError('BadRequest', 400, 'A value of the request cannot be stored.', '', undefined, { cause: error });
  const hint = `Look for ${requestId} in the log.`;
  return new ApiError('InternalError', 500, 'The server has met an unexpected condition.', hint, undefined, {
    cause: error,
  });
}

/** Runs `handle` and sends what it answers or the fault it throws. */
async function guarded(
  api: Api,
  options: MountOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  handle: (state: State) => Promise<Answer>,
): Promise<FastifyReply> {
  const state: State = { requestId: requestIdOf(request), version: undefined };
  try {
    return send(api, state, request, reply, await handle(state));
  } catch (error) {
    const known = error instanceof ApiError ? error : unexpected(error, state.requestId);
    options.onError?.(known.status >= 500 ? error : known, { requestId: state.requestId, api });
    const context = {
      requestId: state.requestId,
      accept: request.headers.accept,
      ...(state.version ? { microversion: formatMicroversion(state.version) } : {}),
    };
    const fault = api.renderFault(known, context);
    return send(api, state, request, reply, { ...fault, headers: { ...fault.headers, ...known.headers } });
  }
}

function send(
  api: Api,
  state: State,
  request: FastifyRequest,
  reply: FastifyReply,
  { status, body, headers }: Answer,
): FastifyReply {
  reply.code(status).header('x-openstack-request-id', state.requestId);
  if (api.microversions && state.version) {
    const { vary, ...rest } = api.microversions.answer(formatMicroversion(state.version));
    reply.headers(rest);
    const varied = reply.getHeader('vary');
    if (vary !== undefined) reply.header('vary', varied === undefined ? vary : `${varied}, ${vary}`);
  }
  if (headers) reply.headers(headers);
  if (body === undefined || status === 204 || status === 304) return reply.send();
  const plain =
    typeof body === 'string' || Buffer.isBuffer(body) || (typeof body === 'object' && body !== null && 'pipe' in body);
  if (plain) {
    if (!reply.hasHeader('content-type')) reply.header('content-type', 'text/plain; charset=utf-8');
    return reply.send(body);
  }
  if (!reply.hasHeader('content-type')) reply.header('content-type', 'application/json');
  // As bytes: Fastify would add a charset to text, and clients compare the type literally.
  const bytes = Buffer.from(JSON.stringify(body));
  if (request.method === 'HEAD') return reply.header('content-length', String(bytes.length)).send();
  return reply.send(bytes);
}
