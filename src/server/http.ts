// An HTTP listener: Fastify with our body handling, CORS, one log line and one measurement per request.
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Histogram } from 'prom-client';
import { requestIdOf } from '../openstack/index.ts';
import { StartError } from './errors.ts';

export interface HttpOptions {
  readonly log: Logger;
  readonly durations: Histogram<'listener' | 'service' | 'method' | 'status'>;
  readonly listener: 'api' | 'machines';
  readonly allowedOrigins: readonly string[];
  /** Serve over TLS with this key and certificate (PEM). */
  readonly certified?: { readonly key: string; readonly certificate: string } | undefined;
}

/** Makes a listener that leaves every body to its routes: services read JSON or stream bytes as they need. */
export function createHttp({ log, durations, listener, allowedOrigins, certified }: HttpOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: Number.MAX_SAFE_INTEGER,
    forceCloseConnections: true,
    // Images and held answers take as long as they take; the services set their own deadlines.
    requestTimeout: 0,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    clientErrorHandler: refuseMalformed,
    rewriteUrl: ({ url = '/' }) => decodable(url),
    ...(certified
      ? {
          serverFactory: (handler: RequestListener) =>
            // Fastify leaves the times of a server that it has not made as they are.
            createServer(
              { key: certified.key, cert: certified.certificate, requestTimeout: 0, keepAliveTimeout: 72_000 },
              handler,
            ),
        }
      : {}),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 4096, caseSensitive: true },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', async (request, reply) => {
    const origin = request.headers.origin;
    if (origin === undefined || allowedOrigins.length === 0) return;
    if (!allowedOrigins.includes(origin)) {
      // A preflight from elsewhere gets an empty answer: without the headers the browser does not go on.
      if (request.method === 'OPTIONS') await reply.code(200).send();
      return;
    }
    reply.headers({
      'access-control-allow-origin': origin,
      vary: 'Origin',
      'access-control-expose-headers': 'openstack-api-version, x-openstack-request-id, x-subject-token, etag',
    });
    if (request.method !== 'OPTIONS') return;
    reply.headers({
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers':
        request.headers['access-control-request-headers'] ?? 'content-type, x-auth-token, openstack-api-version',
      'access-control-max-age': '3600',
    });
    await reply.code(200).send();
  });
  app.addHook('onResponse', async (request, reply) => {
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    const path = request.raw.url?.split('?')[0] ?? '';
    const service = path.split('/')[1] ?? '';
    durations.observe(
      { listener, service, method: request.method, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
    log.info(
      {
        request_id: requestIdOf(request),
        listener,
        method: request.method,
        path,
        status: reply.statusCode,
        ms,
        remote: request.ip,
      },
      'request',
    );
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({
      error: { code: 404, title: 'Not Found', message: 'Nothing lives at this path. GET / lists the services.' },
    }),
  );
  return app;
}

/** What cannot be decoded goes to the routes as it stands, so that the service refuses it in its own words. */
function decodable(url: string): string {
  const [path = ''] = url.split('?');
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return path.replaceAll('%', '%25') + url.slice(path.length);
  }
}

/** Answers a request that Node could not parse at all, so that no route has seen it. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const detail =
    error.code === 'HPE_INVALID_CONTENT_LENGTH'
      ? 'content-length header must be an integer'
      : `The request is not valid HTTP: ${error.message}`;
  const body = JSON.stringify({ errors: [{ status: 400, title: 'Bad Request', detail }] });
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Listens on HOST:PORT and returns the address as the system chose it. Throws StartError when it is taken or not ours. */
export async function listen(app: FastifyInstance, address: string): Promise<string> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  try {
    // An empty port is the scheme's own (RFC 3986, 3.2.3).
    return await app.listen({ host, port: Number(address.slice(colon + 1) || 80) });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE')
      throw new StartError(`${address} is in use by another program; choose another with --listen HOST:PORT`);
    if (code === 'EADDRNOTAVAIL')
      throw new StartError(`${address} is no address of this machine; choose one of its own with --listen HOST:PORT`);
    if (code === 'EACCES')
      throw new StartError(
        `listening on ${address} needs privileges; choose a port above 1023 with --listen HOST:PORT`,
      );
    throw error;
  }
}
