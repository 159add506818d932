// The HTTP server of one BMC (DSP0266): authentication, ETags, error bodies, and the faults a BMC can have.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Bmc } from './bmc.ts';
import { parseBody } from './body.ts';
import { fault, RedfishFault } from './messages.ts';
import { type Answer, compileRoutes } from './router.ts';
import { routes } from './routes.ts';

const find = compileRoutes(routes);
const bodyLimitBytes = 1 << 20;

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > bodyLimitBytes) throw fault('RequestBodyTooLarge');
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** A strong ETag of what a GET would answer now. */
function etagOf(body: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 16)}"`;
}

function lists(header: string | undefined, etag: string): boolean {
  return (header ?? '').split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}

/** DSP0266 clause 7.3: a `$` query parameter the service does not know is refused, others are ignored. */
function refuseQueries(url: URL): void {
  const unknown = [...url.searchParams.keys()].find(
    (name) => name.startsWith('$') || name === 'only' || name === 'excerpt',
  );
  if (unknown !== undefined) throw fault('QueryNotSupported', [unknown]);
}

async function answer(bmc: Bmc, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://bmc');
  const uri = url.pathname.replace(/\/+$/, '') || '/';
  const match = find(request.method ?? 'GET', uri);
  if ((match?.route?.access ?? 'login') === 'login' && !bmc.sessions.admits(request.headers)) {
    throw fault('NoValidSession', [], { 'WWW-Authenticate': 'Basic realm="BMC"' });
  }
  if (!match) throw fault('ResourceMissingAtURI', [uri]);
  if (!match.route) throw fault('OperationNotAllowed', [], { Allow: match.methods.join(', ') });
  refuseQueries(url);
  const { route, path } = match;
  const body = route.method === 'PATCH' || route.method === 'POST' ? parseBody(await readText(request)) : {};
  if (route.method === 'PATCH') await requireMatch(bmc, request.headers['if-match'], uri);
  const result = await route.handler(bmc, { path, uri, body });
  if (route.method !== 'GET' || result.body === undefined) return result;
  const etag = etagOf(result.body);
  const headers = { ...result.headers, ETag: etag };
  return lists(request.headers['if-none-match'], etag) ? { status: 304, headers } : { ...result, headers };
}

async function requireMatch(bmc: Bmc, header: string | undefined, uri: string): Promise<void> {
  if (header === undefined) return;
  const current = find('GET', uri);
  if (!current?.route) return;
  const { body } = await current.route.handler(bmc, { path: current.path, uri, body: {} });
  if (!lists(header, etagOf(body))) throw fault('PreconditionFailed');
}

function write(response: ServerResponse, request: IncomingMessage, result: Answer): void {
  const text = result.body === undefined ? '' : JSON.stringify(result.body);
  response.writeHead(result.status, {
    'OData-Version': '4.0',
    'Cache-Control': 'no-cache',
    ...(text === '' ? {} : { 'Content-Type': 'application/json; charset=utf-8' }),
    ...(result.status === 204 || result.status === 304 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) }),
    ...result.headers,
  });
  response.end(request.method === 'HEAD' ? '' : text);
}

type Held = Set<ServerResponse>;

async function handle(
  bmc: Bmc,
  request: IncomingMessage,
  response: ServerResponse,
  held: Held,
  report: (error: unknown) => void,
): Promise<void> {
  const slowMs = bmc.state.faults['bmc-slow'];
  if (slowMs !== undefined) await wait(slowMs);
  if (bmc.state.faults['bmc-dead'] === 'close') {
    response.destroy();
    return;
  }
  if (bmc.state.faults['bmc-dead'] !== undefined) {
    // A dead BMC that hangs: the request stays unanswered until the fault is lifted or the client gives up.
    held.add(response);
    response.once('close', () => held.delete(response));
    return;
  }
  try {
    if (bmc.state.faults['bmc-busy']) throw fault('ServiceTemporarilyUnavailable', ['30'], { 'Retry-After': '30' });
    write(response, request, await answer(bmc, request));
  } catch (error) {
    const refusal =
      error instanceof RedfishFault
        ? error
        : fault('InternalError', [error instanceof Error ? error.message : String(error)]);
    if (!(error instanceof RedfishFault)) report(error);
    write(response, request, { status: refusal.status, body: refusal.body(), headers: refusal.headers });
  }
}

/** A BMC's listener: comes and goes with the fault that kills the BMC. */
export class BmcServer {
  readonly #bmc: Bmc;
  readonly #server: Server;
  readonly #held: Held = new Set();
  #port: number;

  constructor(bmc: Bmc, port: number, report: (error: unknown) => void) {
    this.#bmc = bmc;
    this.#port = port;
    this.#server = createServer((request, response) => {
      handle(bmc, request, response, this.#held, report).catch(report);
    });
    this.#server.keepAliveTimeout = 30_000;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens on loopback, unless the BMC is dead in the way that refuses connections. Rejects when the port is taken. */
  async open(): Promise<void> {
    if (this.#bmc.state.faults['bmc-dead'] === 'refuse' || this.#server.listening) return;
    await new Promise<void>((done, failed) => {
      this.#server.once('error', failed);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', failed);
        done();
      });
    });
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  /** Stops listening and drops every connection. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
  }

  /** How many requests a hanging BMC leaves unanswered now. */
  get unanswered(): number {
    return this.#held.size;
  }

  /** Brings the listener in line with the BMC's faults; requests a hanging BMC took are dropped when it no longer hangs. */
  async followFaults(): Promise<void> {
    const dead = this.#bmc.state.faults['bmc-dead'];
    if (dead === 'refuse') {
      await this.close();
      return;
    }
    if (dead === undefined) for (const response of this.#held) response.destroy();
    await this.open();
  }
}
