// Nonsense gets a refusal in Ironic's fault format and changes nothing; passwords never come back.
import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { malformedRequests } from '../openstack/testing/malformed.ts';
import { startTestBaremetal, type TestBaremetal } from './testing/index.ts';

let bm: TestBaremetal;
const secret = 'geheim-4711';
const newest = { 'x-openstack-ironic-api-version': '1.96' };

beforeAll(async () => {
  bm = await startTestBaremetal();
  // One of the names that the generator calls.
  const driver_info = { ipmi_password: secret, address: '10.0.0.1' };
  const node_uuid = await made('nodes', { name: 'default', driver: 'fake-hardware', driver_info });
  const step = { interface: 'power', step: 'reboot', args: {} };
  await made('ports', { node_uuid, address: '52:54:00:00:00:01' });
  await made('portgroups', { node_uuid, address: '52:54:00:00:00:02' });
  await made('chassis', {});
  await made('allocations', { name: 'one', resource_class: 'nobody-has-it' });
  await made('deploy_templates', { name: 'CUSTOM_ONE', steps: [{ ...step, priority: 10 }] });
  await made('runbooks', { name: 'CUSTOM_TWO', steps: [{ ...step, order: 1 }] });
  await made('inspection_rules', { actions: [{ op: 'set-attribute', args: { path: '/extra/a', value: 1 } }] });
  await made(
    'connectors',
    { node_uuid, type: 'iqn', connector_id: 'iqn.2026-01.org.example:1' },
    '/v1/volume/connectors',
  );
  await made('targets', { node_uuid, volume_type: 'iscsi', boot_index: 0, volume_id: '1' }, '/v1/volume/targets');
});
afterAll(() => bm.stop());

/** UUID of what was made last in a collection. */
const uuids = new Map<string, string>();
async function made(collection: string, body: object, path = `/v1/${collection}`): Promise<string> {
  const { status, text, json } = await bm.http.post(path, body, newest);
  expect(status, text).toBe(201);
  uuids.set(collection, json.uuid);
  return json.uuid;
}
const existing = (path: string, parameter: string) =>
  uuids.get(new RegExp(`([a-z_]+)/${parameter}(/|$)`).exec(path)?.[1] ?? '');

/** Changes with every row that is written; operations that an accepted request began write by themselves. */
async function state(): Promise<string | undefined> {
  const open = await bm.operations.list({ states: ['queued', 'running', 'waiting'], limit: 1 });
  if (open.length > 0) return undefined;
  const tables = [
    ...['nodes', 'ports', 'portgroups', 'chassis', 'allocations', 'deploy_templates', 'runbooks'],
    ...['inspection_rules', 'volume_connectors', 'volume_targets'],
  ];
  const each = tables.map(
    (table) => sql`(select string_agg(xmin::text, ',' order by id) from ${sql.table(`baremetal_${table}`)})`,
  );
  const found = await sql<{ all: string }>`select concat_ws('|', ${sql.join(each)}) as all`.execute(bm.database);
  return found.rows[0]?.all;
}

test('5,000 malformed requests are refused in words, none with a server error, and change nothing', async () => {
  let before = await state();
  let refused = 0;
  for (const { method, path, body } of malformedRequests(bm.baremetal.api, { seed: 5, count: 5_000, existing })) {
    const headers = { ...newest, 'content-type': 'application/json' };
    const answer = await bm.http.request(method, path, { headers, ...(body === undefined ? {} : { body }) });
    const asked = `${method} ${path} ${body}: ${answer.status} ${answer.text}`;
    expect(answer.status, asked).toBeLessThan(500);
    expect(answer.text, asked).not.toContain(secret);
    const after = answer.status < 300 && method === 'GET' ? before : await state();
    if (answer.status >= 400) {
      refused++;
      expect(JSON.parse(answer.json?.error_message ?? '{}'), asked).toMatchObject({
        faultcode: 'Client',
        faultstring: expect.any(String),
      });
      if (before !== undefined && after !== undefined) expect(after, asked).toBe(before);
    }
    before = after;
  }
  expect(refused).toBeGreaterThan(2_500);
}, 300_000);

const bodies: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ['broken UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
  ['a packed body', gzipSync('{}')],
  ['deep nesting', Buffer.from('['.repeat(20_000) + ']'.repeat(20_000))],
  ['a number out of range', Buffer.from('1e999')],
  ['a name twice', Buffer.from('{"nothing": 1, "nothing": 2}')],
  ['a prototype', Buffer.from('{"__proto__": {"driver": "fake-hardware"}}')],
  ['a patch without a path', Buffer.from('[{"op": "add", "value": 1}]')],
  ['a patch of the root', Buffer.from('[{"op": "replace", "path": "", "value": {}}]')],
  ['a patch that copies', Buffer.from('[{"op": "copy", "from": "/driver_info", "path": "/extra"}]')],
  ['a patch of a prototype', Buffer.from('[{"op": "add", "path": "/extra/__proto__/x", "value": 1}]')],
];

test.each(bodies)('%s is refused by every route that takes a body of its own kind', async (_what, bytes) => {
  const checked = bm.baremetal.api.routes.filter(({ body, path }) => body !== undefined && !path.endsWith('/'));
  expect(checked.length).toBeGreaterThan(50);
  const before = await state();
  for (const { method, path, since = '1.96' } of checked) {
    const url = path.replace(/:\w+/g, 'default');
    const headers = { 'x-openstack-ironic-api-version': since, 'content-type': 'application/json' };
    const answer = await bm.http.request(method, url, { headers, body: bytes });
    const asked = `${method} ${url}: ${answer.status} ${answer.text}`;
    expect(answer.status, asked).toBeGreaterThanOrEqual(400);
    expect(answer.status, asked).toBeLessThan(500);
    expect(JSON.parse(answer.json?.error_message ?? '{}'), asked).toMatchObject({ faultcode: 'Client' });
  }
  expect(await state()).toBe(before);
});

test('passwords are in no answer, event or history, whatever was asked', async () => {
  await bm.http.post('/v1/nodes', { name: 'kept', driver: 'fake-hardware', driver_info: { ipmi_password: secret } });
  await bm.provision('kept', 'manage', 'manageable');
  const answers = [
    await bm.http.get('/v1/nodes/kept'),
    await bm.http.get('/v1/nodes/detail'),
    await bm.http.patch('/v1/nodes/kept', [{ op: 'add', path: '/driver_info/x', value: [secret] }]),
    await bm.http.patch('/v1/nodes/kept', [{ op: 'test', path: '/driver_info/ipmi_password', value: secret }]),
    await bm.http.get('/v1/nodes/kept/history?detail=true'),
    await bm.http.get('/v1/nodes/kept/why'),
  ];
  const shown = answers.map(({ text }) => text.replaceAll(`["${secret}"]`, '')).join('\n');
  expect(shown).not.toContain(secret);
  const kept = await sql<{ text: string }>`select payload::text as text from events`.execute(bm.database);
  expect(kept.rows.map(({ text }) => text).join('\n')).not.toContain(secret);
});
