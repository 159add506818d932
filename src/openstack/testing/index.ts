// Serves one Api on loopback for tests, with callers chosen by header.
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import fastify from 'fastify';
import type { Caller } from '../context.ts';
import { mountApi } from '../mount.ts';
import { createEnforcer, type PolicyRules } from '../policy/index.ts';
import type { Api, Authenticate } from '../route.ts';

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly json: any;
}

export interface TestServer {
  readonly url: string;
  request(
    method: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<TestAnswer>;
  get(path: string, headers?: Record<string, string>): Promise<TestAnswer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  put(path: string, body: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  patch(path: string, body: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  delete(path: string, headers?: Record<string, string>): Promise<TestAnswer>;
  close(): Promise<void>;
}

export const testAdmin: Caller = {
  userId: 'admin-user',
  userName: 'admin',
  projectId: 'admin-project',
  roles: ['admin', 'manager', 'member', 'reader'],
  systemScope: 'all',
};

/** Serves `api` below its path; every request comes from `caller` (default: an admin). Unexpected errors fail loudly on stderr. */
export async function serve(
  api: Api,
  options: {
    caller?: () => Caller | undefined;
    authenticate?: Authenticate;
    policy?: PolicyRules;
    tls?: { key: string; cert: string };
    /** 0, as by default: a free one. */
    port?: number;
  } = {},
): Promise<TestServer> {
  const { tls } = options;
  const app = fastify({
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true },
    ...(tls ? { serverFactory: (handler: RequestListener) => createServer(tls, handler) } : {}),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  mountApi(app, api, {
    authenticate: options.authenticate ?? (async () => (options.caller ? options.caller() : testAdmin)),
    enforcer: createEnforcer(api.policy, options.policy),
    onError: (error) => {
      if (!(error instanceof Error && error.name === 'ApiError')) console.error(error);
    },
  });
  const origin = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  // Fastify does not know of the TLS that a server of our own brings.
  const url = `${tls ? origin.replace('http:', 'https:') : origin}${api.path}`;
  const request: TestServer['request'] = async (method, path, { body, headers = {} } = {}) => {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const payload = raw ? body : JSON.stringify(body);
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...(body !== undefined && !raw ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(payload === undefined ? {} : { body: payload }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== '';
    return { status: answer.status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };
  return {
    url,
    request,
    get: (path, headers = {}) => request('GET', path, { headers }),
    post: (path, body, headers = {}) => request('POST', path, { body, headers }),
    put: (path, body, headers = {}) => request('PUT', path, { body, headers }),
    patch: (path, body, headers = {}) => request('PATCH', path, { body, headers }),
    delete: (path, headers = {}) => request('DELETE', path, { headers }),
    close: () => app.close(),
  };
}
