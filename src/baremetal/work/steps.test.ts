// Steps on fake hardware over HTTP: cleaning, deploying, servicing, holds, restarts that are shared, templates.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HardwareError } from '../../hardware/index.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { watchedFake } from '../testing/watched-fake.ts';

let bm: TestBaremetal;
/** What was done to the machines, in order. */
const effects: string[] = [];
/** The step that the BMC does not answer. */
let silent = '';
const hyperthreading = { settings: [{ name: 'ProcHyperthreading', value: 'Disabled' }] };

async function enrolled(name: string): Promise<void> {
  await bm.http.post('/v1/nodes', { name, driver: 'fake-hardware', resource_class: 'baremetal' });
  await bm.provision(name, 'manage', 'manageable');
}

beforeAll(async () => {
  const silence = (name: string) => {
    if (name === silent) throw new HardwareError('unreachable', 'The BMC cannot be reached.');
  };
  bm = await startTestBaremetal({ hardware: [watchedFake(effects, undefined, silence)] });
  for (const name of ['n1', 'n2', 'n3']) await enrolled(name);
});
afterAll(() => bm.stop());

const newest = { 'x-openstack-ironic-api-version': '1.96' };
const fields = async (name: string) => (await bm.http.get(`/v1/nodes/${name}`)).json;

test('manual cleaning runs the steps in the order given, and two that need a restart share it', async () => {
  effects.length = 0;
  await bm.http.put('/v1/nodes/n1/states/raid', { logical_disks: [{ size_gb: 42, raid_level: '1' }] });
  await bm.provision('n1', 'clean', 'manageable', {
    clean_steps: [
      { interface: 'bios', step: 'apply_configuration', args: hyperthreading },
      { interface: 'firmware', step: 'update', args: { settings: [{ component: 'bmc', url: 'http://x/2.1.0.bin' }] } },
      { interface: 'raid', step: 'create_configuration' },
      { interface: 'deploy', step: 'erase_devices_metadata' },
    ],
  });
  expect(effects).toEqual([
    'bios.apply_configuration waiting',
    'firmware.update waiting',
    'raid.create_configuration done',
    'power off',
    'power on',
    'bios.apply_configuration done',
    'firmware.update done',
  ]);
  expect((await fields('n1')).raid_config).toMatchObject({ logical_disks: [{ size_gb: 42, raid_level: '1' }] });
  const { history } = (await bm.http.get('/v1/nodes/n1/history?detail=true')).json;
  expect(history.map(({ event }: { event: string }) => event.replace(/[\d.]+ s$/, 'S'))).toEqual([
    'clean step raid.create_configuration ended after S',
    'clean step bios.apply_configuration ended after S',
    'clean step firmware.update ended after S',
    'clean step deploy.erase_devices_metadata ended after S',
  ]);
});

test('cleaning that was parked does not do again what is over when it is resumed', async () => {
  effects.length = 0;
  silent = 'firmware.update';
  const reset = { interface: 'bios', step: 'factory_reset' };
  const update = { component: 'bmc', url: 'http://x/2.1.0.bin' };
  await bm.http.put('/v1/nodes/n2/states/provision', {
    target: 'clean',
    clean_steps: [
      { step: 'power_on' },
      { interface: 'deploy', step: 'erase_devices_metadata' },
      reset,
      { step: 'reboot' },
      reset,
      { interface: 'firmware', step: 'update', args: { settings: [update] } },
    ],
  });
  await bm.until('n2', (node) => node.provision_state === 'clean failed');
  const done = effects.splice(0);
  expect(done.filter((one) => one === 'bios.factory_reset done')).toHaveLength(1);
  silent = '';
  const [parked] = await bm.operations.list({ kind: 'node.clean', states: ['parked'] });
  await bm.operations.resume(parked?.id ?? '');
  await bm.until('n2', (node) => node.provision_state === 'manageable');
  expect(effects).toEqual([
    'power on',
    ...['bios.factory_reset waiting', 'firmware.update waiting', 'power off', 'power on'],
    ...['bios.factory_reset done', 'firmware.update done'],
  ]);
  const { history } = (await bm.http.get('/v1/nodes/n2/history?detail=true')).json;
  const erased = history.filter(({ event }: { event: string }) => event.includes('erase_devices_metadata ended'));
  expect(erased).toHaveLength(1);
});

test('two steps of one interface do not share a restart, for the second builds on the first', async () => {
  effects.length = 0;
  await bm.provision('n1', 'clean', 'manageable', {
    clean_steps: [
      { interface: 'bios', step: 'factory_reset' },
      { interface: 'bios', step: 'apply_configuration', args: hyperthreading },
    ],
  });
  expect(effects.filter((one) => one === 'power off')).toHaveLength(2);
});

test('a hold keeps the node until unhold; it shows what it waits for and until when', async () => {
  await bm.http.put('/v1/nodes/n1/states/provision', {
    target: 'clean',
    clean_steps: [
      { step: 'hold' },
      { step: 'power_on' },
      { step: 'wait', args: { seconds: 1 } },
      { step: 'power_off' },
    ],
  });
  const held = await bm.until('n1', ({ provision_state: state }) => state === 'clean hold');
  expect(held).toMatchObject({ target_provision_state: 'manageable', clean_step: { step: 'hold' }, reservation: null });
  effects.length = 0;
  expect((await bm.http.put('/v1/nodes/n1/states/provision', { target: 'unhold' })).status).toBe(406);
  expect((await bm.http.put('/v1/nodes/n1/states/provision', { target: 'unhold' }, newest)).status).toBe(202);
  await bm.until('n1', ({ provision_state: state }) => state === 'manageable');
  expect(effects).toEqual(['power on', 'power off']);
  expect((await fields('n1')).clean_step).toEqual({});
});

