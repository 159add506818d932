// A client of a service that does not end its answers.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redfishAddress } from './address.ts';
import { createDispatcher, createRedfishClient } from './client.ts';

const server = createServer((request, response) => {
  if (request.url === '/trickle') {
    const more = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(more));
    return;
  }
  const flood = Buffer.alloc(1 << 20, ' ');
  const pour = () => {
    while (response.write(flood));
  };
  response.on('drain', pour);
  pour();
});
const options = { callTimeoutMs: 200 };
const dispatcher = createDispatcher(true, options);
let address: ReturnType<typeof redfishAddress>;

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port }: AddressInfo = Object(server.address());
  address = redfishAddress({ redfish_address: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await dispatcher.destroy();
  server.closeAllConnections();
  server.close();
});

test('one that trickles is given up after three times the silence that is allowed, and frees its lane', async () => {
  const client = createRedfishClient(address, dispatcher, { ...options, concurrency: 1 });
  const calls = [client.get('/trickle'), client.get('/trickle')];
  for (const call of await Promise.allSettled(calls))
    expect(call).toMatchObject({ reason: { kind: 'timeout', message: expect.stringContaining('within 0.6 s') } });
});

test('one that floods is given up by its size', async () => {
  const patient = { callTimeoutMs: 10_000 };
  const client = createRedfishClient(address, dispatcher, patient);
  await expect(client.get('/flood')).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringContaining('its answer is longer than 32 MiB'),
  });
});
