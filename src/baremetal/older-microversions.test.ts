// What each microversion up to 1.82 brought, and that older ones do not have it: as tables.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestBaremetal, type TestBaremetal } from './testing/index.ts';

let bm: TestBaremetal;
const uuids: Record<string, string> = { nothing: '11111111-1111-4111-8111-111111111111' };
const at = (minor: number) => ({ 'x-openstack-ironic-api-version': `1.${minor}` });
const filled = (text: string) => text.replace(/\{(\w+)\}/g, (all, key: string) => uuids[key] ?? all);
/** The status of a request at a microversion; `{name}` in it is the UUID of what was made under that name. */
async function asked(minor: number, request: string, body?: unknown): Promise<number> {
  const [method = '', path = ''] = filled(request).split(' ');
  const more = body === undefined ? {} : { body: JSON.parse(filled(JSON.stringify(body))) };
  return (await bm.http.request(method, path, { headers: at(minor), ...more })).status;
}

beforeAll(async () => {
  bm = await startTestBaremetal();
  const make = async (key: string, path: string, body: object) => {
    const { json, status, text } = await bm.http.post(path, body);
    expect(status, text).toBe(201);
    uuids[key] = json.uuid;
  };
  await make('chassis', '/v1/chassis', {});
  await make('node', '/v1/nodes', { name: 'n', driver: 'fake-hardware' });
  await make('spare', '/v1/nodes', { name: 'spare', driver: 'fake-hardware', chassis_uuid: uuids.chassis });
  await make('group', '/v1/portgroups', { name: 'g', node_uuid: uuids.node });
  await make('port', '/v1/ports', { node_uuid: uuids.node, address: '52:54:00:00:00:01' });
  const connector = { node_uuid: uuids.node, type: 'iqn', connector_id: 'iqn.2026-01.a:b' };
  await make('connector', '/v1/volume/connectors', connector);
  const steps = [{ interface: 'bios', step: 'x', args: {}, priority: 1 }];
  await make('template', '/v1/deploy_templates', { name: 'CUSTOM_T', steps });
  await make('allocation', '/v1/allocations', { name: 'a', resource_class: 'none' });
});
afterAll(() => bm.stop());

const networks = { links: [], networks: [], services: [] };
/** Document, field, first microversion, and a value to give it where it may be changed. */
const fields: readonly (readonly [path: string, field: string, since: number, value?: unknown])[] = [
  ['nodes/{node}', 'driver_internal_info', 3],
  ['nodes/{node}', 'name', 5, 'n'],
  ['nodes/{node}', 'inspection_started_at', 6],
  ['nodes/{node}', 'inspection_finished_at', 6],
  ['nodes/{node}', 'clean_step', 7],
  ['nodes/{node}', 'raid_config', 12],
  ['nodes/{node}', 'target_raid_config', 12],
  ['nodes/{node}', 'states', 14],
  ['ports/{port}', 'internal_info', 18],
  ['ports/{port}', 'local_link_connection', 19, { switch_id: '0a:1b:2c:3d:4e:5f', port_id: 'p' }],
  ['ports/{port}', 'pxe_enabled', 19, true],
  ['nodes/{node}', 'network_interface', 20, 'noop'],
  ['nodes/{node}', 'resource_class', 21, 'x'],
  ['nodes/{node}', 'portgroups', 24],
  ['ports/{port}', 'portgroup_uuid', 24, null],
  ['portgroups/{group}', 'mode', 26, '802.3ad'],
  ...['boot', 'console', 'deploy', 'inspect', 'management', 'power', 'raid', 'vendor'].map(
    (name) => ['nodes/{node}', `${name}_interface`, 31, 'fake'] as const,
  ),
  ['nodes/{node}', 'volume', 32],
  ['nodes/{node}', 'storage_interface', 33, 'noop'],
  ['ports/{port}', 'physical_network', 34, 'rack'],
  ['nodes/{node}', 'traits', 37],
  ['nodes/{node}', 'rescue_interface', 38, 'fake'],
  ['nodes/{node}', 'bios_interface', 40, 'fake'],
  ['nodes/{node}', 'fault', 42],
  ['nodes/{node}', 'deploy_step', 44],
  ['nodes/{node}', 'conductor_group', 46, ''],
  ['nodes/{node}', 'automated_clean', 47, true],
  ['nodes/{node}', 'protected', 48, false],
  ['nodes/{node}', 'protected_reason', 48, null],
  ['nodes/{node}', 'conductor', 49],
  ['nodes/{node}', 'owner', 50, 'p'],
  ['nodes/{node}', 'description', 51, 'd'],
  ['nodes/{node}', 'allocation_uuid', 52],
  ['ports/{port}', 'is_smartnic', 53, false],
  ['allocations/{allocation}', 'owner', 60],
  ['nodes/{node}', 'retired', 61, false],
  ['nodes/{node}', 'retired_reason', 61, null],
  ['nodes/{node}', 'lessee', 65, 'p'],
  ['nodes/{node}', 'network_data', 66, networks],
  ['nodes/{node}', 'boot_mode', 75],
  ['nodes/{node}', 'secure_boot', 75],
  ['nodes/{node}', 'shard', 82, 's'],
];

