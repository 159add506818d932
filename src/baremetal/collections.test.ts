// Every collection that comes in pages: each page's link to the next keeps what was asked, and leads to every row once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tables } from './store.ts';
import { startTestBaremetal, type TestBaremetal } from './testing/index.ts';

const newest = { 'x-openstack-ironic-api-version': '1.96' };
let bm: TestBaremetal;
const uuids: Record<string, string> = {};

beforeAll(async () => {
  bm = await startTestBaremetal();
  const make = async (key: string, path: string, body: object) => {
    const { status, text, json } = await bm.http.post(path, body, newest);
    expect(status, text).toBe(201);
    uuids[key] = json.uuid;
    return json.uuid;
  };
  await make('chassis', '/v1/chassis', { description: 'a' });
  const node = { driver: 'fake-hardware', chassis_uuid: uuids.chassis };
  const node_uuid = await make('node', '/v1/nodes', { name: 'n1', ...node });
  await make('group', '/v1/portgroups', { node_uuid, name: 'g1' });
  const step = { interface: 'bios', step: 'x', args: {} };
  for (const number of [1, 2, 3]) {
    await make('child', '/v1/nodes', { name: `c${number}`, driver: 'fake-hardware', parent_node: node_uuid });
    const port = { node_uuid, portgroup_uuid: uuids.group, address: `52:54:00:00:00:0${number}`, name: `p${number}` };
    await make('port', '/v1/ports', port);
    await make('connector', '/v1/volume/connectors', { node_uuid, type: 'iqn', connector_id: `iqn.a:${number}` });
    const target = { node_uuid, volume_type: 'iscsi', volume_id: `v${number}`, boot_index: number };
    await make('target', '/v1/volume/targets', target);
    await make('allocation', '/v1/allocations', { name: `a${number}`, resource_class: 'none' });
    await make('template', '/v1/deploy_templates', { name: `CUSTOM_${number}`, steps: [{ ...step, priority: 1 }] });
    await make('runbook', '/v1/runbooks', { name: `CUSTOM_${number}`, steps: [{ ...step, order: 1 }] });
    const actions = [{ op: 'fail', args: { msg: 'x' } }];
    await make('rule', '/v1/inspection_rules', { description: `r${number}`, actions });
    if (number === 3) break;
    await make('other', '/v1/nodes', { name: `n${number + 1}`, ...node });
    await make('other', '/v1/portgroups', { node_uuid, name: `g${number + 1}` });
    await make('other', '/v1/chassis', { description: 'b' });
  }
  const conductor = { hostname: 'h', drivers: ['fake-hardware'], created_at: new Date(), updated_at: new Date() };
  await tables(bm.database).insertInto('baremetal_conductors').values(conductor).execute();
  await bm.provision('n1', 'manage', 'manageable');
  const clean = { clean_steps: [1, 2, 3].map(() => ({ interface: 'bios', step: 'factory_reset' })) };
  await bm.provision('n1', 'clean', 'manageable', clean);
}, 60_000);
afterAll(() => bm.stop());

/** Path, with what else it may be asked that leaves three rows; and a field of those rows. */
const collections: readonly (readonly [path: string, asked: string, field: string])[] = [
  ['nodes', 'driver=fake-hardware&maintenance=false', 'name'],
  ['nodes', 'parent_node={node}', 'parent_node'],
  ['nodes/detail', 'driver=fake-hardware', ''],
  ['chassis/{chassis}/nodes', 'maintenance=false', 'name'],
  ['ports', 'node={node}', 'address'],
  ['ports/detail', 'node={node}', ''],
  ['nodes/{node}/ports', '', 'address'],
  ['nodes/{node}/ports/detail', '', ''],
  ['portgroups/{group}/ports', '', 'address'],
  ['portgroups', 'node={node}', 'name'],
  ['portgroups/detail', 'node={node}', ''],
  ['nodes/{node}/portgroups', '', 'name'],
  ['chassis', '', 'description'],
  ['chassis/detail', '', ''],
  ['volume/connectors', 'node={node}', 'connector_id'],
  ['volume/targets', 'node={node}', 'volume_id'],
  ['nodes/{node}/volume/connectors', '', 'connector_id'],
  ['nodes/{node}/volume/targets', '', 'volume_id'],
  ['allocations', 'resource_class=none', 'name'],
  ['deploy_templates', '', 'name'],
  ['runbooks', '', 'name'],
  ['inspection_rules', '', 'description'],
];
const orders = ['', 'sort_key=uuid&sort_dir=desc', 'sort_key=created_at'];
const cases = collections.flatMap(([path, asked, field]) => [
  ...orders.map((order) => [path, asked, order] as const),
  ...(field === '' ? [] : [[path, asked, `fields=uuid,${field}`] as const, [path, asked, 'detail=true'] as const]),
]);

