// The client against a server that answers what the test says.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, createClient } from './client.ts';

const asked: string[] = [];
let origin: string;
const server = createServer((request, response) => {
  const answer = (body: unknown, headers = {}) =>
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  const { url = '' } = request;
  asked.push(url);
  const endpoints = [{ interface: 'public', url: `${origin}/baremetal` }];
  if (url.endsWith('/auth/tokens'))
    answer({ token: { catalog: [{ type: 'baremetal', endpoints }] } }, { 'x-subject-token': 'token' });
  else if (url.includes('marker')) answer({ nodes: [{ uuid: 'c' }] });
  else answer({ nodes: [{ uuid: 'a' }, { uuid: 'b' }], next: `${origin}/baremetal/v1/nodes?limit=2&marker=b` });
});
let client: Client;

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port }: AddressInfo = Object(server.address());
  origin = `http://127.0.0.1:${port}`;
  const login = { username: 'admin', password: 'secret', userDomain: 'Default', cacert: undefined };
  client = createClient({ ...login, authUrl: `${origin}/identity/v3`, scope: 'system' });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('a list of more machines than a page holds is read to its end', async () => {
  const nodes = await client.pages('baremetal', '/v1/nodes', 'nodes');
  expect(nodes.map(({ uuid }) => uuid)).toEqual(['a', 'b', 'c']);
  expect(asked).toEqual(['/identity/v3/auth/tokens', '/baremetal/v1/nodes', '/baremetal/v1/nodes?limit=2&marker=b']);
});
