// Machines that go off by themselves: reported, restored or accepted as their node says.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFakeHardware } from '../hardware/index.ts';
import { startTestBaremetal, type TestBaremetal } from './testing/index.ts';

let bm: TestBaremetal;
const metal = { ...createFakeHardware(), name: 'metal' };
const switchOff = (name: string) => metal.machine({ fake_id: name }).power.change('power off', { timeoutMs: 1000 });

beforeAll(async () => {
  bm = await startTestBaremetal({ hardware: [metal], config: { powerSyncMs: 50 } });
  await bm.baremetal.start();
  for (const policy of ['report', 'restore', 'accept']) {
    await bm.http.post('/v1/nodes', {
      name: policy,
      driver: 'metal',
      driver_info: { fake_id: policy },
      properties: { power_policy: policy },
    });
    await bm.provision(policy, 'manage', 'manageable');
    await bm.provision(policy, 'provide', 'available');
    await bm.provision(policy, 'active', 'active');
  }
});
afterAll(() => bm.stop());

test('report leaves it off with a fault, which goes when it is on again', async () => {
  await switchOff('report');
  const off = await bm.until('report', (node) => node.fault !== null);
  expect(off).toMatchObject({ power_state: 'power off', fault: 'power deviation' });
  expect(off.last_error).toMatch(/found off while it should be on/);
  expect((await bm.events('report')).rows).toContain('baremetal.node.power_deviation');
  await metal.machine({ fake_id: 'report' }).power.change('power on', { timeoutMs: 1000 });
  await bm.until('report', (node) => node.fault === null && node.power_state === 'power on');
});

test('restore switches it on again', async () => {
  await switchOff('restore');
  await bm.until('restore', (node) => node.last_error !== null || node.target_power_state !== null);
  const on = await bm.until('restore', (node) => node.power_state === 'power on' && node.reservation === null);
  expect(on.fault).toBeNull();
  expect((await bm.events('restore')).rows).toContain('baremetal.node.power_deviation');
});

test('accept takes it as wanted', async () => {
  await switchOff('accept');
  const off = await bm.until('accept', (node) => node.power_state === 'power off');
  expect([off.fault, off.last_error]).toEqual([null, null]);
});
