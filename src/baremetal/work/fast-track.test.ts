// A ramdisk that runs on is used by the next work; one that is silent, too long ago or gone is started anew.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { type SimulatedMachine, simulatedMachine } from '../testing/simulated-machine.ts';

let bm: TestBaremetal;
let machine: SimulatedMachine;
let images: Server;

beforeAll(async () => {
  images = createServer((_request, response) => response.end('image')).listen(0, '127.0.0.1');
  machine = simulatedMachine({ apiUrl: () => bm.machines.url, mac: '52:54:00:00:00:01' });
  bm = await startTestBaremetal({
    hardware: [machine.driver],
    images: [
      { id: '11111111-1111-4111-8111-111111111111', name: 'deploy-kernel', data: Buffer.from('KERNEL') },
      { id: '22222222-2222-4222-8222-222222222222', name: 'deploy-ramdisk', data: Buffer.from('RAMDISK') },
    ],
    config: { automatedClean: true, fastTrack: true },
  });
  const { json } = await bm.http.post('/v1/nodes', { name: 'm1', driver: 'redfish', inspect_interface: 'agent' });
  await bm.http.post('/v1/ports', { node_uuid: json.uuid, address: machine.mac });
  await bm.provision('m1', 'manage', 'manageable');
});
afterAll(async () => {
  await machine.stop();
  await bm.stop();
  images.close();
});
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
  const { port } = images.address() as AddressInfo;
  const hash = createHash('sha512').update('image').digest('hex');
  const source = { image_source: `http://127.0.0.1:${port}/i`, image_os_hash_algo: 'sha512' };
  const value = { ...source, image_os_hash_value: hash };
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value }]);
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