const cases = fields.map(([path, field, since, value]) => ({ path, field, since, value }));
describe.each(cases)('$path: the field $field, since 1.$since,', ({ path, field, since, value }) => {
  const one = `/v1/${path}`;
  const list = `/v1/${path.split('/')[0]}`;
  const linked = ['states', 'portgroups', 'volume'].includes(field);

  test('is hidden before and shown from then on', async () => {
    if ((await asked(since - 1, `GET ${one}`)) !== 404)
      expect((await bm.http.get(filled(one), at(since - 1))).json).not.toHaveProperty(field);
    expect((await bm.http.get(filled(one), at(since))).json).toHaveProperty(field);
  });

  test.runIf(since > 8)('can be asked for from then on, links by no version', async () => {
    const before = linked ? 400 : 406;
    expect(await asked(since - 1, `GET ${list}?fields=uuid,${field}`)).toBe(before);
    expect(await asked(since, `GET ${list}?fields=uuid,${field}`)).toBe(linked ? 400 : 200);
  });

  test('is given a value from then on, where it may have one, and taken away by any version', async () => {
    const patch = [{ op: 'replace', path: `/${field}`, value }];
    if (value === undefined) {
      const statuses = [await asked(82, `PATCH ${one}`, [{ op: 'add', path: `/${field}`, value: 'x' }])];
      expect(statuses).toEqual([400]);
      return;
    }
    expect(await asked(since - 1, `PATCH ${one}`, patch)).toBe(406);
    expect(await asked(since, `PATCH ${one}`, patch)).toBe(200);
    expect(await asked(since - 1, `PATCH ${one}`, [{ op: 'remove', path: `/${field}` }])).toBe(200);
  });
});

