// Machines that boot from the network without being nodes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DiscoveryConfig } from '../parts.ts';
import { ramdiskImages } from '../testing/images.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';

let bm: TestBaremetal;
/** What bare metal is configured with; each test has its own. */
const configured: { -readonly [Key in keyof DiscoveryConfig]: DiscoveryConfig[Key] } = { mode: 'off', profiles: [] };
let mac = '';

beforeAll(async () => {
  bm = await startTestBaremetal({
    images: ramdiskImages,
    config: { discovery: configured },
  });
});
afterAll(() => bm.stop());

function configure(discovery: DiscoveryConfig, machine: string): void {
  Object.assign(configured, discovery);
  mac = machine;
}
const report = (bmc: string | null, macs: readonly string[]) => ({
  inventory: {
    interfaces: macs.map((mac_address) => ({ name: 'eth0', mac_address })),
    cpu: { count: 4, architecture: 'x86_64' },
    memory: { physical_mb: 8192 },
    disks: [{ name: '/dev/sda', size: 100 * 2 ** 30 }],
    system_vendor: { manufacturer: 'Undercloud', product_name: 'Box' },
    bmc_address: bmc,
  },
  error: null,
});
const send = (bmc: string | null, macs = [mac]) => bm.machines.post('/v1/continue_inspection', report(bmc, macs));
const script = async () => (await bm.machines.get(`/boot/ipxe/${mac}`)).text;

test('with discovery off an unknown machine goes back to its disk, and its report is refused', async () => {
  configure({ mode: 'off', profiles: [] }, '52:54:00:00:00:1a');
  expect(await script()).toContain('this machine is not enrolled');
  expect((await send('192.168.24.2')).status).toBe(404);
});

test('listed machines wait for approval, seen once however often they boot; approved, they are nodes with all that was found', async () => {
  configure({ mode: 'list', profiles: [] }, '52:54:00:00:00:2a');
  const words = await script();
  expect(words).toContain('ipa-inspection-callback-url=');
  expect(words).not.toContain('ipa-node-uuid');
  expect((await send(null)).status).toBe(202);
  expect((await send('192.168.24.2', [mac, '52:54:00:00:00:bb'])).status).toBe(202);
  const { discoveries } = (await bm.http.get('/v1/discoveries')).json;
  expect(discoveries).toMatchObject([{ macs: [mac, '52:54:00:00:00:bb'], bmc_address: '192.168.24.2', note: null }]);
  const path = `/v1/discoveries/${discoveries[0].uuid}`;
  expect((await bm.http.post(`${path}/approve`, { driver: 'none' })).status).toBe(400);
  const made = await bm.http.post(`${path}/approve`, { driver: 'fake-hardware', name: 'found' });
  expect(made.status).toBe(201);
  const node = await bm.until('found', ({ provision_state: state }) => state === 'manageable');
  expect(node.properties).toMatchObject({ cpus: 4, memory_mb: 8192, local_gb: 100 });
  const { ports } = (await bm.http.get('/v1/nodes/found/ports')).json;
  expect(ports.map(({ address }: { address: string }) => address)).toEqual([mac, '52:54:00:00:00:bb']);
  expect((await bm.http.get('/v1/nodes/found/inventory')).json.inventory.cpu.count).toBe(4);
  expect((await bm.http.get('/v1/discoveries')).json.discoveries).toEqual([]);
  expect(await script()).toContain('is manageable');
  expect((await send('192.168.24.2')).status).toBe(404);
});

test('the profile of the network enrols a machine with the address that its BMC has', async () => {
  const driverInfo = { redfish_address: 'https://{bmc_address}', redfish_password: 'secret' };
  configure(
    { mode: 'enroll', profiles: [{ name: 'all', driver: 'fake-hardware', driverInfo, resourceClass: 'box' }] },
    '52:54:00:00:00:3a',
  );
  expect((await send('192.168.24.2')).status).toBe(202);
  const { nodes } = (await bm.http.get('/v1/nodes?resource_class=box&fields=uuid,driver_info,resource_class')).json;
  expect(nodes).toMatchObject([
    { resource_class: 'box', driver_info: { redfish_address: 'https://192.168.24.2', redfish_password: '******' } },
  ]);
  await bm.until(nodes[0].uuid, ({ provision_state: state }) => state === 'manageable');
});

