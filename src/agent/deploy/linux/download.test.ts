// Downloads that break off, stall, change servers or end early.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../clock.ts';
import { download } from './download.ts';

const image = Buffer.from(Array.from({ length: 3_000_001 }, (_, index) => index % 251));
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(
  handle: (from: number, response: ServerResponse, request: IncomingMessage) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    handle(Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0), response, request);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port }: AddressInfo = Object(server.address());
  return `http://127.0.0.1:${port}/image`;
}

async function fetchAll(urls: readonly string[], idleMs = 5_000): Promise<Buffer> {
  const clock = { ...systemClock, sleep: async () => {} };
  const source = download({ urls, clock, log: () => {}, idleMs, attempts: 3 });
  const parts: Buffer[] = [];
  for await (const chunk of source.chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const whole = (from: number, response: ServerResponse) => {
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': image.length - from }).end(image.subarray(from));
};

it('gives the bytes in order, whatever sizes they arrive in', async () => {
  const url = await serve((_from, response) => {
    response.writeHead(200, { 'content-length': image.length });
    for (let at = 0; at < image.length; at += 777_777) response.write(image.subarray(at, at + 777_777));
    response.end();
  });
  expect((await fetchAll([url])).equals(image)).toBe(true);
});

it('goes on where the connection broke, at another server when there is one', async () => {
  const asked: number[] = [];
  const breaking = await serve((from, response) => {
    response.writeHead(200, { 'content-length': image.length - from });
    response.write(image.subarray(from, from + 1_200_000), () => response.destroy());
  });
  const good = await serve((from, response) => {
    asked.push(from);
    whole(from, response);
  });
  expect((await fetchAll([breaking, good])).equals(image)).toBe(true);
  expect(asked).toEqual([1_200_000]);
});

it('skips what it has when a server knows no ranges', async () => {
  let calls = 0;
  const url = await serve((_from, response) => {
    calls += 1;
    response.writeHead(200, { 'content-length': image.length });
    if (calls === 1) response.write(image.subarray(0, 1_500_000), () => response.destroy());
    else response.end(image);
  });
  expect((await fetchAll([url])).equals(image)).toBe(true);
});

it('leaves a server that falls silent', async () => {
  const silent = await serve((_from, response) => {
    response.writeHead(200, { 'content-length': image.length }).write(image.subarray(0, 10));
  });
  const good = await serve(whole);
  expect((await fetchAll([silent, good], 50)).equals(image)).toBe(true);
});

it('gives up after its attempts, with the last reason', async () => {
  const url = await serve((_from, response) => response.writeHead(404).end());
  await expect(fetchAll([url])).rejects.toThrow('HTTP 404 (attempt 3 at byte 0)');
});
