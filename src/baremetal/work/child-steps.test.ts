// Steps that run on the nodes within a node: over HTTP, on fake hardware.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { watchedFake } from '../testing/watched-fake.ts';

const newest = { 'x-openstack-ironic-api-version': '1.96' };
let bm: TestBaremetal;
/** What was done to the machines, in order. */
const effects: string[] = [];

beforeAll(async () => {
  bm = await startTestBaremetal({ hardware: [watchedFake(effects)] });
  const chassis = await bm.http.post('/v1/nodes', { name: 'host', driver: 'fake-hardware' }, newest);
  for (const name of ['dpu-1', 'dpu-2', 'new'])
    await bm.http.post('/v1/nodes', { name, driver: 'fake-hardware', parent_node: chassis.json.uuid }, newest);
  for (const name of ['host', 'dpu-1', 'dpu-2']) await bm.provision(name, 'manage', 'manageable');
}, 60_000);
afterAll(() => bm.stop());

const reset = { interface: 'bios', step: 'factory_reset', execute_on_child_nodes: true };
const clean = (...steps: object[]) =>
  bm.http.put('/v1/nodes/host/states/provision', { target: 'clean', clean_steps: steps }, newest);
async function history(node: string): Promise<string[]> {
  const { history: entries } = (await bm.http.get(`/v1/nodes/${node}/history?detail=true`)).json;
  return entries.map(({ event }: { event: string }) => event.replace(/[\d.]+ s$/, 'S'));
}

test('a step runs on the children that it is limited to, in their order, and not on the node itself', async () => {
  effects.length = 0;
  await bm.provision('host', 'clean', 'manageable', {
    clean_steps: [
      { ...reset, limit_child_node_execution: ['dpu-1', 'dpu-2'] },
      { step: 'power_off', execute_on_child_nodes: true, limit_child_node_execution: ['dpu-2'] },
    ],
  });
  expect(effects).toEqual([
    ...['bios.factory_reset waiting', 'power off', 'power on', 'bios.factory_reset done'],
    ...['bios.factory_reset waiting', 'power off', 'power on', 'bios.factory_reset done'],
    'power off',
  ]);
  expect(await history('dpu-2')).toEqual([
    'clean step bios.factory_reset ended after S',
    'clean step power.power_off ended after S',
  ]);
  const child = (await bm.http.get('/v1/nodes/dpu-2', newest)).json;
  expect(child).toMatchObject({
    provision_state: 'manageable',
    power_state: 'power off',
    reservation: null,
    clean_step: {},
  });
});

test('a child that cannot be worked on ends the work with its name', async () => {
  expect((await clean(reset)).status).toBe(202);
  const failed = await bm.until('host', ({ provision_state: state }) => state === 'clean failed');
  const { uuid } = (await bm.http.get('/v1/nodes/new')).json;
  expect(failed.last_error).toContain(`failed on child node ${uuid}: Node ${uuid} is enroll`);
  await bm.provision('host', 'manage', 'manageable');
});

test.each([
  ['a child that is none', { ...reset, limit_child_node_execution: ['stranger'] }, /no child node stranger/],
  ['a step of the ramdisk', { ...reset, interface: 'deploy', step: 'erase_devices' }, /needs the ramdisk/],
  ['a hold', { step: 'hold', execute_on_child_nodes: true }, /can not run on child nodes/],
  ['a step that the child does not offer', { ...reset, step: 'fly' }, /does not support|needs the ramdisk/],
  ['a flag that is none', { ...reset, execute_on_child_nodes: 'often' }, /Invalid input|execute_on_child_nodes/],
])('%s is refused with the request', async (_what, step, message) => {
  const answer = await clean(step);
  expect([answer.status, answer.text]).toEqual([400, expect.stringMatching(message)]);
});
