// A stock ironic-python-agent, as it speaks (release 9.4): its heartbeats, its inventory, its answers to our commands.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ramdiskImages } from '../testing/images.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { simulatedMachine } from '../testing/simulated-machine.ts';

interface Received {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>> & {
    readonly image_info?: { readonly id: string };
    readonly configdrive?: string;
  };
  readonly token: string | null;
}
const received: Received[] = [];
const commands: Record<string, unknown>[] = [];
/** How commands end otherwise than well. */
const endings: Record<string, unknown> = {};
let knownToken: string | null = null;
let agent: Server;
let agentUrl: string;
let bm: TestBaremetal;
let uuid: string;
const machine = simulatedMachine({ apiUrl: () => '', mac: '52:54:00:00:00:01' });

const results: Readonly<Record<string, unknown>> = {
  prepare_image: { result: 'prepare_image: image (one) written to device /dev/sda root_uuid=None' },
  run_image: { result: 'run_image: None' },
  install_bootloader: { result: 'install_bootloader: None' },
  get_partition_uuids: { 'root uuid': 'r00t', 'efi system partition uuid': 'E5-90', partitions: {} },
  finalize_rescue: null,
};
const steps = {
  GenericHardwareManager: [
    { step: 'erase_devices', priority: 0, interface: 'deploy', reboot_requested: false, abortable: true },
    { step: 'erase_devices_metadata', priority: 99, interface: 'deploy', reboot_requested: false, abortable: true },
  ],
};

/** What a stock agent takes as parameters where it is strict about them. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  'standby.run_image': [],
  'standby.prepare_image': ['image_info', 'metadata', 'files', 'configdrive'],
  'image.install_bootloader': ['root_uuid', 'efi_system_part_uuid', 'prep_boot_part_uuid', 'target_boot_mode'],
};

beforeAll(async () => {
  agent = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://agent');
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const refuse = (status: number, faultstring: string) => answer(status, { faultcode: 'Client', faultstring });
    const token = url.searchParams.get('agent_token');
    if (token !== knownToken) return refuse(401, '401 Unauthorized: Token invalid.');
    if (request.method === 'GET') {
      for (const one of commands)
        Object.assign(one, endings[String(one.command_name)] ?? { command_status: 'SUCCEEDED' });
      return answer(200, { commands });
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const { name, params }: Omit<Received, 'token'> = JSON.parse(body);
    received.push({ name, params, token });
    const unexpected = Object.keys(params).find((key) => parameters[name] && !parameters[name].includes(key));
    if (unexpected !== undefined) {
      return refuse(400, `Invalid command parameters: ${name}() got an unexpected keyword argument '${unexpected}'`);
    }
    const { id = '' } = params.image_info ?? {};
    if (/\//.test(id)) return refuse(400, `no such folder: /tmp/${id}`);
    const [, short = ''] = name.split('.');
    const wait = url.searchParams.get('wait') === 'true';
    const result = /get_(clean|deploy)_steps/.test(name)
      ? { clean_steps: steps, deploy_steps: steps, hardware_manager_version: { generic_hardware_manager: '1.2' } }
      : /execute_clean_step/.test(name)
        ? { clean_result: null, clean_step: params.step }
        : results[short];
    const command = {
      ...{ id: `00000000-0000-4000-8000-${String(received.length).padStart(12, '0')}`, command_name: short },
      ...{ command_params: params, command_status: wait ? 'SUCCEEDED' : 'RUNNING', command_error: null },
      command_result: result ?? null,
    };
    commands.push(command);
    return answer(200, command);
  });
  await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo = Object(agent.address());
  agentUrl = `http://127.0.0.1:${address.port}`;
  machine.stuck = true;
  bm = await startTestBaremetal({
    hardware: [machine.driver],
    images: ramdiskImages,
    config: { automatedClean: true },
  });
  await bm.http.post('/v1/nodes', { name: 'm1', driver: 'redfish', rescue_interface: 'agent' });
  uuid = (await bm.http.get('/v1/nodes/m1')).json.uuid;
  await bm.http.post('/v1/ports', { node_uuid: uuid, address: machine.mac });
  await bm.provision('m1', 'manage', 'manageable');
});
afterAll(async () => {
  await bm.stop();
  agent.close();
});

/** The ramdisk comes up: it sends its inventory where it is told to, looks itself up, and says where it listens. */
async function boots(waiting: string): Promise<{ node: Record<string, unknown> }> {
  await bm.until('m1', (node) => node.provision_state === waiting);
  received.length = 0;
  commands.length = 0;
  const script = (await bm.machines.get(`/boot/ipxe/${machine.mac}`)).text;
  if (script.includes('ipa-inspection-callback-url=')) {
    expect((await bm.machines.post('/v1/continue_inspection', { inventory, error: null })).status).toBe(202);
  }
  // It speaks the newest version that both know; one that knows no tokens where it is told of none.
  const [, minor] = String((await bm.machines.get('/')).json.default_version?.version ?? '1.31').split('.');
  const spoken = Math.min(68, Number(minor));
  const version = { 'x-openstack-ironic-api-version': `1.${spoken}` };
  const found = await bm.machines.get(`/v1/lookup?addresses=${machine.mac}`, version);
  knownToken = found.json.config.agent_token;
  const heartbeat = {
    callback_url: agentUrl,
    ...(spoken >= 36 ? { agent_version: '9.4.0' } : {}),
    ...(spoken >= 62 ? { agent_token: knownToken } : {}),
  };
  expect((await bm.machines.post(`/v1/heartbeat/${uuid}`, heartbeat, version)).status).toBe(202);
  return found.json;
}

