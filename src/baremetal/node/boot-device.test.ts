// A BMC that forgets its boot device when the power goes is told it before each start.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ramdiskImages } from '../testing/images.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { type SimulatedMachine, simulatedMachine } from '../testing/simulated-machine.ts';

let bm: TestBaremetal;
let machine: SimulatedMachine;
let images: Server;

beforeAll(async () => {
  images = createServer((_request, response) => response.end('image')).listen(0, '127.0.0.1');
  machine = simulatedMachine({ apiUrl: () => bm.machines.url, mac: '52:54:00:00:00:01' });
  bm = await startTestBaremetal({
    hardware: [{ ...machine.driver, losesBootDevice: ({ forgets }) => forgets === true }],
    images: ramdiskImages,
  });
  const { json } = await bm.http.post('/v1/nodes', { name: 'm1', driver: 'redfish', driver_info: { forgets: true } });
  await bm.http.post('/v1/ports', { node_uuid: json.uuid, address: machine.mac });
  await bm.provision('m1', 'manage', 'manageable');
});
afterAll(async () => {
  await machine.stop();
  await bm.stop();
  images.close();
});

/** What the BMC is told while its machine is switched so. */
async function power(target: string): Promise<string[]> {
  machine.effects.length = 0;
  await bm.http.put('/v1/nodes/m1/states/power', { target });
  await bm.until('m1', (node) => node.target_power_state === null && node.reservation === null);
  return [...machine.effects];
}
const choose = async (device: string, persistent: boolean) =>
  expect((await bm.http.put('/v1/nodes/m1/management/boot_device', { boot_device: device, persistent })).status).toBe(
    204,
  );

test('a device that was set for good is told before every start, and again after a start from another one', async () => {
  await choose('cdrom', true);
  expect(await power('power on')).toEqual(['boot cdrom once by uefi', 'on']);
  expect(await power('rebooting')).toEqual(['off', 'boot cdrom once by uefi', 'on']);
  await choose('pxe', false);
  expect(await power('rebooting')).toEqual(['off', 'on']);
  expect(await power('power off')).toEqual(['off']);
  expect(await power('power on')).toEqual(['boot cdrom once by uefi', 'on']);
});

test('a deployed machine is told its disk at each start', async () => {
  const { port } = images.address() as AddressInfo;
  const hash = createHash('sha512').update('image').digest('hex');
  const value = {
    image_source: `http://127.0.0.1:${port}/i`,
    image_os_hash_algo: 'sha512',
    image_os_hash_value: hash,
  };
  await bm.provision('m1', 'provide', 'available');
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value }]);
  await bm.provision('m1', 'active', 'active');
  expect(await power('rebooting')).toEqual(['off', 'boot disk once by uefi', 'on']);
});

test('a BMC that keeps its boot device is told once', async () => {
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/driver_info', value: {} }]);
  expect(await power('rebooting')).toEqual(['off', 'on']);
});
