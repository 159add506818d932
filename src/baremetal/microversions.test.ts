// What microversions 1.83 to 1.96 brought, and that older ones do not have it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestBaremetal, type TestBaremetal } from './testing/index.ts';

let bm: TestBaremetal;
const at = (version: string) => ({ 'x-openstack-ironic-api-version': version });
const newest = at('1.96');
let parent: string;

beforeAll(async () => {
  bm = await startTestBaremetal();
  parent = (await bm.http.post('/v1/nodes', { name: 'parent', driver: 'fake-hardware' })).json.uuid;
  await bm.http.post('/v1/nodes', { name: 'child', driver: 'fake-hardware', parent_node: parent }, newest);
  await bm.provision('parent', 'manage', 'manageable');
});
afterAll(() => bm.stop());

test.each([
  ['parent_node', '1.82', '1.83', 406],
  ['firmware_interface', '1.85', '1.86', 406],
  // Nobody's to change, at any version.
  ['service_step', '1.86', '1.87', 400],
  ['disable_power_off', '1.94', '1.95', 406],
])('the field %s is hidden at %s and shown at %s', async (field, before, since, refusal) => {
  expect((await bm.http.get('/v1/nodes/parent', at(before))).json).not.toHaveProperty(field);
  expect((await bm.http.get('/v1/nodes/parent', at(since))).json).toHaveProperty(field);
  const patch = [{ op: 'replace', path: `/${field}`, value: null }];
  expect((await bm.http.patch('/v1/nodes/parent', patch, at(before))).status).toBe(refusal);
});

test.each([
  ['GET', '/v1/nodes/parent/children', undefined, '1.83', 200],
  ['GET', '/v1/nodes/parent/firmware', undefined, '1.86', 200],
  ['POST', '/v1/nodes/parent/vmedia', { device_type: 'cdrom', image_url: 'http://x/a.iso' }, '1.89', 204],
  ['GET', '/v1/nodes/parent/vmedia', undefined, '1.93', 200],
  ['DELETE', '/v1/nodes/parent/vmedia', undefined, '1.89', 204],
  ['GET', '/v1/runbooks', undefined, '1.92', 200],
  ['GET', '/v1/inspection_rules', undefined, '1.96', 200],
])('%s %s %o is there from %s on', async (method, path, body, since, status) => {
  const before = `1.${Number(since.slice(2)) - 1}`;
  const asked = body === undefined ? {} : { body };
  expect([404, 405]).toContain((await bm.http.request(method, path, { ...asked, headers: at(before) })).status);
  expect((await bm.http.request(method, path, { ...asked, headers: at(since) })).status).toBe(status);
});

test('1.83: nodes inside of others are listed where they are asked for', async () => {
  const names = async (query: string) =>
    (await bm.http.get(`/v1/nodes${query}`, newest)).json.nodes.map(({ name }: { name: string }) => name);
  expect(await names('')).toEqual(['parent']);
  expect(await names('?include_children=true')).toEqual(['parent', 'child']);
  expect(await names(`?parent_node=${parent}`)).toEqual(['child']);
  const { json } = await bm.http.get('/v1/nodes/parent/children', newest);
  expect(json.children).toHaveLength(1);
});

test('1.89: virtual media are of three kinds; 1.93 reads them, and before there was nothing to read', async () => {
  const media = '/v1/nodes/parent/vmedia';
  expect((await bm.http.get(media, at('1.92'))).status).toBe(404);
  expect((await bm.http.delete(`${media}?device_types=cdrom,DISK`, newest)).status).toBe(204);
  expect((await bm.http.delete(`${media}?device_types=tape`, newest)).status).toBe(400);
  expect((await bm.http.post(media, { device_type: 'tape', image_url: 'http://x/a' }, newest)).status).toBe(400);
});

