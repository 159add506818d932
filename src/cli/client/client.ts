// A client of the public API: authenticates, finds endpoints in the catalogue, speaks JSON.
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import type { Cloud } from './cloud.ts';

/** The API refused or could not be reached; the message is what it said. */
export class ApiFailure extends Error {
  override name = 'ApiFailure';
  constructor(
    message: string,
    /** HTTP status; 0 when nothing answered. */
    readonly status: number,
    readonly requestId: string | undefined,
  ) {
    super(message);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the answers of a dozen APIs; commands pick out what they show.
export type ApiJson = any;

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is instead of JSON. */
  readonly stream?: Readable | Buffer;
  readonly signal?: AbortSignal;
}

export interface Client {
  /** Base URL of a service by its catalogue type: `baremetal`, `orchestration`, `image`, ... */
  endpoint(service: string): Promise<string>;
  call(
    service: string,
    method: Dispatcher.HttpMethod,
    path: string,
    options?: CallOptions,
  ): Promise<{ status: number; json: ApiJson; headers: Readonly<Record<string, string | string[] | undefined>> }>;
  get(service: string, path: string): Promise<ApiJson>;
  /** All of a list that comes in pages; `name` is its key in the answers. */
  pages(service: string, path: string, name: string): Promise<ApiJson[]>;
  post(service: string, path: string, body: unknown): Promise<ApiJson>;
  /** The raw bytes of an answer, for downloads and live streams. */
  open(
    service: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<Readable>;
  readonly origin: string;
}

const microversions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  baremetal: { 'x-openstack-ironic-api-version': '1.82' },
  compute: { 'openstack-api-version': 'compute 2.90' },
  placement: { 'openstack-api-version': 'placement 1.39' },
};
/** Ours, outside of the catalogue: found beside identity. */
const ownPaths: Readonly<Record<string, string>> = { operations: '/operations', events: '/events' };

/** Makes a client for a cloud; nothing is sent before the first call. The token is renewed when it is refused once. */
export function createClient(cloud: Cloud): Client {
  const ca = cloud.cacert === undefined ? {} : { ca: readFileSync(cloud.cacert) };
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000, ...ca } });
  const origin = new URL(cloud.authUrl).origin;
  let session: Promise<Session> | undefined;
  const authenticated = () => {
    session ??= authenticate(cloud, dispatcher);
    return session;
  };

  async function endpoint(service: string): Promise<string> {
    const own = ownPaths[service];
    if (own) return `${origin}${own}`;
    const found = (await authenticated()).endpoints.get(service);
    if (!found) throw new ApiFailure(`the catalogue of ${cloud.authUrl} has no ${service} service`, 0, undefined);
    return found;
  }
  async function send(
    service: string,
    method: Dispatcher.HttpMethod,
    path: string,
    options: CallOptions,
    again = true,
  ): Promise<Awaited<ReturnType<typeof request>>> {
    // Heat finds a stack by its name with a redirect to its id.
    const url = /^https?:/.test(path) ? path : `${await endpoint(service)}${path}`;
    const { token } = await authenticated();
    const json = options.body !== undefined && options.stream === undefined;
    const answer = await reach(url, () =>
      request(url, {
        method,
        dispatcher,
        headers: {
          accept: 'application/json',
          'x-auth-token': token,
          ...microversions[service],
          ...(json ? { 'content-type': 'application/json' } : {}),
          ...options.headers,
        },
        body: json ? JSON.stringify(options.body) : (options.stream ?? null),
        ...(options.signal ? { signal: options.signal } : {}),
      }),
    );
    if (answer.statusCode === 401 && again && options.stream === undefined) {
      await answer.body.dump();
      session = undefined;
      return send(service, method, path, options, false);
    }
    const { location } = answer.headers;
    if (method === 'GET' && [301, 302, 307, 308].includes(answer.statusCode) && typeof location === 'string') {
      await answer.body.dump();
      return send(service, method, new URL(location, url).href, options, again);
    }
    if (answer.statusCode >= 400) throw await failure(answer, method, url);
    return answer;
  }
  const call: Client['call'] = async (service, method, path, options = {}) => {
    const answer = await send(service, method, path, options);
    const text = await answer.body.text();
    const json: ApiJson =
      text === '' || !String(answer.headers['content-type']).includes('json') ? text : JSON.parse(text);
    return { status: answer.statusCode, json, headers: answer.headers };
  };
  const get: Client['get'] = async (service, path) => (await call(service, 'GET', path)).json;
  return {
    origin,
    endpoint,
    call,
    get,
    async pages(service, path, name) {
      const all: ApiJson[] = [];
      for (let next: string | undefined = path; next !== undefined; ) {
        const page: ApiJson = await get(service, next);
        all.push(...page[name]);
        next = page.next;
      }
      return all;
    },
    post: async (service, path, body) => (await call(service, 'POST', path, { body })).json,
    open: async (service, path, headers, signal) =>
      (await send(service, 'GET', path, { ...(headers ? { headers } : {}), ...(signal ? { signal } : {}) })).body,
  };
}

interface Session {
  readonly token: string;
  readonly endpoints: ReadonlyMap<string, string>;
}

async function authenticate(cloud: Cloud, dispatcher: Agent): Promise<Session> {
  const url = `${cloud.authUrl.replace(/\/$/, '')}/auth/tokens`;
  const body = {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: cloud.username, domain: { name: cloud.userDomain }, password: cloud.password } },
      },
      scope:
        cloud.scope === 'system'
          ? { system: { all: true } }
          : { project: { name: cloud.scope.project, domain: { name: cloud.scope.domain } } },
    },
  };
  const answer = await reach(url, () =>
    request(url, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
  if (answer.statusCode >= 400) throw await failure(answer, 'POST', url);
  const { token }: ApiJson = await answer.body.json();
  const endpoints = new Map<string, string>();
  for (const service of token.catalog) {
    const open = service.endpoints.find((one: ApiJson) => one.interface === 'public');
    if (open) endpoints.set(service.type, open.url.replace(/\/$/, ''));
  }
  return { token: String(answer.headers['x-subject-token']), endpoints };
}

async function reach<Answer>(url: string, send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApiFailure(
      `${new URL(url).origin} does not answer: ${reason}; is "undercloud up" running?`,
      0,
      undefined,
    );
  }
}

async function failure(answer: Awaited<ReturnType<typeof request>>, method: string, url: string): Promise<ApiFailure> {
  const text = await answer.body.text();
  const id = answer.headers['x-openstack-request-id'];
  return new ApiFailure(
    messageIn(text) ?? `${method} ${url}: HTTP ${answer.statusCode}`,
    answer.statusCode,
    typeof id === 'string' ? id : undefined,
  );
}

/** The sentence inside of any OpenStack fault body. */
function messageIn(text: string): string | undefined {
  try {
    const tree: ApiJson = JSON.parse(text);
    const inner =
      tree.error?.message ??
      tree.errors?.[0]?.detail ??
      (tree.error_message === undefined ? undefined : JSON.parse(tree.error_message).faultstring) ??
      tree.NeutronError?.message;
    const first: ApiJson = inner ?? Object.values(tree)[0];
    return typeof first === 'string' ? first : first?.message;
  } catch {
    const plain = text
      .replace(/<title>.*<\/title>|<h1>.*<\/h1>/gs, '')
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    return plain === '' ? undefined : plain;
  }
}
