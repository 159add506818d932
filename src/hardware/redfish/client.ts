// Calls to one Redfish service: sign-in, queue, deadlines, and what went wrong in our own words.
import { Agent, type Dispatcher, request } from 'undici';
import { HardwareError, type HardwareErrorKind } from '../contract.ts';
import { tellExchange, withoutSecrets } from '../conversation.ts';
import { createLane, type LaneOptions } from '../lane.ts';
import type { RedfishAddress } from './address.ts';
import { type Resource, resource, textOf } from './resource.ts';

/** An answer that is no refusal. */
export interface RedfishReply {
  readonly status: number;
  readonly body: Resource;
  /** Path that the Location header names: a new resource, or with 202 what tells how far the work is (DSP0266, 12.2). */
  readonly location: string | null;
  /** When to ask again for how far it is (RFC 9110, 10.2.3); null where the service does not say. */
  readonly retryAfterMs: number | null;
}

export interface RedfishClient {
  /** Scheme, host and port of the service. */
  readonly origin: string;
  get(path: string): Promise<Resource>;
  /** `get` for a resource whose status counts. */
  look(path: string): Promise<RedfishReply>;
  patch(path: string, body: Resource): Promise<void>;
  post(path: string, body: Resource): Promise<RedfishReply>;
  delete(path: string): Promise<RedfishReply>;
  close(): Promise<void>;
}

export interface ClientOptions extends LaneOptions {
  readonly connectTimeoutMs?: number;
  readonly callTimeoutMs?: number;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Resource;
}

/** Statuses that say more than no. */
const refusalKinds: Readonly<Record<number, HardwareErrorKind>> = {
  403: 'credentials',
  404: 'unsupported',
  405: 'unsupported',
  501: 'unsupported',
  // Alive, yet not now (DSP0266, 7.5.2): worth trying later.
  503: 'unreachable',
};
const defaultCallTimeoutMs = 30_000;
/** An answer that trickles in may take so many times the silence that is allowed, and be so long. */
const longestTimes = 3;
const mostBytes = 32 << 20;

/** Connections to all BMCs that are verified in the same way: what each of thousands had of its own would cost memory. */
export function createDispatcher(verify: RedfishAddress['verify'], options: ClientOptions = {}): Dispatcher {
  const { connectTimeoutMs = 5_000, callTimeoutMs = defaultCallTimeoutMs } = options;
  return new Agent({
    connections: options.concurrency ?? 2,
    connect: { timeout: connectTimeoutMs, ...tls(verify) },
    headersTimeout: callTimeoutMs,
    bodyTimeout: callTimeoutMs,
    keepAliveTimeout: 10_000,
  });
}

const sessionsPath = '/redfish/v1/SessionService/Sessions';

/**
 * A client for the service at `address`. Errors are HardwareErrors: `unreachable`, `credentials`, `refused`, `timeout`.
 * Signs in with a session where the service offers them, else with basic authentication (DSP0266, 13.3).
 */
