// The introspection API over HTTP: what its clients ask, on fake hardware and on a simulated machine.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFakeHardware } from '../../hardware/index.ts';
import { serve, testAdmin } from '../../openstack/testing/index.ts';
import { malformedRequests } from '../../openstack/testing/malformed.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { type SimulatedMachine, simulatedMachine } from '../testing/simulated-machine.ts';

let bm: TestBaremetal;
let machine: SimulatedMachine;
const uuids: Record<string, string> = {};

beforeAll(async () => {
  machine = simulatedMachine({ apiUrl: () => bm.machines.url, mac: '52:54:00:aa:00:01' });
  bm = await startTestBaremetal({
    hardware: [createFakeHardware(), machine.driver],
    images: [
      { id: 'deploy-kernel', data: Buffer.from('kernel') },
      { id: 'deploy-ramdisk', data: Buffer.from('ramdisk') },
    ],
  });
  for (const [name, driver] of Object.entries({ a: 'fake-hardware', b: 'fake-hardware', m: 'redfish' })) {
    const inspect = driver === 'redfish' ? { inspect_interface: 'agent' } : {};
    uuids[name] = (await bm.http.post('/v1/nodes', { name, driver, ...inspect })).json.uuid;
    await bm.provision(name, 'manage', 'manageable');
  }
  await bm.http.post('/v1/ports', { node_uuid: uuids.m, address: machine.mac });
}, 60_000);
afterAll(async () => {
  await bm?.stop();
  await machine?.stop();
});

const get = (path: string, headers = {}) => bm.introspection.get(path, headers);
const post = (path: string, body?: unknown, headers = {}) => bm.introspection.post(path, body, headers);
const at = (version: string) => ({ 'x-openstack-ironic-inspector-api-version': version });

/** Waits for the end of the node's introspection. */
async function finished(node: string): Promise<Record<string, unknown>> {
  for (;;) {
    const { json } = await get(`/v1/introspection/${node}`);
    if (json.finished) return json;
    await new Promise((wake) => setTimeout(wake, 10));
  }
}

test('tells its versions to anybody, and refuses others', async () => {
  const root = await get('');
  expect(root.json.versions).toEqual([
    { id: '1.18', status: 'CURRENT', links: [{ href: `${bm.introspection.url}/v1`, rel: 'self' }] },
  ]);
  expect(root.headers.get('x-openstack-ironic-inspector-api-minimum-version')).toBe('1.0');
  expect(root.headers.get('x-openstack-ironic-inspector-api-maximum-version')).toBe('1.18');
  expect((await get('/v1')).json.resources.map(({ name }: { name: string }) => name)).toEqual([
    'introspection',
    'rules',
  ]);
  expect(await get('/v1/rules', at('1.19'))).toMatchObject({
    status: 406,
    json: { error: { message: expect.stringContaining('1.0 to 1.18') } },
  });
  expect((await get('/v1/rules', at('new'))).status).toBe(400);
});

test('an introspection is started by name, told, and its data are there', async () => {
  expect(await get('/v1/introspection/a')).toMatchObject({ status: 404 });
  expect(await get('/v1/introspection/a/data')).toMatchObject({ status: 404 });
  expect(await post('/v1/introspection/a')).toMatchObject({ status: 202, text: '' });
  const status = await finished('a');
  expect(status).toMatchObject({ uuid: uuids.a, state: 'finished', error: null });
  expect(status.links).toEqual([{ href: `${bm.introspection.url}/v1/introspection/${uuids.a}`, rel: 'self' }]);
  expect(String(status.finished_at) > String(status.started_at)).toBe(true);
  expect((await get('/v1/introspection/a/data')).json.inventory).toHaveProperty('cpu');
});

test('lists the newest first, by page and by state', async () => {
  await post('/v1/introspection/b');
  await finished('b');
  const ids = async (query: string) =>
    (await get(`/v1/introspection${query}`)).json.introspection.map(({ uuid }: { uuid: string }) => uuid);
  expect(await ids('')).toEqual([uuids.b, uuids.a]);
  expect(await ids('?limit=1')).toEqual([uuids.b]);
  expect(await ids(`?limit=1&marker=${uuids.b}`)).toEqual([uuids.a]);
  expect(await ids(`?marker=${uuids.a}`)).toEqual([]);
  expect(await ids('?state=finished,error')).toHaveLength(2);
  expect(await ids('?state=waiting')).toEqual([]);
});