test('1.86: firmware shows what was there first and what is there now', async () => {
  const update = {
    interface: 'firmware',
    step: 'update',
    args: { settings: [{ component: 'bmc', url: 'http://x/2.1.0' }] },
  };
  await bm.http.get('/v1/nodes/parent/firmware', newest);
  await bm.provision('parent', 'clean', 'manageable', { clean_steps: [update] });
  const { firmware } = (await bm.http.get('/v1/nodes/parent/firmware', newest)).json;
  expect(firmware.find(({ component }: { component: string }) => component === 'bmc')).toMatchObject({
    initial_version: '2.0.0',
    current_version: '2.1.0',
    last_version_flashed: '2.1.0',
  });
});

test('1.88: a port has a name of its own and is found by it; 1.90 and 1.94 widen what it may be made of', async () => {
  const port = { node_uuid: parent, address: '52:54:00:00:01:01', name: 'eth0' };
  expect((await bm.http.post('/v1/ports', port, at('1.87'))).status).toBe(406);
  expect((await bm.http.post('/v1/ports', port, at('1.88'))).status).toBe(201);
  const twin = { ...port, address: '52:54:00:00:01:02' };
  expect((await bm.http.post('/v1/ports', twin, newest)).status).toBe(409);
  expect((await bm.http.get('/v1/ports/eth0', at('1.87'))).status).toBe(400);
  expect((await bm.http.get('/v1/ports/eth0', at('1.88'))).json.address).toBe(port.address);
  const link = { port_id: 'p', 'vtep-logical-switch': 'l', 'vtep-physical-switch': 'q' };
  const patch = [{ op: 'replace', path: '/local_link_connection', value: link }];
  expect((await bm.http.patch('/v1/ports/eth0', patch, at('1.89'))).status).toBe(400);
  expect((await bm.http.patch('/v1/ports/eth0', patch, at('1.90'))).status).toBe(200);
  const byName = { node_uuid: 'parent', address: '52:54:00:00:01:03' };
  expect((await bm.http.post('/v1/ports', byName, at('1.93'))).status).toBe(400);
  expect((await bm.http.post('/v1/ports', byName, at('1.94'))).json.node_uuid).toBe(parent);
});

test('1.91: NAME.json is a name like any other from here on', async () => {
  expect((await bm.http.get('/v1/nodes/parent.json', at('1.90'))).json.name).toBe('parent');
  expect((await bm.http.get('/v1/nodes/parent.json', at('1.91'))).status).toBe(404);
  await bm.http.post('/v1/nodes', { name: 'odd.json', driver: 'fake-hardware' });
  expect((await bm.http.get('/v1/nodes/odd.json', at('1.90'))).json.name).toBe('odd.json');
  expect((await bm.http.get('/v1/nodes/odd.json.json', at('1.90'))).json.name).toBe('odd.json');
  expect((await bm.http.get('/v1/nodes/odd.json', at('1.91'))).json.name).toBe('odd.json');
});

describe('1.92: runbooks', () => {
  const book = {
    name: 'CUSTOM_FACTORY',
    steps: [
      { interface: 'raid', step: 'delete_configuration', args: {}, order: 2 },
      { interface: 'deploy', step: 'erase_devices_metadata', args: {}, order: 1 },
    ],
  };
  const clean = { target: 'clean', runbook: 'CUSTOM_FACTORY' };

  test('are made, changed and removed', async () => {
    const made = await bm.http.post('/v1/runbooks', book, newest);
    expect([made.status, made.json]).toMatchObject([201, { public: false, disable_ramdisk: false, extra: {} }]);
    expect((await bm.http.post('/v1/runbooks', book, newest)).status).toBe(409);
    expect((await bm.http.post('/v1/runbooks', { ...book, name: 'small' }, newest)).status).toBe(400);
    const twice = { ...book, name: 'CUSTOM_X', steps: [book.steps[0], { ...book.steps[1], order: 2 }] };
    expect((await bm.http.post('/v1/runbooks', twice, newest)).status).toBe(400);
    const extra = [{ op: 'add', path: '/extra/a', value: 1 }];
    expect((await bm.http.patch('/v1/runbooks/CUSTOM_FACTORY', extra, newest)).json.extra).toEqual({ a: 1 });
  });

  test('run on nodes with the trait of their name, in their own order', async () => {
    const refused = await bm.http.put('/v1/nodes/parent/states/provision', clean, newest);
    expect([refused.status, refused.text]).toEqual([400, expect.stringMatching(/trait CUSTOM_FACTORY/)]);
    await bm.http.put('/v1/nodes/parent/traits', { traits: ['CUSTOM_FACTORY'] });
    expect((await bm.http.put('/v1/nodes/parent/states/provision', clean, at('1.91'))).status).toBe(406);
    const both = { ...clean, clean_steps: book.steps.slice(0, 1).map(({ order: _order, ...step }) => step) };
    expect((await bm.http.put('/v1/nodes/parent/states/provision', both, newest)).status).toBe(400);
    expect((await bm.http.put('/v1/nodes/parent/states/provision', clean, newest)).status).toBe(202);
    await bm.until('parent', ({ provision_state: state }) => state === 'manageable');
    const { history } = (await bm.http.get('/v1/nodes/parent/history')).json;
    const steps = history.map(({ event }: { event: string }) => event.split(' ')[2]);
    expect(steps.slice(-2)).toEqual(['deploy.erase_devices_metadata', 'raid.delete_configuration']);
  });
});

