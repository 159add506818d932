// A node with a Redfish BMC of the rack: what verifying does to the clock, what inspection brings, firmware by steps.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedfish, type HardwareDriver, HardwareError } from '../../hardware/index.ts';
import { at, type TestBmc, testBmc } from '../../rack/testing/bmc-client.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';

let bm: TestBaremetal;
let bmc: TestBmc;
let files: Server;
const redfish = createRedfish({ pollMs: 1 });
/** A BMC that takes its time from elsewhere. */
const stubborn: HardwareDriver = {
  ...redfish,
  name: 'stubborn',
  machine(info) {
    const machine = redfish.machine(info);
    const setClock = async () => {
      throw new HardwareError('refused', 'NTP is on');
    };
    return { ...machine, controller: { ...machine.controller, setClock } };
  },
};

beforeAll(async () => {
  bmc = await testBmc();
  files = createServer((_request, response) => response.end('firmware')).listen(0, '127.0.0.1');
  bm = await startTestBaremetal({ hardware: [redfish, stubborn], config: { verifyBmcClock: true } });
});
afterAll(async () => {
  files.close();
  await bm.stop();
  await redfish.close();
  await bmc.close();
});

async function enrol(name: string, driver: string): Promise<void> {
  const { username, password } = bmc.bmc.spec.bmc;
  const info = { redfish_address: bmc.server.url, redfish_username: username, redfish_password: password };
  expect((await bm.http.post('/v1/nodes', { name, driver, driver_info: info })).status).toBe(201);
}

test('a node is not verified while the clock of its BMC cannot be set', async () => {
  await enrol('late', 'stubborn');
  await bm.http.put('/v1/nodes/late/states/provision', { target: 'manage' });
  const node = await bm.until('late', (now) => now.last_error !== null);
  expect(node).toMatchObject({ provision_state: 'enroll', last_error: expect.stringContaining('NTP is on') });
});

test('the clock of a BMC is right when its node is manageable', async () => {
  await enrol('one', 'redfish');
  await bm.provision('one', 'manage', 'manageable');
  const aheadMs = bmc.bmc.state.clock?.aheadMs ?? 0;
  expect(Math.abs(bmc.bmc.now().getTime() + aheadMs - Date.now())).toBeLessThan(60_000);
});

test('inspection tells the versions of BIOS and BMC', async () => {
  await bm.provision('one', 'inspect', 'manageable');
  const { json } = await bm.http.get('/v1/nodes/one/inventory', { 'x-openstack-ironic-api-version': '1.81' });
  expect(json.inventory).toMatchObject({ system_vendor: { firmware: { version: '1.16.2' } }, bmc_version: '1.0.0' });
});

test('a clean step writes the firmware images that it names, and the node shows the new versions', async () => {
  const { port } = files.address() as AddressInfo;
  const checksum = createHash('sha1').update('firmware').digest('hex');
  const step = (args: object) => ({ clean_steps: [{ interface: 'management', step: 'update_firmware', args }] });
  const image = { url: `http://127.0.0.1:${port}/bios-2.0.0.bin`, checksum };
  const refused = await bm.http.put('/v1/nodes/one/states/provision', {
    target: 'clean',
    ...step({ firmware_images: [{ ...image, source: 'swift' }] }),
  });
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('source')]);
  await bm.http.get('/v1/nodes/one/firmware', { 'x-openstack-ironic-api-version': '1.86' });
  await bm.provision('one', 'clean', 'manageable', step({ firmware_images: [image] }));
  const { json } = await bm.http.get('/v1/nodes/one/firmware', { 'x-openstack-ironic-api-version': '1.86' });
  expect(json.firmware).toMatchObject([
    { component: 'bios', initial_version: '1.16.2', current_version: '2.0.0' },
    { component: 'bmc', current_version: '1.0.0' },
  ]);
});

test('the session with a BMC ends when its node has other credentials, or goes', async () => {
  const sessions = async () => at((await bmc.call('GET', '/SessionService/Sessions')).body, 'Members@odata.count');
  await bm.http.put('/v1/nodes/one/states/power', { target: 'power on' });
  await bm.until('one', (node) => node.target_power_state === null && node.reservation === null);
  expect(await sessions()).toBe(1);
  await bm.http.patch('/v1/nodes/one', [{ op: 'add', path: '/extra/a', value: 1 }]);
  expect(await sessions()).toBe(1);
  await bm.http.patch('/v1/nodes/one', [{ op: 'add', path: '/driver_info/redfish_auth_type', value: 'session' }]);
  await expect.poll(sessions).toBe(0);
  expect((await bm.http.get('/v1/nodes/one/management/boot_device')).status).toBe(200);
  expect(await sessions()).toBe(1);
  expect((await bm.http.delete('/v1/nodes/one')).status).toBe(204);
  await expect.poll(sessions).toBe(0);
});