test.each([
  ['/v1/introspection?state=odd', 400, /"odd" is none of aborting/],
  ['/v1/introspection?limit=-1', 400, /limit/],
  ['/v1/introspection?limit=1001', 400, /up to 1000/],
  ['/v1/introspection?marker=x', 400, /no UUID/],
  ['/v1/introspection?marker=00000000-0000-4000-8000-000000000000', 404, /could not be found/],
  ['/v1/introspection?colour=red', 400, /colour/],
  ['/v1/introspection/nobody', 404, /nobody/],
  ['/v1/rules/nobody', 404, /nobody/],
  ['/v1/nothing', 404, /./],
])('GET %s is %i', async (path, status, reason) => {
  const answer = await get(path);
  expect(answer.status).toBe(status);
  expect(answer.json.error.message).toMatch(reason);
});

test('what a node does not allow is refused with the reason', async () => {
  await bm.http.post('/v1/nodes', { name: 'new', driver: 'fake-hardware' });
  expect(await post('/v1/introspection/new')).toMatchObject({
    status: 400,
    json: { error: { message: expect.stringContaining('"enroll"') } },
  });
  expect((await post('/v1/introspection/a?manage_boot=often')).status).toBe(400);
  expect(await post('/v1/introspection/a/abort')).toMatchObject({ status: 400 });
  expect(await post('/v1/introspection/new/abort')).toMatchObject({ status: 404 });
  expect(await post('/v1/introspection/new/data/unprocessed')).toMatchObject({ status: 404 });
});

test('one that waits for its ramdisk can be aborted, and says so', async () => {
  machine.stuck = true;
  await post('/v1/introspection/m');
  await bm.until('m', ({ provision_state: state }) => state === 'inspect wait');
  expect((await get('/v1/introspection/m')).json).toMatchObject({
    state: 'waiting',
    finished: false,
    finished_at: null,
  });
  expect((await post('/v1/introspection/m/abort')).status).toBe(202);
  expect(await finished('m')).toMatchObject({ state: 'error', error: 'Canceled by operator' });
  machine.stuck = false;
});

test('with manage_boot off the machine is neither switched nor told where to start from; the ramdisk that comes is heard', async () => {
  machine.effects.length = 0;
  expect((await post('/v1/introspection/m?manage_boot=0')).status).toBe(202);
  await bm.until('m', ({ provision_state: state }) => state === 'inspect wait');
  expect(machine.effects).toEqual([]);
  const { power } = machine.driver.machine({});
  await power.change('power off', { timeoutMs: 1000 });
  await power.change('power on', { timeoutMs: 1000 });
  expect(await finished('m')).toMatchObject({ state: 'finished', error: null });
  expect(machine.effects).toEqual(['off', 'on']);
  const { json } = await get('/v1/introspection/m/data');
  expect(json).toMatchObject({ cpus: 2, model: 'Testbox', macs: [machine.mac], inventory: { cpu: { count: 2 } } });
  expect(json.all_interfaces).toEqual({ eth0: { mac: machine.mac, ip: '127.0.0.1' } });
  expect(json.interfaces).toEqual(json.all_interfaces);
});

test('one that a silent BMC has ended is under way again when it is resumed', async () => {
  machine.dead = true;
  await post('/v1/introspection/m');
  expect(await finished('m')).toMatchObject({ state: 'error', error: expect.stringContaining('cannot be reached') });
  machine.dead = false;
  const [parked] = await bm.operations.list({ kind: 'node.inspect', target: `node:${uuids.m}`, limit: 1 });
  await bm.operations.resume(parked?.id ?? '');
  await bm.until('m', ({ provision_state: state }) => state === 'manageable');
  expect((await get('/v1/introspection/m')).json).toMatchObject({ state: 'finished', error: null });
});

const rule = {
  description: 'machines with CPUs',
  conditions: [{ op: 'ge', field: 'cpus', value: 1 }],
  actions: [{ action: 'set-attribute', path: '/extra/arch', value: '{data[cpu_arch]}' }],
};

test('a rule is kept as it was written and runs when the data are applied anew', async () => {
  const made = await post('/v1/rules', { ...rule, scope: 'east' });
  expect(made.status).toBe(201);
  const { uuid } = made.json;
  expect(made.json).toEqual({
    uuid,
    description: rule.description,
    scope: 'east',
    conditions: [{ ...rule.conditions[0], multiple: 'any', invert: false }],
    actions: rule.actions,
    links: [{ href: `${bm.introspection.url}/v1/rules/${uuid}`, rel: 'self' }],
  });
  expect((await get(`/v1/rules/${uuid}`)).json).toEqual(made.json);
  expect((await get('/v1/rules')).json.rules).toMatchObject([{ uuid, description: rule.description }]);
  expect((await post('/v1/rules', { ...rule, uuid })).status).toBe(409);

  const patch = [{ op: 'add', path: '/properties/inspection_scope', value: 'east' }];
  await bm.http.patch('/v1/nodes/m', patch);
  expect((await post('/v1/introspection/m/data/unprocessed')).status).toBe(202);
  expect(await finished('m')).toMatchObject({ state: 'finished', error: null });
  const node = (await bm.http.get('/v1/nodes/m')).json;
  expect(node).toMatchObject({ extra: { arch: 'x86_64' }, reservation: null, provision_state: 'manageable' });
  expect((await bm.introspection.delete(`/v1/rules/${uuid}`)).status).toBe(204);
  expect((await bm.introspection.delete(`/v1/rules/${uuid}`)).status).toBe(404);
});