test('1.95: a node that must stay on is restarted where others are switched off', async () => {
  await bm.http.put('/v1/nodes/parent/states/power', { target: 'power on' });
  await bm.until('parent', ({ power_state: state }) => state === 'power on');
  await bm.http.patch('/v1/nodes/parent', [{ op: 'replace', path: '/disable_power_off', value: true }], newest);
  expect((await bm.http.put('/v1/nodes/parent/states/power', { target: 'power off' })).status).toBe(400);
  const off = { target: 'clean', clean_steps: [{ step: 'power_on' }, { step: 'power_off' }] };
  const refused = await bm.http.put('/v1/nodes/parent/states/provision', off, newest);
  expect([refused.status, refused.text]).toEqual([400, expect.stringMatching(/power_off.*disable_power_off is set/)]);
  await bm.provision('parent', 'provide', 'available');
  await bm.provision('parent', 'active', 'active');
  await bm.provision('parent', 'deleted', 'available');
  expect((await bm.http.get('/v1/nodes/parent')).json.power_state).toBe('power on');
  await bm.provision('parent', 'manage', 'manageable');
});

describe('1.96: inspection rules', () => {
  const rule = {
    description: 'racks',
    priority: 10,
    conditions: [{ op: 'eq', args: { values: ['{inventory[system_vendor][product_name]}', 'fake'] } }],
    actions: [
      { op: 'set-attribute', args: { path: '/extra/model', value: '{inventory[system_vendor][product_name]}' } },
      { op: 'set-attribute', args: { path: '/driver_info/redfish_password', value: 'geheim' } },
      { op: 'add-trait', args: { name: 'CUSTOM_FAKE' } },
    ],
  };

  test('change what inspection makes of a node', async () => {
    const made = await bm.http.post('/v1/inspection_rules', rule, newest);
    expect([made.status, made.json]).toMatchObject([201, { ...rule, phase: 'main', sensitive: false }]);
    await bm.provision('parent', 'inspect', 'manageable');
    const { extra, traits, driver_info: info } = (await bm.http.get('/v1/nodes/parent')).json;
    expect([extra, info.redfish_password]).toEqual([{ model: 'fake' }, '******']);
    expect(traits).toContain('CUSTOM_FAKE');
  });

  test('are refused where they cannot work, hide what is sensitive, and go all at once', async () => {
    const bad = { actions: [{ op: 'explode', args: {} }] };
    expect((await bm.http.post('/v1/inspection_rules', bad, newest)).status).toBe(400);
    const hidden = await bm.http.post('/v1/inspection_rules', { ...rule, sensitive: true }, newest);
    expect(hidden.text).not.toContain('geheim');
    const open = [{ op: 'replace', path: '/sensitive', value: false }];
    expect((await bm.http.patch(`/v1/inspection_rules/${hidden.json.uuid}`, open, newest)).status).toBe(400);
    const listed = (await bm.http.get('/v1/inspection_rules?phase=main&sort_key=sensitive', newest)).json;
    expect(
      listed.inspection_rules.map((one: object) => [Object.keys(one).sort().join(), Object(one).sensitive]),
    ).toEqual([
      ['description,links,phase,priority,sensitive,uuid', false],
      ['description,links,phase,priority,sensitive,uuid', true],
    ]);
    expect((await bm.http.get('/v1/inspection_rules?phase=early', newest)).json.inspection_rules).toEqual([]);
    expect((await bm.http.delete('/v1/inspection_rules', newest)).status).toBe(204);
    expect((await bm.http.get('/v1/inspection_rules', newest)).json.inspection_rules).toEqual([]);
  });

  test('may end an inspection with their words', async () => {
    await bm.http.post('/v1/inspection_rules', { actions: [{ op: 'fail', args: { msg: 'wrong rack' } }] }, newest);
    await bm.http.put('/v1/nodes/parent/states/provision', { target: 'inspect' });
    const failed = await bm.until('parent', ({ provision_state: state }) => state === 'inspect failed');
    expect(failed.last_error).toMatch(/An inspection rule ended the inspection: wrong rack/);
    await bm.http.delete('/v1/inspection_rules', newest);
    await bm.provision('parent', 'manage', 'manageable');
  });
});