const clean = [{ interface: 'bios', step: 'factory_reset' }];
const event = { event: 'network.bind_port', port_id: '{nothing}', mac_address: '52:54:00:00:00:01', status: 'ACTIVE' };
/** Request and body, first microversion, the status before and the one from then on. */
const requests: readonly (readonly [request: string, body: unknown, since: number, before: number, then: number])[] = [
  ['GET /v1/nodes/spare', undefined, 5, 404, 200],
  ['PATCH /v1/nodes/spare', [{ op: 'add', path: '/extra/a', value: 1 }], 5, 404, 200],
  ['GET /v1/nodes?fields=uuid', undefined, 8, 406, 200],
  ['GET /v1/nodes?provision_state=enroll', undefined, 9, 406, 200],
  ['GET /v1/nodes?driver=fake-hardware', undefined, 16, 406, 200],
  ['GET /v1/drivers/fake-hardware/raid/logical_disk_properties', undefined, 12, 406, 200],
  ['PUT /v1/nodes/{node}/states/raid', {}, 12, 406, 204],
  ['GET /v1/nodes?resource_class=x', undefined, 21, 406, 200],
  ['GET /v1/lookup?node_uuid=x', undefined, 22, 404, 400],
  ['POST /v1/heartbeat/{node}', {}, 22, 404, 400],
  ['GET /v1/portgroups', undefined, 23, 404, 200],
  ['GET /v1/nodes/{node}/portgroups', undefined, 24, 404, 200],
  ['GET /v1/portgroups/{group}/ports', undefined, 24, 404, 200],
  ['GET /v1/ports?portgroup={group}', undefined, 24, 406, 200],
  ['PATCH /v1/nodes/{spare}', [{ op: 'remove', path: '/chassis_uuid' }], 25, 406, 200],
  ['PUT /v1/nodes/{node}/states/power', { target: 'soft power off', timeout: 0 }, 27, 406, 400],
  ['PUT /v1/nodes/{node}/states/power', { target: 'none', timeout: 5 }, 27, 406, 400],
  ['GET /v1/nodes/{node}/vifs', undefined, 28, 404, 200],
  ['PUT /v1/nodes/{node}/management/inject_nmi', {}, 29, 404, 204],
  ['GET /v1/drivers?type=dynamic', undefined, 30, 406, 200],
  ['GET /v1/drivers?detail=true', undefined, 30, 406, 200],
  ['GET /v1/volume', undefined, 32, 404, 200],
  ['GET /v1/nodes/{node}/volume', undefined, 32, 404, 200],
  ['GET /v1/nodes/{node}/volume/targets', undefined, 32, 404, 200],
  ['GET /v1/volume/connectors?detail=true', undefined, 32, 404, 200],
  ['GET /v1/nodes/{node}/traits', undefined, 37, 406, 200],
  ['PUT /v1/nodes/{node}/traits', { traits: [] }, 37, 405, 204],
  ['DELETE /v1/nodes/{node}/traits', undefined, 37, 404, 204],
  ['GET /v1/nodes/{node}/bios', undefined, 40, 404, 200],
  ['GET /v1/nodes?fault=power+failure', undefined, 42, 406, 200],
  ['GET /v1/nodes?detail=true', undefined, 43, 400, 200],
  ['GET /v1/ports?detail=true', undefined, 43, 400, 200],
  [
    'PATCH /v1/nodes/{node}?reset_interfaces=true',
    [{ op: 'add', path: '/driver', value: 'fake-hardware' }],
    45,
    406,
    200,
  ],
  ['GET /v1/nodes?conductor_group=', undefined, 46, 406, 200],
  ['GET /v1/conductors', undefined, 49, 404, 200],
  ['GET /v1/nodes?conductor=x', undefined, 49, 406, 200],
  ['GET /v1/nodes?owner=x', undefined, 50, 406, 200],
  ['GET /v1/nodes?description_contains=x', undefined, 51, 406, 200],
  ['GET /v1/allocations', undefined, 52, 404, 200],
  ['POST /v1/allocations', {}, 52, 405, 400],
  ['DELETE /v1/allocations/{nothing}', undefined, 52, 405, 404],
  ['GET /v1/nodes/{node}/allocation', undefined, 52, 404, 404],
  ['POST /v1/events', { events: [event] }, 54, 404, 204],
  ['GET /v1/deploy_templates', undefined, 55, 404, 200],
  ['POST /v1/deploy_templates', {}, 55, 405, 400],
  ['PATCH /v1/deploy_templates/{template}', [], 55, 405, 200],
  ['PATCH /v1/allocations/{allocation}', [], 57, 405, 200],
  ['POST /v1/allocations', { node: '{node}', resource_class: 'x' }, 58, 400, 409],
  ['GET /v1/allocations?owner=x', undefined, 60, 406, 200],
  ['GET /v1/nodes?retired=true', undefined, 61, 406, 200],
  ['GET /v1/nodes/{node}/management/indicators', undefined, 63, 404, 200],
  [
    'PATCH /v1/ports/{port}',
    [{ op: 'replace', path: '/local_link_connection', value: { network_type: 'unmanaged' } }],
    64,
    406,
    200,
  ],
  ['GET /v1/nodes?lessee=x', undefined, 65, 406, 200],
  ['GET /v1/nodes/{node}/bios?detail=true', undefined, 74, 400, 200],
  ['GET /v1/nodes/{node}/bios?fields=name', undefined, 74, 400, 200],
  ['PUT /v1/nodes/{node}/states/boot_mode', { target: 'uefi' }, 76, 404, 202],
  ['PUT /v1/nodes/{node}/states/secure_boot', { target: true }, 76, 404, 202],
  ['GET /v1/drivers?fields=name', undefined, 77, 406, 200],
  ['GET /v1/drivers/fake-hardware?fields=name', undefined, 77, 406, 200],
  ['GET /v1/nodes/{node}/history', undefined, 78, 404, 200],
  ['GET /v1/nodes/{node}/inventory', undefined, 81, 404, 404],
  ['GET /v1/shards', undefined, 82, 404, 200],
  ['GET /v1/nodes?shard=s', undefined, 82, 406, 200],
  ['GET /v1/nodes?sharded=true', undefined, 82, 406, 200],
  ['GET /v1/ports?shard=s', undefined, 82, 406, 200],
];

