// HTTP calls over a fresh connection each, since a machine's network may vanish and return between two calls.
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import { AgentError } from './errors.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds without a byte after which the call fails. */
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
  /** For https: whom to trust, and the session of the last call to resume. */
  readonly peer?: Peer;
}

/** A server that is called over TLS again and again. */
export interface Peer {
  /** PEM of the only authority to trust; without one those that Node brings along. */
  readonly authority?: string | undefined;
  /** Encrypts without knowing to whom; for servers that give no authority. */
  readonly insecure?: boolean;
  /** Set by each call, so that the next one costs no key exchange with signatures. */
  session?: Buffer;
}

/** Starts a call and answers when the response's head is there; the body is still to be read. Throws AgentError `unreachable`. */
export async function open(url: string, call: Call = {}): Promise<IncomingMessage> {
  const start = await starter(url);
  const { peer } = call;
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) =>
      reject(new AgentError('unreachable', `${call.method ?? 'GET'} ${url}: ${cause.message}`, { cause }));
    const options: RequestOptions & ConnectionOptions = {
      agent: false,
      ...(peer?.authority === undefined ? {} : { ca: peer.authority }),
      ...(peer?.insecure ? { rejectUnauthorized: false } : {}),
      ...(peer?.session ? { session: peer.session } : {}),
      method: call.method ?? 'GET',
      headers: {
        ...call.headers,
        ...(call.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(call.body)) }),
      },
      ...(call.signal ? { signal: call.signal } : {}),
    };
    const request = start(url, options, resolve);
    const idleMs = call.idleMs ?? 30_000;
    request.setTimeout(idleMs, () => request.destroy(new Error(`no byte for ${idleMs / 1000} s`)));
    request.on('error', fail);
    if (peer && url.startsWith('https:')) {
      request.once('socket', (socket) =>
        socket.on('session', (session: Buffer) => {
          peer.session = session;
        }),
      );
    }
    request.end(call.body);
  });
}

/** A whole call: any status is an answer. Throws AgentError `unreachable` when there is none. */
export async function exchange(url: string, call: Call = {}): Promise<Reply> {
  const response = await open(url, call);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(Buffer.from(chunk));
  } catch (cause) {
    throw new AgentError('unreachable', `${url}: the answer broke off`, { cause });
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() };
}

/** POST of JSON. */
export function postJson(url: string, body: unknown, call: Call = {}): Promise<Reply> {
  return exchange(url, {
    ...call,
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', accept: 'application/json', ...call.headers },
  });
}

type Start = (url: string, options: RequestOptions, answered: (response: IncomingMessage) => void) => ClientRequest;

/** TLS is loaded only where a URL asks for it: it doubles the agent's start time under emulation. */
async function starter(url: string): Promise<Start> {
  if (url.startsWith('https:')) return (await import('node:https')).request;
  return (await import('node:http')).request;
}
