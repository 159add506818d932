// The sources of metadata beside `request`, each against a server that answers as the real one does.
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { cfnSource } from './cfn.ts';
import { ec2Source } from './ec2.ts';
import { heatSource } from './heat.ts';
import { localSource } from './local.ts';
import { zaqarSource } from './zaqar.ts';

const signal = new AbortController().signal;
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

type Handler = (
  request: IncomingMessage,
  body: string,
) => { status?: number; headers?: Record<string, string>; body?: string } | undefined;
async function serve(handle: Handler): Promise<string> {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = handle(request, body) ?? { status: 404 };
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port }: AddressInfo = Object(server.address());
  return `http://127.0.0.1:${port}`;
}

const credentials = { user_id: 'u', password: 'p', project_id: 'proj' };
const keystone = (request: IncomingMessage, body: string, type: string) => {
  if (request.url !== '/v3/auth/tokens') return undefined;
  const { auth } = JSON.parse(body);
  if (auth.identity.password.user.password !== 'p' || auth.scope.project.id !== 'proj') return { status: 401 };
  const endpoints = [
    { interface: 'internal', region: 'one', url: 'http://wrong' },
    { interface: 'public', region: 'one', url: `http://${request.headers.host}/${type}/` },
  ];
  return {
    status: 201,
    headers: { 'x-subject-token': 'tok' },
    body: JSON.stringify({ token: { catalog: [{ type, endpoints }] } }),
  };
};

it('reads a resource from the orchestration API with its own token', async () => {
  const url = await serve((request, body) => {
    if (
      request.url === '/orchestration/stacks/s/1/resources/web/metadata' &&
      request.headers['x-auth-token'] === 'tok'
    ) {
      return { body: JSON.stringify({ metadata: { deployments: [] } }) };
    }
    return keystone(request, body, 'orchestration');
  });
  const settings = { ...credentials, auth_url: `${url}/v3`, stack_id: 's/1', resource_name: 'web' };
  expect(await heatSource(() => settings).collect(signal)).toEqual({ deployments: [] });
  await expect(heatSource(() => ({ ...settings, password: 'x' })).collect(signal)).rejects.toThrow('HTTP 401');
  await expect(heatSource(() => ({ ...settings, stack_id: '' })).collect(signal)).rejects.toThrow(
    'lacks the setting stack_id',
  );
});

it('reads a resource from the CloudFormation API with a signed request', async () => {
  const url = await serve((request) => {
    const asked = new URL(request.url ?? '', `http://${request.headers.host}`);
    const [query = '', signature = ''] = asked.search.slice(1).split('&Signature=');
    const text = `GET\n${asked.host}\n${asked.pathname}\n${query}`;
    const expected = createHmac('sha256', 'secret').update(text).digest('base64');
    if (decodeURIComponent(signature) !== expected || asked.searchParams.get('StackName') !== 'my stack')
      return { status: 403 };
    const metadata = JSON.stringify({ inner: { quote: '<"&>' } })
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/"/g, '&#34;');
    const detail = `<StackResourceDetail><Metadata>${metadata}</Metadata></StackResourceDetail>`;
    return { body: `<R><DescribeStackResourceResult>${detail}</DescribeStackResourceResult></R>` };
  });
  const settings = {
    metadata_url: `${url}/v1/`,
    stack_name: 'my stack',
    access_key_id: 'key',
    secret_access_key: 'secret',
    path: 'web.Metadata',
  };
  expect(await cfnSource(() => settings, '/none').collect(signal)).toEqual({ inner: { quote: '<"&>' } });
  expect(await cfnSource(() => ({ ...settings, path: ['web.Metadata.inner'] }), '/none').collect(signal)).toEqual({
    quote: '<"&>',
  });
  await expect(cfnSource(() => ({ ...settings, path: 'web.Nothing' }), '/none').collect(signal)).rejects.toThrow(
    'does not exist',
  );
});

it('walks the metadata tree of a cloud', async () => {
  const tree: Record<string, string> = {
    '/': 'hostname\nplacement/\npublic-keys/',
    '/hostname': 'web',
    '/placement/': 'availability-zone',
    '/placement/availability-zone': 'nova',
    '/public-keys/': '0=mine',
    '/public-keys/0/': 'openssh-key',
    '/public-keys/0/openssh-key': 'ssh-rsa A',
  };
  const url = await serve((request) => {
    const body = tree[request.url ?? ''];
    return body === undefined ? undefined : { body };
  });
  expect(await ec2Source(() => ({ metadata_url: url })).collect(signal)).toEqual({
    hostname: 'web',
    placement: { 'availability-zone': 'nova' },
    'public-keys': { '0': { 'openssh-key': 'ssh-rsa A' } },
  });
});

it('takes the next message of a queue as metadata, and none as no news', async () => {
  const messages = [{ a: 1 }];
  const url = await serve((request, body) => {
    if (
      request.method === 'DELETE' &&
      request.url === '/messaging/v2/queues/q/messages?pop=1' &&
      request.headers['client-id']
    ) {
      const next = messages.shift();
      return next ? { body: JSON.stringify({ messages: [{ body: next }] }) } : { status: 204 };
    }
    return keystone(request, body, 'messaging');
  });
  const source = zaqarSource(() => ({ ...credentials, auth_url: url, queue_id: 'q' }));
  expect(await source.collect(signal)).toEqual({ a: 1 });
  expect(await source.collect(signal)).toBe('unchanged');
});

it('merges local files in the order of their names, and names a broken one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'local-'));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data/20.json'), '{"a": {"x": 2}}');
  writeFileSync(join(folder, 'data/10.json'), '{"a": {"x": 1, "y": 1}}');
  writeFileSync(join(folder, 'data/notes.txt'), 'not JSON');
  const source = localSource([join(folder, 'data'), join(folder, 'absent')]);
  expect(await source.collect(signal)).toEqual({ a: { x: 2, y: 1 } });
  writeFileSync(join(folder, 'data/30.json'), '{');
  await expect(source.collect(signal)).rejects.toThrow('30.json is not JSON');
  rmSync(folder, { recursive: true });
});
