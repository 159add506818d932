// A server for the deploy agent on loopback: lookup, heartbeats and images, with faults on demand.
import type { HeartbeatRequest } from '../../protocol.ts';
import { type Loopback, listenOnLoopback } from '../../testing/loopback.ts';

export interface FakeServer extends Loopback {
  readonly heartbeats: HeartbeatRequest[];
  readonly lookups: URLSearchParams[];
  readonly reports: unknown[];
  /** Images by path, and after how many bytes to break the connection off, once. */
  readonly images: Map<string, Buffer>;
  readonly breakOffAt: Map<string, number>;
  /** Statuses to answer the next lookups with instead of an answer. */
  readonly refusals: number[];
}

export async function startFakeServer(config: Readonly<Record<string, unknown>>): Promise<FakeServer> {
  const heartbeats: HeartbeatRequest[] = [];
  const lookups: URLSearchParams[] = [];
  const reports: unknown[] = [];
  const images = new Map<string, Buffer>();
  const breakOffAt = new Map<string, number>();
  const refusals: number[] = [];
  const loopback = await listenOnLoopback((request, response, body) => {
    const url = new URL(request.url ?? '/', 'http://server');
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const image = images.get(url.pathname);
    if (url.pathname === '/v1/lookup') {
      lookups.push(url.searchParams);
      const refusal = refusals.shift();
      if (refusal !== undefined) return json(refusal, { error_message: 'not now' });
      return json(200, { node: { uuid: 'node-1' }, config });
    }
    if (url.pathname.startsWith('/v1/heartbeat/')) {
      heartbeats.push(JSON.parse(body));
      return response.writeHead(202).end();
    }
    if (url.pathname === '/v1/continue_inspection') {
      reports.push(JSON.parse(body));
      return json(202, { uuid: 'node-1' });
    }
    if (!image) return json(404, {});
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': image.length - from });
    const stop = breakOffAt.get(url.pathname);
    if (stop === undefined) return response.end(image.subarray(from));
    breakOffAt.delete(url.pathname);
    return response.write(image.subarray(from, stop), () => response.destroy());
  });
  return { ...loopback, heartbeats, lookups, reports, images, breakOffAt, refusals };
}