test.each(requests)('%s %j: since 1.%d, %d before and %d then', async (request, body, since, before, then) => {
  expect([await asked(since - 1, request, body), await asked(since, request, body)]).toEqual([before, then]);
});

/** What a provision state may be asked with: body, first microversion, status before. */
test.each([
  [{ target: 'provide' }, 4, 406],
  [{ target: 'inspect' }, 6, 406],
  [{ target: 'abort' }, 13, 406],
  [{ target: 'clean', clean_steps: clean }, 15, 406],
  [{ target: 'adopt' }, 17, 406],
  [{ target: 'rebuild', configdrive: 'x' }, 35, 400],
  [{ target: 'rescue', rescue_password: 'x' }, 38, 406],
  [{ target: 'unrescue' }, 38, 406],
  [{ target: 'active', configdrive: { meta_data: {} } }, 56, 400],
  [{ target: 'active', configdrive: { vendor_data: {} } }, 59, 400],
  [{ target: 'active', deploy_steps: [{ interface: 'deploy', step: 'x', priority: 1, args: {} }] }, 69, 406],
  [{ target: 'clean', clean_steps: clean, disable_ramdisk: true }, 70, 406],
  [{ target: 'deploy' }, 73, 406],
  [{ target: 'undeploy' }, 73, 406],
])('provision %j: since 1.%d, %d before', async (body, since, before) => {
  const request = 'PUT /v1/nodes/{node}/states/provision';
  expect(await asked(since - 1, request, body)).toBe(before);
  // Known from then on, and no way from enroll.
  expect(await asked(since, request, body)).toBe(400);
});

test('1.2 says available where 1.1 says null; 1.11 begins with enroll; 1.39 tells waiting from working', async () => {
  const made = async (minor: number) => (await bm.http.post('/v1/nodes', { driver: 'fake-hardware' }, at(minor))).json;
  const early = await made(10);
  expect(early.provision_state).toBe('available');
  expect((await bm.http.get(`/v1/nodes/${early.uuid}`, at(1))).json.provision_state).toBeNull();
  expect((await made(11)).provision_state).toBe('enroll');
});

test('1.5 to 1.9 name nodes as hosts are named', async () => {
  for (const name of ['a_b', 'a~b', '-a', 'x'.repeat(64)])
    expect(await asked(9, 'POST /v1/nodes', { driver: 'fake-hardware', name })).toBe(400);
  expect(await asked(9, 'POST /v1/nodes', { driver: 'fake-hardware', name: 'rack-1.example.org' })).toBe(201);
  expect(await asked(10, 'POST /v1/nodes', { driver: 'fake-hardware', name: 'a_b~1' })).toBe(201);
  expect(await asked(4, 'POST /v1/nodes', { driver: 'fake-hardware', name: 'early' })).toBe(406);
});

test('the version document names what a version has', async () => {
  const has = async (minor: number, name: string) => name in (await bm.http.get('/v1', at(minor))).json;
  const since = { lookup: 22, heartbeat: 22, portgroups: 23, volume: 32, conductors: 49, allocations: 52, events: 54 };
  for (const [name, minor] of Object.entries({ ...since, deploy_templates: 55, shards: 82 }))
    expect([name, await has(minor - 1, name), await has(minor, name)]).toEqual([name, false, true]);
});

test('a version out of range is refused with the range, and so is what is no version; latest is the newest', async () => {
  for (const version of ['1.0', '1.999', '2.1', 'x', '1']) {
    const answer = await bm.http.get('/v1/nodes', { 'x-openstack-ironic-api-version': version });
    expect([version, answer.status]).toEqual([version, 406]);
    expect(answer.headers.get('x-openstack-ironic-api-minimum-version')).toBe('1.1');
    expect(answer.headers.get('x-openstack-ironic-api-maximum-version')).toBe('1.96');
  }
  const newest = await bm.http.get('/v1/nodes', { 'x-openstack-ironic-api-version': 'latest' });
  expect(newest.headers.get('x-openstack-ironic-api-version')).toBe('1.96');
});