const filled = (text: string) => text.replace(/\{(\w+)\}/g, (all, key: string) => uuids[key] ?? all);
const rowsOf = (json: Record<string, unknown>) => Object.values(json).find(Array.isArray) ?? [];

describe.each(cases)('%s?%s %s', (path, asked, more) => {
  test('comes in pages', async () => {
    const query = [asked, more].filter((one) => one !== '').join('&');
    const whole = rowsOf((await bm.http.get(filled(`/v1/${path}?${query}`), newest)).json);
    expect(whole).toHaveLength(3);
    const seen: unknown[] = [];
    let next: string | undefined = filled(`/v1/${path}?${query}&limit=2`);
    for (let page = 0; next !== undefined && page < 5; page++) {
      const { json } = await bm.http.get(next, newest);
      seen.push(...rowsOf(json));
      next = undefined;
      if (json.next === undefined) continue;
      const link: URL = new URL(json.next);
      next = link.pathname.replace(/^\/baremetal/, '') + link.search;
      expect(link.pathname).toMatch(new RegExp(`/v1/${filled(path)}$`));
      for (const [name, value] of new URLSearchParams(filled(query))) expect(link.searchParams.get(name)).toBe(value);
    }
    expect(next).toBeUndefined();
    expect(seen).toEqual(whole);
  });
});

test('the history of a node comes in pages of what was asked', async () => {
  const { json } = await bm.http.get('/v1/nodes/n1/history?detail=true&limit=1', newest);
  const next = new URL(json.next);
  expect(next.searchParams.get('detail')).toBe('true');
  const second = (await bm.http.get(next.pathname.replace(/^\/baremetal/, '') + next.search, newest)).json.history;
  expect(second).toMatchObject([{ event_type: expect.any(String) }]);
  expect(second[0].uuid).not.toBe(json.history[0].uuid);
});

test.each(['nodes', 'ports', 'runbooks', 'inspection_rules', 'conductors'])(
  'a full page of %s names a next one, though it be empty',
  async (path) => {
    const all = rowsOf((await bm.http.get(`/v1/${path}`, newest)).json).length;
    const full = (await bm.http.get(`/v1/${path}?limit=${all}`, newest)).json;
    const { pathname, search } = new URL(full.next);
    const after = (await bm.http.get(pathname.replace(/^\/baremetal/, '') + search, newest)).json;
    expect([rowsOf(after), after.next]).toEqual([[], undefined]);
  },
);

test.each(['nodes', 'ports', 'portgroups', 'chassis', 'volume/targets', 'allocations', 'deploy_templates', 'runbooks'])(
  '%s: a marker is a UUID, one that is gone is told, and an empty sort_key is none',
  async (path) => {
    const status = async (query: string) => (await bm.http.get(`/v1/${path}?${query}`, newest)).status;
    expect(await status('marker=x')).toBe(400);
    expect(await status('marker=11111111-1111-4111-8111-111111111111')).toBe(404);
    expect(await status('sort_key=')).toBe(200);
  },
);

test('OPTIONS tells the methods of a path, and whatever else is none of them is refused with them', async () => {
  const options = await bm.http.request('OPTIONS', '/v1/nodes/n1', { headers: newest });
  expect([options.status, options.text, options.headers.get('allow')]).toEqual([200, '', 'DELETE, GET, PATCH']);
  const refused = await bm.http.request('PUT', '/v1/runbooks', { headers: newest });
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, POST']);
});

test('conductors are sorted by what a list shows of them, and no fields are links alone', async () => {
  expect((await bm.http.get('/v1/conductors?sort_key=created_at&sort_dir=desc', newest)).status).toBe(200);
  for (const path of ['conductors', 'drivers']) {
    const [first] = rowsOf((await bm.http.get(`/v1/${path}?fields=`, newest)).json);
    expect(Object.keys(first)).toEqual(['links']);
  }
});