test('a hold can be aborted', async () => {
  const clean = { target: 'clean', clean_steps: [{ step: 'hold' }] };
  await bm.http.put('/v1/nodes/n2/states/provision', clean);
  await bm.until('n2', ({ provision_state: state }) => state === 'clean hold');
  expect((await bm.http.put('/v1/nodes/n2/states/provision', { target: 'abort' })).status).toBe(202);
  const aborted = await bm.until('n2', ({ provision_state: state }) => state === 'clean failed');
  expect(aborted.last_error).toMatch(/Aborted by .* in state "clean hold"/);
  await bm.provision('n2', 'manage', 'manageable');
});

test('a trait of the instance runs the steps of the template of that name, around the core step by priority', async () => {
  await bm.http.put('/v1/nodes/n2/traits', { traits: ['CUSTOM_HT', 'CUSTOM_RAID1'] });
  await bm.http.put('/v1/nodes/n2/states/raid', { logical_disks: [{ size_gb: 42, raid_level: '1' }] });
  const template = (name: string, step: object) => bm.http.post('/v1/deploy_templates', { name, steps: [step] });
  const { status } = await template('CUSTOM_HT', {
    interface: 'bios',
    step: 'apply_configuration',
    args: hyperthreading,
    priority: 150,
  });
  expect(status).toBe(201);
  await template('CUSTOM_RAID1', { interface: 'raid', step: 'create_configuration', args: {}, priority: 50 });
  const raid = { interface: 'raid', step: 'delete_configuration', args: {}, priority: 140 };
  await bm.http.patch('/v1/nodes/n2', [
    { op: 'add', path: '/instance_info/traits', value: ['CUSTOM_HT', 'CUSTOM_RAID1'] },
  ]);
  await bm.provision('n2', 'provide', 'available');
  effects.length = 0;
  await bm.provision('n2', 'active', 'active', { deploy_steps: [raid] });
  expect(effects).toEqual([
    'bios.apply_configuration waiting',
    'raid.delete_configuration done',
    'power off',
    'power on',
    'bios.apply_configuration done',
    'power on',
    'raid.create_configuration done',
  ]);
});

test('traits that the node lacks are refused with the request', async () => {
  await bm.http.patch('/v1/nodes/n3', [{ op: 'add', path: '/instance_info/traits', value: ['CUSTOM_NONE'] }]);
  await bm.provision('n3', 'provide', 'available');
  const answer = await bm.http.put('/v1/nodes/n3/states/provision', { target: 'active' });
  expect([answer.status, answer.text]).toEqual([400, expect.stringMatching(/missing traits CUSTOM_NONE/)]);
  await bm.provision('n3', 'manage', 'manageable');
});

test('service steps run on a machine in use, which stays in use', async () => {
  const service_steps = [{ interface: 'bios', step: 'factory_reset' }, { step: 'hold' }, { step: 'reboot' }];
  const asked = { target: 'service', service_steps };
  expect((await bm.http.put('/v1/nodes/n2/states/provision', asked)).status).toBe(406);
  expect((await bm.http.put('/v1/nodes/n2/states/provision', asked, newest)).status).toBe(202);
  await bm.until('n2', ({ provision_state: state }) => state === 'service hold');
  await bm.http.put('/v1/nodes/n2/states/provision', { target: 'unhold' }, newest);
  await bm.until('n2', ({ provision_state: state }) => state === 'active');
});

test.each([
  ['an interface that is none', [{ interface: 'soap', step: 'x' }], /Invalid input/],
  ['a step that fake hardware has not', [{ interface: 'deploy', step: 'fly' }], /does not support this clean step/],
  ['an argument too many', [{ interface: 'bios', step: 'factory_reset', args: { x: 1 } }], /unexpected arguments: x/],
  [
    'an argument too few',
    [{ interface: 'bios', step: 'apply_configuration' }],
    /missing these required arguments: settings/,
  ],
  ['a wrong argument', [{ step: 'wait', args: { seconds: 'long' } }], /wait.*integer/],
  ['no interface for a step of the driver', [{ step: 'factory_reset' }], /Invalid input/],
])('%s is refused with the request, and the node stays as it is', async (_what, clean_steps, message) => {
  const answer = await bm.http.put('/v1/nodes/n3/states/provision', { target: 'clean', clean_steps });
  expect([answer.status, answer.text]).toEqual([400, expect.stringMatching(message)]);
  expect((await fields('n3')).provision_state).toBe('manageable');
});

test('a step that needs the ramdisk is refused where the request keeps it out', async () => {
  const asked = { target: 'clean', disable_ramdisk: true };
  const erase = { ...asked, clean_steps: [{ interface: 'deploy', step: 'erase_devices' }] };
  expect((await bm.http.put('/v1/nodes/n3/states/provision', erase)).text).toMatch(/needs the ramdisk/);
  await bm.provision('n3', 'clean', 'manageable', {
    disable_ramdisk: true,
    clean_steps: [{ interface: 'bios', step: 'factory_reset' }],
  });
});

test('a node whose cleaning fails is not offered for use', async () => {
  const create = { interface: 'raid', step: 'create_configuration' };
  await bm.http.put('/v1/nodes/n3/states/provision', { target: 'clean', clean_steps: [create] });
  const failed = await bm.until('n3', ({ provision_state: state }) => state === 'clean failed');
  expect(failed.last_error).toMatch(/no target_raid_config/);
  expect((await bm.http.put('/v1/nodes/n3/states/provision', { target: 'provide' })).status).toBe(400);
});
