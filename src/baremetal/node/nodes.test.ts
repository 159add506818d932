// The node API as conversations: fields by microversion, filters, paging, patches, refusals.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';

let bm: TestBaremetal;
const uuids: string[] = [];
beforeAll(async () => {
  bm = await startTestBaremetal();
  for (const name of ['a', 'b', 'c']) {
    const { json } = await bm.http.post('/v1/nodes', {
      name,
      driver: 'fake-hardware',
      properties: { rack: 'r1' },
      driver_info: { redfish_password: 'geheim' },
    });
    uuids.push(json.uuid);
  }
});
afterAll(() => bm.stop());

const names = (answer: { json: { nodes: { name: string }[] } }) => answer.json.nodes.map(({ name }) => name);

describe('lists', () => {
  test('page by marker, in order of enrolment and by key, in both directions', async () => {
    const first = await bm.http.get('/v1/nodes?limit=2');
    expect(names(first)).toEqual(['a', 'b']);
    const next = new URL(first.json.next);
    expect(names(await bm.http.get(`/v1/nodes${next.search}`))).toEqual(['c']);
    expect(names(await bm.http.get('/v1/nodes?sort_key=name&sort_dir=desc'))).toEqual(['c', 'b', 'a']);
    expect(names(await bm.http.get(`/v1/nodes?sort_key=name&sort_dir=desc&marker=${uuids[1]}`))).toEqual(['a']);
    expect(names(await bm.http.get(`/v1/nodes?sort_key=owner&marker=${uuids[0]}`))).toEqual(['b', 'c']);
  });

  test('in detail show a change at once, although documents are kept', async () => {
    const before = await bm.http.get('/v1/nodes/detail');
    expect(before.json.nodes).toHaveLength(3);
    await bm.http.patch(`/v1/nodes/${uuids[0]}`, [{ op: 'add', path: '/extra/x', value: 1 }]);
    const after = await bm.http.get('/v1/nodes/detail?limit=2');
    expect(after.json.nodes.map((node: { extra: unknown }) => node.extra)).toEqual([{ x: 1 }, {}]);
    expect(after.json.next).toContain(`/v1/nodes/detail?limit=2&marker=${uuids[1]}`);
    expect(after.text).not.toContain('geheim');
  });

  test.each([
    ['driver=fake-hardware', 3],
    ['driver=other', 0],
    ['maintenance=true', 0],
    ['associated=false', 3],
    ['provision_state=enroll', 3],
    ['description_contains=x', 0],
    ['sharded=false', 3],
  ])('filter by %s', async (query, count) => {
    expect((await bm.http.get(`/v1/nodes?${query}`)).json.nodes).toHaveLength(count);
  });

  test.each([
    ['limit=-1', 400],
    ['limit=x', 400],
    ['sort_key=driver_info', 400],
    ['sort_key=nonsense', 400],
    ['sort_dir=up', 400],
    ['provision_state=flying', 400],
    ['maintenance=perhaps', 400],
    ['instance_uuid=5', 400],
    ['marker=5', 400],
    ['marker=00000000-0000-4000-8000-000000000000', 404],
    ['fields=uuid,nonsense', 400],
  ])('refuse %s with %i', async (query, status) => {
    const answer = await bm.http.get(`/v1/nodes?${query}`);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.json.error_message).faultstring).toEqual(expect.any(String));
  });
});

describe('microversions', () => {
  const at = (version: string) => ({ 'x-openstack-ironic-api-version': version });

  test('hide fields from versions that do not know them', async () => {
    const old = (await bm.http.get(`/v1/nodes/${uuids[0]}`, at('1.1'))).json;
    expect(Object.keys(old)).not.toEqual(expect.arrayContaining(['name']));
    expect(old).not.toHaveProperty('traits');
    const { json } = await bm.http.get(`/v1/nodes/${uuids[0]}`, at('1.37'));
    expect(json).toHaveProperty('traits');
    expect(json).not.toHaveProperty('fault');
  });

  test('announce their range, and refuse what lies outside of it', async () => {
    const answer = await bm.http.get('/v1/nodes', at('latest'));
    expect(answer.headers.get('x-openstack-ironic-api-version')).toBe('1.96');
    expect(answer.headers.get('x-openstack-ironic-api-minimum-version')).toBe('1.1');
    expect(answer.headers.get('x-openstack-ironic-api-maximum-version')).toBe('1.96');
    expect((await bm.http.get('/v1/nodes', at('1.999'))).status).toBe(406);
    expect((await bm.http.get('/v1/nodes?fields=uuid', at('1.7'))).status).toBe(406);
    expect((await bm.http.post('/v1/nodes', { driver: 'fake-hardware', name: 'x' }, at('1.4'))).status).toBe(406);
  });
});