test('data may be given; a rule that says no ends in an error', async () => {
  expect((await post('/v1/rules', { actions: [{ action: 'fail', message: 'not today' }] }, at('1.5'))).status).toBe(
    200,
  );
  const before = (await get('/v1/introspection/a/data/unprocessed')).json;
  expect(await post('/v1/introspection/a/data/unprocessed', { inventory: 1 })).toMatchObject({ status: 400 });
  const given = { ...before, inventory: { ...before.inventory, cpu: { count: 3, architecture: 'x86_64' } } };
  expect((await post('/v1/introspection/a/data/unprocessed', given)).status).toBe(202);
  expect(await finished('a')).toMatchObject({ state: 'error', error: expect.stringContaining('not today') });
  expect((await get('/v1/introspection/a/data/unprocessed')).json).toEqual(given);
});

test('rules of the bare metal API are neither shown nor removed here; one that is rewritten there is one of them', async () => {
  const newest = { 'x-openstack-ironic-api-version': '1.96' };
  const { json } = await bm.http.get('/v1/inspection_rules', newest);
  const [{ uuid }] = json.inspection_rules;
  const actions = [{ op: 'log', args: { msg: 'x' } }];
  const patch = [{ op: 'replace', path: '/actions', value: actions }];
  const patched = await bm.http.patch(`/v1/inspection_rules/${uuid}`, patch, newest);
  expect(patched).toMatchObject({ status: 200, json: { actions } });
  expect((await get('/v1/rules')).json).toEqual({ rules: [] });
  const { uuid: own } = (await post('/v1/rules', rule)).json;
  expect((await get('/v1/rules')).json.rules).toMatchObject([{ uuid: own }]);
  expect((await bm.introspection.delete('/v1/rules')).status).toBe(204);
  expect((await bm.http.get('/v1/inspection_rules', newest)).json.inspection_rules).toMatchObject([{ uuid }]);
});

test.each([
  [{ ...rule, actions: [] }, /actions/],
  [{ ...rule, colour: 1 }, /colour/],
  [{ ...rule, uuid: 'x' }, /uuid/],
  [{ ...rule, conditions: [{ op: 'eq', field: 'a..b', value: 1 }] }, /conditions\[0\]\.field/],
  [{ ...rule, conditions: [{ op: 'eq', value: 1 }] }, /conditions\.0/],
])('the rule %o is 400 with the name of what is wrong', async (body, reason) => {
  const answer = await post('/v1/rules', body);
  expect(answer.status).toBe(400);
  expect(answer.json.error.message).toMatch(reason);
});

test('500 malformed requests are refused in words, none with a server error', async () => {
  const existing = (_path: string, parameter: string) => (parameter === ':node' ? uuids.b : undefined);
  const requests = malformedRequests(bm.baremetal.introspectionApi, { seed: 7, count: 500, existing });
  for (const { method, path, body } of requests) {
    const answer = await bm.introspection.request(method, path, body === undefined ? {} : { body });
    const asked = `${method} ${path} ${body}: ${answer.status} ${answer.text}`;
    expect(answer.status, asked).toBeLessThan(500);
    if (answer.status >= 400) expect(answer.json, asked).toEqual({ error: { message: expect.any(String) } });
  }
});

const system = { systemScope: 'all' } as const;
test.each([
  ['a reader of the system', { roles: ['reader'], ...system }, [200, 403, 403]],
  ['a member of the system', { roles: ['member', 'reader'], ...system }, [200, 403, 403]],
  ['an admin of the system', { roles: ['admin'], ...system }, [200, 200, 202]],
  ['an admin of a project', { roles: ['admin'], projectId: 'p' }, [200, 200, 202]],
  ['an observer', { roles: ['baremetal_observer'], projectId: 'p' }, [200, 403, 403]],
  ['a member of a project', { roles: ['member', 'reader'], projectId: 'p' }, [403, 403, 403]],
] as const)('%s passes as far as Inspector lets them', async (_who, { roles, ...scope }, [status, data, start]) => {
  const caller = { userId: testAdmin.userId, roles, ...scope };
  const asking = await serve(bm.baremetal.introspectionApi, { caller: () => caller });
  expect((await asking.get('/v1/introspection/b')).status).toBe(status);
  expect((await asking.get('/v1/introspection/b/data')).status).toBe(data);
  expect((await asking.post('/v1/introspection/b', undefined)).status).toBe(start);
  await asking.close();
  await finished('b');
});