export function createRedfishClient(
  address: RedfishAddress,
  dispatcher: Dispatcher,
  options: ClientOptions = {},
): RedfishClient {
  const { callTimeoutMs = defaultCallTimeoutMs } = options;
  const lane = createLane(address.origin, options);
  let session: { token: string; location: string | undefined } | undefined;
  let signingIn: Promise<void> | undefined;
  let sessionsOffered = address.auth === 'auto' || address.auth === 'session';

  async function exchange(method: Dispatcher.HttpMethod, path: string, body?: Resource, extra = {}): Promise<Reply> {
    const at = new Date();
    const began = performance.now();
    const tell = (status: number | null, said: string | null) =>
      tellExchange({ at, method, path, status, durationMs: Math.round(performance.now() - began), said });
    try {
      const answer = await request(`${address.origin}${path}`, {
        method,
        dispatcher,
        signal: AbortSignal.timeout(callTimeoutMs * longestTimes),
        headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}), ...extra },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await readWhole(answer.body);
      const refused = answer.statusCode >= 400;
      const words = refused ? withoutSecrets(text, secretsWithin(body)) : text;
      tell(answer.statusCode, refused ? words : null);
      return { status: answer.statusCode, headers: answer.headers, body: parse(words) };
    } catch (cause) {
      const fault = connectionFault(address.origin, cause, callTimeoutMs);
      tell(null, fault.message);
      throw fault;
    }
  }

  /** What a refusal must not bring back: our credentials, and settings such as a BIOS password. */
  function secretsWithin(body: unknown): string[] {
    const { username = '', password = '' } = address;
    return [password, `${username}:${password}`, session?.token ?? '', ...secretTexts(body)];
  }

  function credentials(): Record<string, string> {
    if (session) return { 'x-auth-token': session.token };
    if (address.auth === 'none' || address.username === undefined) return {};
    const pair = Buffer.from(`${address.username}:${address.password ?? ''}`).toString('base64');
    return { authorization: `Basic ${pair}` };
  }

  async function signIn(): Promise<void> {
    const reply = await exchange('POST', sessionsPath, {
      UserName: address.username ?? '',
      Password: address.password ?? '',
    });
    const token = reply.headers['x-auth-token'];
    if (reply.status < 300 && typeof token === 'string') {
      const { location } = reply.headers;
      session = { token, location: typeof location === 'string' ? location : undefined };
    } else if (reply.status === 401 || reply.status === 403 || reply.status === 400) {
      throw wrongCredentials();
    } else if (address.auth === 'session') {
      throw refusal('POST', sessionsPath, reply);
    } else {
      sessionsOffered = false;
    }
  }

  function wrongCredentials(): HardwareError {
    return new HardwareError(
      'credentials',
      `The BMC at ${address.origin} does not accept user ${address.username ?? '(none)'} with the password given.`,
    );
  }

  async function call(method: Dispatcher.HttpMethod, path: string, body?: Resource, extra = {}): Promise<Reply> {
    const reply = await attempt(method, path, body, extra);
    if (reply.status >= 400) throw refusal(method, path, reply);
    return reply;
  }

  /** The answer, even a refusal; only a lost connection and wrong credentials throw. */
  async function attempt(method: Dispatcher.HttpMethod, path: string, body?: Resource, extra = {}): Promise<Reply> {
    return lane.run(async () => {
      const wantsSession = () => sessionsOffered && address.username !== undefined && !session;
      if (wantsSession()) {
        signingIn ??= signIn().finally(() => {
          signingIn = undefined;
        });
        await signingIn;
      }
      const hadSession = session;
      let reply = await exchange(method, path, body, { ...credentials(), ...extra });
      if (reply.status === 401 && hadSession) {
        // The session ended (BMC restarted, idle time over): one new one, then the answer counts.
        if (session === hadSession) session = undefined;
        if (wantsSession()) await signIn();
        reply = await exchange(method, path, body, { ...credentials(), ...extra });
      }
      if (reply.status === 401) throw wrongCredentials();
      return reply;
    });
  }

  function refusal(method: string, path: string, reply: Reply): HardwareError {
    return new HardwareError(
      refusalKinds[reply.status] ?? 'refused',
      `The BMC at ${address.origin} answered ${reply.status} to ${method} ${path}: ${explanation(reply.body)}`,
    );
  }

  return {
    origin: address.origin,
    get: async (path) => (await call('GET', path)).body,
    async patch(path, body) {
      // Some services demand the ETag they sent with the resource (DSP0266, 7.3); others garble it, so it is sent only when asked for.
      const reply = await attempt('PATCH', path, body);
      if (reply.status === 412 || reply.status === 428) {
        const { etag } = (await call('GET', path)).headers;
        await call('PATCH', path, body, typeof etag === 'string' ? { 'if-match': etag } : {});
      } else if (reply.status >= 400) throw refusal('PATCH', path, reply);
    },
    look: async (path) => replyOf(await call('GET', path)),
    post: async (path, body) => replyOf(await call('POST', path, body)),
    delete: async (path) => replyOf(await call('DELETE', path)),
    async close() {
      const ended = session;
      session = undefined;
      // A session left behind counts against the BMC's few; when it cannot be ended its own idle time ends it.
      if (ended?.location)
        await exchange('DELETE', pathOf(ended.location), undefined, { 'x-auth-token': ended.token }).catch(
          () => undefined,
        );
    },
  };
}

/** Texts under members whose name says that they are secret. */
function secretTexts(value: unknown, within = false): string[] {
  if (typeof value === 'string') return within ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) =>
    secretTexts(one, within || /password|secret|token/i.test(name)),
  );
}

function replyOf({ status, headers, body }: Reply): RedfishReply {
  const { location } = headers;
  const seconds = Number(headers['retry-after']);
  return {
    status,
    body,
    location: typeof location === 'string' ? pathOf(location) : null,
    retryAfterMs: seconds > 0 ? Math.min(seconds, 60) * 1000 : null,
  };
}

function tls(verify: boolean | string): { rejectUnauthorized?: boolean; ca?: string } {
  if (typeof verify === 'string') return { ca: verify };
  return verify ? {} : { rejectUnauthorized: false };
}

function pathOf(location: string): string {
  return URL.canParse(location) ? new URL(location).pathname : location;
}

function parse(text: string): Resource {
  if (text === '') return {};
  try {
    return resource(JSON.parse(text));
  } catch {
    // Not JSON: an error page of the BMC's web server. Its words still help the reader of the refusal.
    return { error: { message: text.slice(0, 200) } };
  }
}

/** The message of a Redfish error body (DSP0266, 8.6): the first extended message says more than the general one. */
function explanation(body: Resource): string {
  const error = resource(body.error);
  const extended = error['@Message.ExtendedInfo'];
  const first = Array.isArray(extended) ? textOf(resource(extended[0]), 'Message') : null;
  return first ?? textOf(error, 'message') ?? 'no explanation';
}

async function readWhole(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`its answer is longer than ${mostBytes >> 20} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function connectionFault(origin: string, cause: unknown, callTimeoutMs: number): HardwareError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const detail = cause instanceof Error ? cause.message || code : String(cause);
  const late = (ms: number) =>
    new HardwareError('timeout', `The BMC at ${origin} did not answer within ${ms / 1000} s.`, { cause });
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return late(callTimeoutMs);
  if (cause instanceof Error && cause.name === 'TimeoutError') return late(callTimeoutMs * longestTimes);
  return new HardwareError('unreachable', `The BMC at ${origin} cannot be reached: ${detail}.`, { cause });
}