describe('patches', () => {
  const patch = (path: string, value: unknown, op = 'replace') =>
    bm.http.patch(`/v1/nodes/${uuids[1]}`, [{ op, path, value }]);

  test.each([
    ['/uuid', 'x'],
    ['/created_at', 'x'],
    ['/traits', []],
    ['/provision_state', 'active'],
    ['/nonsense', 1],
    ['/name', 'not/valid'],
    ['/driver', 'nonsense'],
    ['/boot_interface', 'nonsense'],
    ['/chassis_uuid', '00000000-0000-4000-8000-000000000000'],
    ['/instance_uuid', 'nonsense'],
    ['/maintenance', 'perhaps'],
    ['/properties', 'text'],
    ['/resource_class', 'x'.repeat(81)],
  ])('of %s to %j are 400', async (path, value) => {
    expect((await patch(path, value)).status).toBe(400);
  });

  test('of a password within an object or a list come back masked', async () => {
    const oem = { accounts: [{ user: 'u', password: 'geheim-1' }], proxy: { bind_secret: 'geheim-2', port: 1 } };
    for (const field of ['driver_info', 'instance_info']) {
      const { json, text } = await patch(`/${field}/oem`, oem, 'add');
      expect(json[field].oem).toEqual({
        accounts: [{ user: 'u', password: '******' }],
        proxy: { bind_secret: '******', port: 1 },
      });
      expect(text).not.toContain('geheim');
      await patch(`/${field}/oem`, undefined, 'remove');
    }
  });

  test('keep a password that comes back masked, and replace it otherwise', async () => {
    await patch('/driver_info/redfish_username', 'u', 'add');
    const node = await bm.baremetal.getNode(uuids[1] ?? '');
    expect(node?.driver_info).toEqual({ redfish_password: '******', redfish_username: 'u' });
    expect(JSON.stringify(node)).not.toContain('geheim');
  });

  test('tell rack, leaf and power domain by the properties', async () => {
    await patch('/properties', { rack: 'r2', leaf: 'l1', power_domain: 'pdu-7' });
    expect(await bm.baremetal.getNode(uuids[1] ?? '')).toMatchObject({ rack: 'r2', leaf: 'l1', power_domain: 'pdu-7' });
  });

  test('of a name that another node has are 409', async () => {
    expect((await patch('/name', 'a')).status).toBe(409);
  });
});

test.each([
  [{ driver: 'nonsense' }, 400],
  [{}, 400],
  [{ driver: 'fake-hardware', uuid: 'nonsense' }, 400],
  [{ driver: 'fake-hardware', name: 'bad name' }, 400],
  [{ driver: 'fake-hardware', nonsense: 1 }, 400],
  [{ driver: 'fake-hardware', deploy_interface: 'nonsense' }, 400],
  [{ driver: 'fake-hardware', properties: [] }, 400],
  [{ driver: 'fake-hardware', instance_uuid: 'nonsense' }, 400],
  [{ driver: 'fake-hardware', name: 'a' }, 409],
])('enrolment of %j is %i', async (body, status) => {
  expect((await bm.http.post('/v1/nodes', body)).status).toBe(status);
});

test('allocations choose a node of the class with the traits, and say why none fits', async () => {
  await bm.http.post('/v1/nodes', { name: 'alloc', driver: 'fake-hardware', resource_class: 'big' });
  await bm.http.put('/v1/nodes/alloc/traits', { traits: ['CUSTOM_GPU'] });
  await bm.provision('alloc', 'manage', 'manageable');
  await bm.provision('alloc', 'provide', 'available');
  const refused = await bm.http.post('/v1/allocations', { name: 'no', resource_class: 'big', traits: ['CUSTOM_NONE'] });
  expect([refused.status, refused.json.state]).toEqual([201, 'allocating']);
  const ended = async (name: string) => {
    for (;;) {
      const { json } = await bm.http.get(`/v1/allocations/${name}`);
      if (json.state !== 'allocating') return json;
      await new Promise((wake) => setTimeout(wake, 5));
    }
  };
  expect((await ended('no')).last_error).toMatch(/no available nodes match.*1 without traits/);
  await bm.http.post('/v1/allocations', { name: 'yes', resource_class: 'big', traits: ['CUSTOM_GPU'] });
  const given = await ended('yes');
  expect(given.state).toBe('active');
  expect((await bm.http.get('/v1/nodes/alloc')).json).toMatchObject({
    allocation_uuid: given.uuid,
    instance_uuid: given.uuid,
  });
  const taken = await bm.http.patch('/v1/nodes/alloc', [{ op: 'remove', path: '/instance_uuid' }]);
  expect(taken.json).toMatchObject({ allocation_uuid: null, instance_uuid: null });
  expect((await bm.http.get('/v1/allocations/yes')).status).toBe(404);
});