const inventory = {
  interfaces: [
    {
      ...{
        name: 'eno1',
        mac_address: '52:54:00:00:00:01',
        ipv4_address: '192.168.24.77',
        ipv6_address: 'fe80::1%eno1',
      },
      ...{ has_carrier: true, lldp: [[1, '04112233aabbcc']], vendor: '0x8086', product: '0x1521', client_id: null },
      ...{ biosdevname: null, speed_mbps: 1000, pci_address: '0000:01:00.0', driver: 'igb' },
    },
  ],
  cpu: { model_name: 'Xeon', frequency: 2200.0, count: 8, architecture: 'x86_64', flags: ['fpu'], socket_count: 1 },
  disks: [
    {
      ...{ name: '/dev/sda', model: 'INTEL SSDSC2', size: 480103981056, rotational: false, wwn: '0x55cd2e4150000001' },
      ...{ serial: 'PHYF1', vendor: 'ATA', wwn_with_extension: '0x55cd2e4150000001', wwn_vendor_extension: null },
      ...{ hctl: '0:0:0:0', by_path: '/dev/disk/by-path/pci-0000:00:1f.2-ata-1' },
    },
  ],
  memory: { total: 33565646848, physical_mb: 32768 },
  ...{ bmc_address: '192.168.24.2', bmc_v6address: '::/0', hostname: 'm1' },
  system_vendor: { product_name: 'PowerEdge R640 (SKU=x)', serial_number: 'S1', manufacturer: 'Dell Inc.' },
  boot: { current_boot_mode: 'uefi', pxe_interface: '52:54:00:00:00:01' },
};

test('inspects by the inventory that it posts, for it has no command for that', async () => {
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'inspect' });
  await boots('inspect wait');
  const node = await bm.until('m1', (now) => now.provision_state === 'manageable');
  expect(node.properties).toMatchObject({ cpus: 8, memory_mb: 32768, local_gb: 447, vendor: 'Dell Inc.' });
  expect(node.boot_mode).toBe('uefi');
  const kept = (await bm.http.get('/v1/nodes/m1/inventory')).json.inventory;
  expect(kept.interfaces[0]).toMatchObject({ driver: 'igb', lldp: [[1, '04112233aabbcc']] });
  const [port] = (await bm.http.get('/v1/ports/detail?address=52:54:00:00:00:01')).json.ports;
  expect(port.local_link_connection).toEqual({ switch_id: '11:22:33:aa:bb:cc' });
  expect(received).toEqual([]);
});

test('cleans by its own steps, with its token and the whole node', async () => {
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'provide' });
  await boots('clean wait');
  await bm.until('m1', (now) => now.provision_state === 'available');
  const [listed, step] = received;
  expect([listed?.name, step?.name]).toEqual(['clean.get_clean_steps', 'clean.execute_clean_step']);
  expect(step?.params.step).toMatchObject({ step: 'erase_devices_metadata', interface: 'deploy', args: {} });
  expect(step?.params.node).toMatchObject({ uuid, driver_internal_info: {}, properties: { cpus: 8 } });
  expect(step?.token).toMatch(/^[\w-]{43}$/);
});

