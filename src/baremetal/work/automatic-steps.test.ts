// Automatic cleaning by the driver's steps, and what happens to holds that nobody ends.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { watchedFake } from '../testing/watched-fake.ts';

let bm: TestBaremetal;
const effects: string[] = [];

beforeAll(async () => {
  const hardware = watchedFake(effects, (step) =>
    step.step === 'factory_reset' ? { ...step, priority: 10, abortable: false } : step,
  );
  bm = await startTestBaremetal({ hardware: [hardware], config: { holdTimeoutMs: 200 } });
  await bm.http.post('/v1/nodes', { name: 'a', driver: 'fake-hardware', automated_clean: true });
  await bm.provision('a', 'manage', 'manageable');
});
afterAll(() => bm.stop());

test('a hold that nobody ends fails at its deadline', async () => {
  await bm.http.put('/v1/nodes/a/states/provision', { target: 'clean', clean_steps: [{ step: 'hold' }] });
  const failed = await bm.until('a', ({ provision_state: state }) => state === 'clean failed');
  expect(failed.last_error).toMatch(/held for .* nobody said unhold/);
  await bm.provision('a', 'manage', 'manageable');
});

test('automatic cleaning runs the steps of the driver that have a priority', async () => {
  effects.length = 0;
  await bm.provision('a', 'provide', 'available');
  expect(effects).toEqual(['bios.factory_reset waiting', 'power off', 'power on', 'bios.factory_reset done']);
});

test('a node that is to be retired is cleaned after its last use and not offered again', async () => {
  await bm.provision('a', 'active', 'active');
  await bm.http.patch('/v1/nodes/a', [{ op: 'add', path: '/retired', value: true }]);
  await bm.provision('a', 'deleted', 'manageable');
  expect(effects.at(-1)).toBe('bios.factory_reset done');
});