test('the small collections live: port, port group, chassis, template, volumes', async () => {
  const chassis = await bm.http.post('/v1/chassis', { description: 'В Україні ♡' });
  expect(
    (await bm.http.patch(`/v1/nodes/${uuids[2]}`, [{ op: 'add', path: '/chassis_uuid', value: chassis.json.uuid }]))
      .status,
  ).toBe(200);
  expect(names(await bm.http.get(`/v1/chassis/${chassis.json.uuid}/nodes`))).toEqual(['c']);
  expect((await bm.http.delete(`/v1/chassis/${chassis.json.uuid}`)).status).toBe(400);
  const group = await bm.http.post('/v1/portgroups', { node_uuid: uuids[2], name: 'bond0' });
  const port = await bm.http.post('/v1/ports', {
    node_uuid: uuids[2],
    address: '52:54:00:AA:BB:CC',
    portgroup_uuid: group.json.uuid,
  });
  expect([port.status, port.json.address]).toEqual([201, '52:54:00:aa:bb:cc']);
  expect((await bm.http.post('/v1/ports', { node_uuid: uuids[2], address: '52:54:00:aa:bb:cc' })).status).toBe(409);
  expect((await bm.http.get('/v1/portgroups/bond0/ports')).json.ports).toHaveLength(1);
  expect((await bm.http.get('/v1/nodes/c/ports/detail')).json.ports[0].pxe_enabled).toBe(true);
  const steps = [{ interface: 'bios', step: 'reset', args: {}, priority: 10 }];
  expect((await bm.http.post('/v1/deploy_templates', { name: 'CUSTOM_X', steps })).status).toBe(201);
  expect((await bm.http.post('/v1/deploy_templates', { name: 'small', steps })).status).toBe(400);
  const target = { node_uuid: uuids[2], volume_type: 'iscsi', volume_id: 'v', boot_index: 0 };
  expect((await bm.http.post('/v1/volume/targets', target)).status).toBe(201);
  expect((await bm.http.post('/v1/volume/targets', target)).json.error_message).toMatch(
    /A volume target .*already exists/,
  );
});

test.each(['detail', 'validate', 'maintenance', 'management', 'states', 'vendor_passthru', ''])(
  'no node is called "%s"',
  async (name) => {
    expect((await bm.http.post('/v1/nodes', { driver: 'fake-hardware', name })).status).toBe(400);
    const patch = [{ op: 'replace', path: '/name', value: name }];
    expect((await bm.http.patch(`/v1/nodes/${uuids[0]}`, patch)).status).toBe(400);
  },
);

test('patches name no keys with other characters than Ironic takes until 1.98', async () => {
  for (const path of ['/extra/a.b', '/extra/~1a', '/extra/a b'])
    expect((await bm.http.patch(`/v1/nodes/${uuids[0]}`, [{ op: 'add', path, value: 1 }])).status).toBe(400);
});

test('network data is held against its schema, and taken away', async () => {
  const patch = (one: object) => bm.http.patch(`/v1/nodes/${uuids[0]}`, [{ path: '/network_data', ...one }]);
  const refused = await patch({ op: 'replace', value: { links: [] } });
  expect([refused.status, refused.text]).toEqual([400, expect.stringMatching(/networks/)]);
  const told = { links: [], networks: [], services: [] };
  expect((await patch({ op: 'replace', value: told })).json.network_data).toEqual(told);
  expect((await patch({ op: 'remove' })).json.network_data).toEqual({});
});

describe('what hangs on a node', () => {
  test.each([
    ['POST', 'vifs', { id: 'a b' }, 400],
    ['PUT', 'management/inject_nmi', { much: true }, 400],
    ['PUT', 'management/inject_nmi', {}, 204],
    ['PUT', 'traits/CUSTOM_', undefined, 400],
    ['PUT', 'traits/CUSTOM_A', { traits: [] }, 400],
    ['PUT', 'traits/HW_CPU_X86_NONE_SUCH', undefined, 400],
    ['PUT', 'traits/HW_CPU_X86_AVX2', undefined, 204],
    ['PUT', 'traits/CUSTOM_A', {}, 204],
    ['PUT', 'states/raid', { logical_disks: [] }, 400],
    ['GET', 'history/x', undefined, 404],
  ])('%s %s %j answers %d', async (method, path, body, status) => {
    const more = body === undefined ? {} : { body };
    expect((await bm.http.request(method, `/v1/nodes/${uuids[0]}/${path}`, more)).status).toBe(status);
  });

  test('allocations are not looked for on a node that is not there', async () => {
    expect((await bm.http.get(`/v1/allocations?node=${uuids[0]}`)).json.allocations).toEqual([]);
    expect((await bm.http.get('/v1/allocations?node=nowhere')).status).toBe(400);
    expect((await bm.http.get('/v1/ports?node_uuid=nowhere')).status).toBe(400);
  });
});
