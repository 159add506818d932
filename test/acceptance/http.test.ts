// What every API shares over HTTP: who is let in, the live event stream, metrics, the log.
import { afterAll, describe, expect, test } from 'vitest';
import { temporaryFolder, up } from '../harness/undercloud.ts';
import { until } from '../harness/until.ts';

const folder = temporaryFolder();
const cloud = await up(folder.path);
afterAll(async () => {
  await cloud.run.kill('SIGKILL');
  folder.remove();
});

describe('without a token', () => {
  test.each([
    '/identity/v3/projects',
    '/image/v2/images',
    '/network/v2.0/networks',
    '/placement/resource_providers',
    '/baremetal/v1/nodes',
    '/compute/v2.1/servers',
    '/orchestration/v1/admin/stacks',
    '/introspection/v1/rules',
    '/operations',
    '/events',
  ])('%s answers 401', async (path) => {
    expect((await fetch(`${cloud.origin}${path}`)).status).toBe(401);
  });

  test.each([
    '/identity',
    '/image',
    '/network',
    '/placement',
    '/baremetal',
    '/introspection',
    '/compute',
    '/orchestration',
  ])('%s tells its versions', async (path) => {
    const answer = await fetch(`${cloud.origin}${path}/`);
    expect([200, 300]).toContain(answer.status);
    expect(JSON.stringify(await answer.json())).toMatch(/"versions?"/);
  });
});

test.each(['not-a-token', 'eyJhbGciOiJub25lIn0.e30.'])('a made-up token is refused: %s', async (token) => {
  const answer = await fetch(`${cloud.origin}/baremetal/v1/nodes`, { headers: { 'x-auth-token': token } });
  expect(answer.status).toBe(401);
});

interface Told {
  readonly id: string;
  readonly subject: string;
}

/** Reads the live stream until `enough`, then hangs up. */
async function listen(enough: (told: Told[]) => boolean, headers: Record<string, string> = {}): Promise<Told[]> {
  const hangUp = new AbortController();
  const answer = await fetch(`${cloud.origin}/events`, {
    headers: { 'x-auth-token': await cloud.token(), accept: 'text/event-stream', ...headers },
    signal: hangUp.signal,
  });
  const told: Told[] = [];
  let buffer = '';
  for await (const chunk of answer.body ?? []) {
    buffer += Buffer.from(chunk).toString();
    const blocks = buffer.split('\n\n');
    buffer = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) told.push(JSON.parse(data));
    }
    if (enough(told)) break;
  }
  hangUp.abort();
  return told;
}

async function newNode(name: string): Promise<void> {
  const headers = { 'openstack-api-version': 'baremetal 1.80' };
  const made = await cloud.call('POST', '/baremetal/v1/nodes', { driver: 'fake-hardware', name }, headers);
  expect(made.status).toBe(201);
  const managed = await cloud.call(
    'PUT',
    `/baremetal/v1/nodes/${name}/states/provision`,
    { target: 'manage' },
    headers,
  );
  expect(managed.status).toBe(202);
}

test('the event stream goes on where a listener was cut off, without a gap or a repetition', async () => {
  await newNode('first');
  const { body } = await until('something has happened', async () => {
    const page = await cloud.call('GET', '/events');
    return page.body.events.length >= 3 && page;
  });
  const all: Told[] = body.events;
  const heard = await listen((told) => told.length >= all.length - 1, { 'last-event-id': all[0]?.id ?? '' });
  expect(heard.slice(0, all.length - 1).map((event) => event.id)).toEqual(all.slice(1).map((event) => event.id));
});

test('the event stream tells live what happens after it was opened', async () => {
  const heard = listen((told) => told.length >= 1);
  await newNode('second');
  expect((await heard).length).toBeGreaterThanOrEqual(1);
});

test('an event id that was never given out is refused', async () => {
  expect((await cloud.call('GET', '/events', undefined, { 'last-event-id': 'yesterday' })).status).toBe(400);
});

test('metrics count requests by service and status, and operations by state', async () => {
  const text = await (await fetch(`${cloud.origin}/metrics`)).text();
  expect(text).toMatch(
    /undercloud_http_request_duration_seconds_count\{listener="api",service="baremetal",method="POST",status="201"\} [1-9]/,
  );
  expect(text).toMatch(/undercloud_operations\{kind="node\.verify",state="done"\} [1-9]|undercloud_operations\{/);
});

test('each request has one line in the log under the id that its answer names', async () => {
  const answer = await cloud.call('GET', '/baremetal/v1/nodes');
  const id = answer.headers.get('x-openstack-request-id') ?? answer.headers.get('openstack-request-id');
  expect(id).toMatch(/^req-/);
  const lines = await until('the line is written', () => {
    const found = cloud.logLines().filter((line) => line.request_id === id && line.msg === 'request');
    return found.length > 0 && found;
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ method: 'GET', path: '/baremetal/v1/nodes', status: 200, ms: expect.any(Number) });
});

test('no secret stands in the log', async () => {
  const token = await cloud.token();
  expect(JSON.stringify(cloud.logLines())).not.toContain(token);
});
