// Whom the program talks to when it calls an agent.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfSignedCertificate } from '../../agent/certificate/index.ts';
import { exchange } from './exchange.ts';

const agent = selfSignedCertificate('agent', ['127.0.0.1']);
const resumed: boolean[] = [];
const server = createServer({ key: agent.key, cert: agent.certificate }, (request, response) => {
  if (request.url === '/silent') return;
  if (request.url === '/trickle') {
    const more = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(more));
    return;
  }
  if (request.url === '/flood') {
    const flood = Buffer.alloc(1 << 20);
    const pour = () => {
      while (response.write(flood));
    };
    response.on('drain', pour);
    pour();
    return;
  }
  response.end('at your service');
});
server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()));
let origin: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo = Object(server.address());
  origin = `https://127.0.0.1:${address.port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (certificate: string, path = '/', timeoutMs = 5_000) =>
  exchange(`${origin}${path}`, { method: 'GET', timeoutMs, certificate });

test('the holder of the pinned certificate is talked to, over a new connection that resumes the session', async () => {
  expect(await ask(agent.certificate)).toEqual({ status: 200, text: 'at your service' });
  await ask(agent.certificate);
  expect(resumed).toEqual([false, true]);
});

test('the holder of another certificate is not', async () => {
  await expect(ask(selfSignedCertificate('agent', ['127.0.0.1']).certificate)).rejects.toThrow(/certificate/);
});

test('an agent that says nothing is given up', async () => {
  await expect(ask(agent.certificate, '/silent', 50)).rejects.toThrow('nothing was heard for 0.05 s');
});

test('an agent whose answer has no end is given up: one that trickles by the time, one that floods by the size', async () => {
  await expect(ask(agent.certificate, '/trickle', 100)).rejects.toThrow('its answer did not end within 0.3 s');
  await expect(ask(agent.certificate, '/flood')).rejects.toThrow('its answer is longer than 64 MiB');
});