test('indicators and BIOS settings are those of the machine', async () => {
  const lights = '/v1/nodes/parent/management/indicators';
  const { components } = (await bm.http.get(lights)).json;
  expect(components.map(({ name }: { name: string }) => name)).toEqual(['system', 'chassis']);
  const { indicators } = (await bm.http.get(`${lights}/system`)).json;
  expect(indicators).toMatchObject([{ name: 'led-0', readonly: false, states: ['ON', 'OFF', 'BLINKING'] }]);
  expect((await bm.http.put(`${lights}/system/led-0`, { state: 'BLINKING' })).status).toBe(204);
  expect((await bm.http.get(`${lights}/system/led-0`)).json).toEqual({ state: 'BLINKING' });
  expect((await bm.http.put(`${lights}/system/led-0`, { state: 'PINK' })).status).toBe(400);
  expect((await bm.http.get(`${lights}/system/led-9`)).status).toBe(404);
  expect((await bm.http.put(`${lights}/led-0@system`, { state: 'OFF' })).status).toBe(204);
  expect((await bm.http.get(`${lights}/led-0@system`)).json).toEqual({ state: 'OFF' });
  for (const name of ['led-9@system', 'led-0@nowhere', '@system'])
    expect((await bm.http.get(`${lights}/${name}`)).status).toBe(404);
  const { bios } = (await bm.http.get('/v1/nodes/parent/bios?detail=true')).json;
  expect(bios.map(({ name }: { name: string }) => name)).toContain('BootMode');
  const { BootMode } = (await bm.http.get('/v1/nodes/parent/bios/BootMode')).json;
  expect(BootMode).toMatchObject({ value: 'Uefi', allowable_values: ['Uefi', 'Bios'], reset_required: true });
  expect((await bm.http.get('/v1/nodes/parent/bios/None')).status).toBe(404);
});

test('vendor methods are listed, called by their HTTP method, and check their arguments', async () => {
  const path = '/v1/nodes/parent/vendor_passthru';
  expect((await bm.http.get(`${path}/methods`)).json.third_method_sync).toMatchObject({
    http_methods: ['POST'],
    async: false,
    attach: false,
  });
  const called = await bm.http.post(`${path}?method=third_method_sync`, { bar: 'baz' });
  expect([called.status, called.json]).toEqual([200, true]);
  expect((await bm.http.post(`${path}/first_method`, { bar: 'baz' })).status).toBe(202);
  expect((await bm.http.post(`${path}/first_method`, {})).status).toBe(400);
  expect((await bm.http.put(`${path}/first_method`, { bar: 'baz' })).status).toBe(400);
  expect((await bm.http.post(`${path}/none`, {})).status).toBe(400);
});