test('deploys in its words: a packed config drive, the boot menu under UEFI, no kexec', async () => {
  const image = {
    image_source: 'http://192.168.24.1/image',
    image_os_hash_algo: 'sha256',
    image_os_hash_value: 'a'.repeat(64),
    root_device: { serial: 'PHYF1' },
  };
  await bm.http.patch('/v1/nodes/m1', [{ op: 'add', path: '/instance_info', value: image }]);
  const configdrive = { meta_data: { uuid: 'abc' } };
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'active', configdrive });
  const { node } = await boots('wait call-back');
  // By this it chooses the disk.
  expect(node.instance_info).toEqual({ root_device: { serial: 'PHYF1' } });
  await bm.until('m1', (now) => now.provision_state === 'active');
  expect(received.map(({ name }) => name)).toEqual([
    'deploy.get_deploy_steps',
    'deploy.execute_deploy_step',
    'standby.prepare_image',
    'image.install_bootloader',
    'standby.run_image',
  ]);
  expect(received[1]?.params.step).toMatchObject({ step: 'erase_devices_metadata', interface: 'deploy', args: {} });
  const drive = gunzipSync(Buffer.from(received[2]?.params.configdrive ?? '', 'base64'));
  expect(drive.toString('latin1', 32769, 32774)).toBe('CD001');
  expect(received[2]?.params.image_info).toMatchObject({ id: 'image', stream_raw_images: true, node_uuid: uuid });
  expect(received[3]?.params.target_boot_mode).toBe('uefi');
});

test('a partition image comes with its sizes, and the boot loader is told the UUIDs of its file systems', async () => {
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'deleted' });
  await boots('clean wait');
  await bm.until('m1', (now) => now.provision_state === 'available');
  const image = {
    ...{ image_source: 'http://192.168.24.1/image', image_checksum: 'a'.repeat(32), kernel: 'k', ramdisk: 'r' },
    ...{ root_gb: 10, swap_mb: 512 },
  };
  await bm.http.patch('/v1/nodes/m1', [{ op: 'add', path: '/instance_info', value: image }]);
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'active' });
  await boots('wait call-back');
  await bm.until('m1', (now) => now.provision_state === 'active');
  const sent = (name: string) => received.find((one) => one.name === name);
  expect(sent('standby.prepare_image')?.params.image_info).toMatchObject({
    ...{ image_type: 'partition', root_mb: 10_240, swap_mb: 512, ephemeral_mb: 0, preserve_ephemeral: false },
    ...{ boot_option: 'local', deploy_boot_mode: 'uefi', node_uuid: uuid },
  });
  expect(sent('image.install_bootloader')).toMatchObject({
    params: { root_uuid: 'r00t', efi_system_part_uuid: 'E5-90', prep_boot_part_uuid: null, target_boot_mode: 'uefi' },
  });
});

test.each([
  [
    'its own words',
    { command_error: { type: 'ImageWriteError', code: 500, message: 'Error writing image', details: 'no space' } },
    'Error writing image no space',
  ],
  ['words without a name', { command_error: { error: 'cannot unpack' } }, 'cannot unpack'],
  ['none but a status', { command_status: 'VERSION_MISMATCH', command_error: null }, 'VERSION_MISMATCH'],
])('fails with %s', async (_how, ending, reason) => {
  endings.prepare_image = { command_status: 'FAILED', ...ending };
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'rebuild' });
  await boots('wait call-back');
  const failed = await bm.until('m1', (now) => now.provision_state === 'deploy failed');
  delete endings.prepare_image;
  expect(failed.last_error).toContain(`standby.prepare_image failed on the machine: ${reason}.`);
});

test('is not handed an image that it cannot unpack', async () => {
  const packed = { op: 'add', path: '/instance_info/image_container_format', value: 'compressed' };
  await bm.http.patch('/v1/nodes/m1', [packed]);
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'rebuild' });
  await boots('wait call-back');
  const failed = await bm.until('m1', (now) => now.provision_state === 'deploy failed');
  expect(failed.last_error).toContain('cannot unpack it');
  expect(received.map(({ name }) => name)).not.toContain('standby.prepare_image');
  await bm.http.patch('/v1/nodes/m1', [{ ...packed, op: 'remove', value: undefined }]);
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'rebuild' });
  await boots('wait call-back');
  await bm.until('m1', (now) => now.provision_state === 'active');
});

test('opens it for rescue', async () => {
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'rescue', rescue_password: 'secret' });
  await boots('rescue wait');
  await bm.until('m1', (now) => now.provision_state === 'rescue');
  expect(received).toMatchObject([
    { name: 'rescue.finalize_rescue', params: { rescue_password: 'secret', hashed: false } },
  ]);
});
