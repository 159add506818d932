// A ramdisk that runs on is used by the next work; one that is silent, too long ago or gone is started anew.
import { sql } from 'kysely';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { startOneMachine } from '../testing/one-machine.ts';

const { bm, machine, image, stop } = await startOneMachine({
  config: { automatedClean: true, fastTrack: true },
  node: { inspect_interface: 'agent' },
});
afterAll(stop);
beforeEach(() => {
  machine.effects.length = 0;
});

/** What was done, however the firmware boots. */
const effects = () => machine.effects.map((one) => one.replace(' by uefi', ''));
const lookup = async () => (await bm.machines.get(`/v1/lookup?addresses=${machine.mac}`)).status;

test('one ramdisk inspects, cleans and deploys; only the new system is started after it', async () => {
  await bm.provision('m1', 'inspect', 'manageable');
  expect(effects()).toEqual(['boot pxe once', 'on']);
  expect(await lookup()).toBe(200);
  await bm.provision('m1', 'inspect', 'manageable');
  await bm.provision('m1', 'provide', 'available');
  await bm.provision('m1', 'manage', 'manageable');
  await bm.provision('m1', 'provide', 'available');
  expect(effects()).toEqual(['boot pxe once', 'on', 'erase metadata', 'erase disks', 'erase metadata', 'erase disks']);
  machine.effects.length = 0;
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value: image }]);
  await bm.provision('m1', 'active', 'active');
  expect(effects()).toEqual(['boot disk']);
  expect(machine.left).toEqual(['reboot']);
  expect(await lookup()).toBe(404);
});

test('an instance is never taken for a ramdisk, though its ramdisk has called a moment ago', async () => {
  await bm.provision('m1', 'rebuild', 'active');
  expect(effects().slice(0, 3)).toEqual(['off', 'boot pxe once', 'on']);
  machine.effects.length = 0;
  await bm.provision('m1', 'deleted', 'available');
  expect(effects()).toEqual(['off', 'boot pxe once', 'on', 'erase metadata', 'erase disks']);
  expect((await bm.http.get('/v1/nodes/m1')).json.power_state).toBe('power on');
});

test.each([
  ['does not answer', () => machine.stop()],
  [
    'has not called for too long',
    () =>
      sql`update baremetal_agents set token = null, heartbeat_at = now() - interval '301 seconds'`.execute(bm.database),
  ],
])('a ramdisk that %s is started anew', async (_, change) => {
  await bm.provision('m1', 'manage', 'manageable');
  await bm.provision('m1', 'inspect', 'manageable');
  machine.effects.length = 0;
  await change();
  await bm.provision('m1', 'inspect', 'manageable');
  expect(effects()).toEqual(['off', 'boot pxe once', 'on']);
  await bm.provision('m1', 'provide', 'available');
});

test('a machine that was switched off and on by hand starts its ramdisk anew', async () => {
  await bm.provision('m1', 'manage', 'manageable');
  machine.stuck = true;
  await bm.http.put('/v1/nodes/m1/states/power', { target: 'rebooting' });
  await bm.until('m1', (node) => node.target_power_state === null && node.reservation === null);
  expect((await sql`select 1 from baremetal_agents`.execute(bm.database)).rows).toEqual([]);
  machine.stuck = false;
  machine.effects.length = 0;
  await bm.provision('m1', 'inspect', 'manageable');
  expect(effects()).toEqual(['off', 'boot pxe once', 'on']);
});

test('a node that says so goes off after its work, and its ramdisk finds out nothing', async () => {
  await bm.http.patch('/v1/nodes/m1', [{ op: 'add', path: '/driver_info/fast_track', value: false }]);
  await bm.provision('m1', 'inspect', 'manageable');
  expect(machine.effects.at(-1)).toBe('off');
  expect(await lookup()).toBe(404);
});