test('a machine that does not tell its BMC is listed with that reason instead, and can be forgotten', async () => {
  const all = { name: 'all', driver: 'fake-hardware', driverInfo: { redfish_address: 'https://{bmc_address}' } };
  configure({ mode: 'enroll', profiles: [all] }, '52:54:00:00:00:4a');
  expect((await send(null)).status).toBe(202);
  const [one] = (await bm.http.get('/v1/discoveries')).json.discoveries;
  expect(one.note).toBe('the machine does not tell the address of its BMC');
  expect((await bm.http.delete(`/v1/discoveries/${one.uuid}`)).status).toBe(204);
  expect((await bm.http.get(`/v1/discoveries/${one.uuid}`)).status).toBe(404);
});

const profiles: DiscoveryConfig['profiles'] = [
  {
    name: 'east',
    bmcSubnet: '10.1.0.0/16',
    driver: 'fake-hardware',
    driverInfo: { ipmi_password: 'of-the-east' },
    resourceClass: 'east',
  },
  {
    name: 'boxes',
    vendor: 'under',
    driver: 'fake-hardware',
    driverInfo: { ipmi_password: 'of-boxes' },
    resourceClass: 'boxes',
  },
  { name: 'dell', vendor: 'Dell', driver: 'fake-hardware', driverInfo: {}, resourceClass: 'dell' },
];

test.each([
  ['10.1.2.3', '52:54:00:00:00:5a', 'east'],
  ['10.2.2.3', '52:54:00:00:00:5b', 'boxes'],
  [null, '52:54:00:00:00:5c', 'boxes'],
])(
  'a machine with the BMC %s becomes a node by the first profile that fits it',
  async (bmc, machine, resourceClass) => {
    configure({ mode: 'enroll', profiles }, machine);
    expect((await send(bmc)).status).toBe(202);
    const [port] = (await bm.http.get(`/v1/ports/detail?address=${machine}`)).json.ports;
    expect((await bm.http.get(`/v1/nodes/${port.node_uuid}`)).json).toMatchObject({ resource_class: resourceClass });
  },
);

test('a machine that no profile fits is listed with that reason', async () => {
  configure({ mode: 'enroll', profiles: profiles.slice(2) }, '52:54:00:00:00:6a');
  await send('10.1.2.3');
  const [one] = (await bm.http.get('/v1/discoveries')).json.discoveries;
  expect(one).toMatchObject({ profile: null, note: 'none of the configured profiles fits it' });
  await bm.http.delete(`/v1/discoveries/${one.uuid}`);
});

test('a listed machine is shown with the profile that fits it, and approved by a profile without a word of its credentials', async () => {
  configure({ mode: 'list', profiles }, '52:54:00:00:00:7a');
  await send('10.1.2.3');
  const listed = await bm.http.get('/v1/discoveries');
  const [one] = listed.json.discoveries;
  expect(one).toMatchObject({ profile: 'east', note: null });
  expect(listed.text).not.toContain('of-the-east');
  const approve = (body: object) => bm.http.post(`/v1/discoveries/${one.uuid}/approve`, body);
  expect(await approve({ name: 'x' })).toMatchObject({ status: 400 });
  expect(await approve({ profile: 'west' })).toMatchObject({
    status: 400,
    text: expect.stringContaining('east, boxes, dell'),
  });
  expect(await approve({ profile: 'east', name: 'by-profile' })).toMatchObject({ status: 201 });
  const node = (await bm.http.get('/v1/nodes/by-profile')).json;
  expect(node).toMatchObject({ resource_class: 'east', driver_info: { ipmi_password: '******' } });
});
