// Machines deployed, cleaned, inspected and undeployed through the real agent and the real operations engine.
import { afterAll, expect, test } from 'vitest';
import { startOneMachine } from '../testing/one-machine.ts';

const { bm, machine, image, stop } = await startOneMachine({
  boot: {
    buildBootIso: async ({ output, cmdline }) => (await import('node:fs/promises')).writeFile(output, cmdline),
  },
  config: { ramdiskTimeoutMs: 5_000 },
  node: { resource_class: 'baremetal' },
});
afterAll(stop);

test('inspects from inside the ramdisk and keeps what it found', async () => {
  await bm.provision('m1', 'inspect', 'manageable');
  const { json } = await bm.http.get('/v1/nodes/m1');
  expect(json.properties).toMatchObject({
    cpus: 2,
    memory_mb: 1024,
    local_gb: 20,
    cpu_arch: 'x86_64',
    model: 'Testbox',
  });
  expect(json.power_state).toBe('power off');
});

test('writes the image with its config drive, boots the disk, and is active', async () => {
  await bm.provision('m1', 'provide', 'available');
  machine.effects.length = 0;
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value: image }]);
  await bm.provision('m1', 'active', 'active', { configdrive: { meta_data: { uuid: 'abc' } } });
  expect(machine.written.map((one) => one.data.toString())).toEqual(['a golden image']);
  expect(machine.written[0]?.configDrive?.length).toBeGreaterThan(1000);
  expect(machine.effects).toEqual(['boot pxe once', 'on', 'boot disk']);
  expect(machine.left).toEqual(['reboot']);
});

test('an image with the wrong hash is deploy failed with the reason, and undeploy frees the node', async () => {
  await bm.provision('m1', 'deleted', 'available');
  const info = { ...image, image_os_hash_value: 'f'.repeat(128) };
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value: info }]);
  await expect(bm.provision('m1', 'active', 'active')).rejects.toThrow(/deploy failed.*standby.prepare_image failed/);
  await bm.provision('m1', 'deleted', 'available');
  expect((await bm.http.get('/v1/nodes/m1')).json.instance_info).toEqual({});
});

test('a silent BMC parks the deployment; resumed, it finishes', async () => {
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value: image }]);
  machine.dead = true;
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'active' });
  const failed = await bm.until('m1', (node) => node.provision_state === 'deploy failed');
  expect(failed.last_error).toMatch(/cannot be reached.*resume the operation/);
  machine.dead = false;
  const [parked] = await bm.operations.list({ kind: 'node.deploy', states: ['parked'] });
  await bm.operations.resume(parked?.id ?? '');
  await bm.until('m1', (node) => node.provision_state === 'active');
  await bm.provision('m1', 'deleted', 'available');
});

test('a machine that hangs in its firmware fails at its deadline; undeploy does not wait for that', async () => {
  const info = { image_source: image.image_source, image_checksum: 'x' };
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value: info }]);
  machine.stuck = true;
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'active' });
  await bm.until('m1', (node) => node.provision_state === 'wait call-back');
  await bm.provision('m1', 'deleted', 'available');
  machine.stuck = false;
});

test('boots from virtual media where the node asks for it, runs the steps asked for, ejects it before the disk boots', async () => {
  machine.effects.length = 0;
  await bm.http.patch('/v1/nodes/m1', [
    { op: 'replace', path: '/instance_info', value: image },
    { op: 'replace', path: '/boot_interface', value: 'redfish-virtual-media' },
  ]);
  const steps = [{ interface: 'deploy', step: 'erase_devices_metadata', args: {}, priority: 95 }];
  await bm.provision('m1', 'active', 'active', { deploy_steps: steps });
  expect(machine.effects).toEqual([
    'insert /boot/media/NODE.iso',
    'boot cdrom once',
    'on',
    'erase metadata',
    'eject',
    'boot disk',
  ]);
});

test('cleans with the steps of the ramdisk when the instance leaves', async () => {
  await bm.http.patch('/v1/nodes/m1', [{ op: 'add', path: '/automated_clean', value: true }]);
  machine.effects.length = 0;
  await bm.provision('m1', 'deleted', 'available');
  expect(machine.effects).toContain('erase metadata');
  expect((await bm.http.get('/v1/nodes/m1')).json.power_state).toBe('power off');
});

test('serves the iPXE script of a machine only while a ramdisk belongs on it', async () => {
  const script = await bm.machines.get(`/boot/ipxe/${machine.mac}`);
  expect(script.text).toContain('exit 1');
  expect((await bm.machines.get(`/v1/lookup?addresses=${machine.mac}`)).status).toBe(404);
});

test("a failure keeps the ramdisk's logs, and the node's history says where", async () => {
  await bm.http.patch('/v1/nodes/m1', [{ op: 'add', path: '/automated_clean', value: false }]);
  const info = { ...image, image_os_hash_value: 'e'.repeat(128) };
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value: info }]);
  await expect(bm.provision('m1', 'active', 'active')).rejects.toThrow(/deploy failed/);
  const [kept] = (await bm.http.get('/v1/nodes/m1/agent_logs')).json.agent_logs;
  const logs = await bm.http.get(`/v1/nodes/m1/agent_logs/${kept.operation_id}`);
  expect([logs.status, logs.text, kept.bytes]).toEqual([200, 'no logs', 7]);
  const { history } = (await bm.http.get('/v1/nodes/m1/history?detail=true')).json;
  expect(history.map(({ event }: { event: string }) => event)).toContainEqual(
    expect.stringContaining('undercloud node logs m1'),
  );
  expect((await bm.http.get('/v1/nodes/m1/agent_logs/none')).status).toBe(404);
  await bm.provision('m1', 'deleted', 'available');
});

const partition = { ...image, image_type: 'partition' };
/** What the API says to a deployment with this instance_info. */
async function deployWith(info: object): Promise<{ status: number; text: string }> {
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value: { ...partition, ...info } }]);
  return bm.http.put('/v1/nodes/m1/states/provision', { target: 'active' });
}

test('a deployment that cannot be is refused when it is asked for, with what to do', async () => {
  for (const [info, said] of [
    [{}, "Missing are: ['root_gb']. Set root_gb"],
    [{ root_gb: 'much' }, 'Invalid parameter root_gb. Reason: much is not an integer value'],
    [{ root_gb: 10, swap_mb: -1 }, 'Invalid parameter swap_mb'],
    [{ root_gb: 10, capabilities: { boot_option: 'netboot' } }, 'Invalid parameter boot_option'],
    [{ root_gb: 10, capabilities: '{"disk_label": "sun"}' }, 'sun is none of gpt, msdos'],
    [{ image_type: 'whole-disk', swap_mb: 100 }, 'Cannot deploy whole disk image with swap or ephemeral size set'],
    [{ image_type: 'floppy' }, 'The image type floppy is not known'],
    [{ image_source: 'no-such-image' }, 'Image no-such-image could not be found'],
  ] as const) {
    const answer = await deployWith(info);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('Failed to validate deploy')]);
    expect(JSON.parse(JSON.parse(answer.text).error_message).faultstring).toContain(said);
  }
  expect((await bm.http.get('/v1/nodes/m1')).json.provision_state).toBe('available');
});

test('a partition image is written with the partitions asked for, and its boot loader installed', async () => {
  machine.effects.length = 0;
  const info = { root_gb: '10', swap_mb: 512, ephemeral_gb: 2, capabilities: 'boot_mode:uefi,disk_label:gpt' };
  expect((await deployWith(info)).status).toBe(202);
  const node = await bm.until('m1', (now) => now.provision_state === 'active');
  expect(machine.written.at(-1)?.image).toMatchObject({
    ...{ image_type: 'partition', root_mb: 10_240, swap_mb: 512, ephemeral_mb: 2048, ephemeral_format: 'ext4' },
    ...{ deploy_boot_mode: 'uefi', disk_label: 'gpt', preserve_ephemeral: false },
  });
  const started = ['insert /boot/media/NODE.iso', 'boot cdrom once by uefi', 'on'];
  expect(machine.effects).toEqual([...started, 'install boot loader', 'eject', 'boot disk by uefi']);
  expect(node.driver_internal_info).toMatchObject({ is_whole_disk_image: false });
});

test('a rebuild keeps its ephemeral partition only when asked', async () => {
  const rebuilt = async (info: object) => {
    const { instance_info: now } = (await bm.http.get('/v1/nodes/m1')).json;
    await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value: { ...now, ...info } }]);
    await bm.provision('m1', 'rebuild', 'active');
    return machine.written.at(-1)?.image.preserve_ephemeral;
  };
  expect(await rebuilt({})).toBe(false);
  expect(await rebuilt({ preserve_ephemeral: true })).toBe(true);
  await bm.provision('m1', 'deleted', 'available');
});

test('deploy steps that the ramdisk offers run by priority around the image, unless the request says otherwise', async () => {
  const addresses: unknown[] = [];
  const offer = (step: string, priority: number) =>
    machine.steps.push({
      ...{ step, interface: 'deploy', priority: { deploy: priority }, abortable: true },
      async run(_args, _node, _report, ports) {
        addresses.push(...ports.map(({ address }) => address));
        machine.effects.push(`${step} after ${machine.written.length} images`);
        return { tried: step };
      },
    });
  offer('tune_firmware', 95);
  offer('never', 0);
  offer('label_disks', 40);
  offer('check_cables', 90);
  offer('not_here', 85);
  machine.effects.length = 0;
  machine.written.length = 0;
  const asked = [
    { interface: 'deploy', step: 'erase_devices_metadata', args: {}, priority: 92 },
    { interface: 'deploy', step: 'not_here', args: {}, priority: 0 },
  ];
  await bm.http.patch('/v1/nodes/m1', [
    { op: 'replace', path: '/instance_info', value: { ...partition, root_gb: 10 } },
  ]);
  await bm.provision('m1', 'active', 'active', { deploy_steps: asked });
  expect(addresses).toEqual([machine.mac, machine.mac, machine.mac]);
  const done = machine.effects.slice(machine.effects.indexOf('on') + 1);
  expect(done).toEqual([
    ...['tune_firmware after 0 images', 'erase metadata', 'check_cables after 0 images'],
    ...['install boot loader', 'label_disks after 1 images', 'eject', 'boot disk'],
  ]);
  const { history } = (await bm.http.get('/v1/nodes/m1/history?detail=true')).json;
  const events = history.map(({ event }: { event: string }) => event);
  expect(events).toContainEqual(
    expect.stringMatching(/deploy.label_disks ended after .* s: \{"tried":"label_disks"\}/),
  );
  await bm.provision('m1', 'deleted', 'available');
});

test('a deploy step that nobody offers fails the deployment before the disk is touched', async () => {
  machine.written.length = 0;
  await bm.http.patch('/v1/nodes/m1', [
    { op: 'replace', path: '/instance_info', value: { ...partition, root_gb: 10 } },
  ]);
  const deploy_steps = [{ interface: 'deploy', step: 'polish', args: {}, priority: 30 }];
  const refused = /The ramdisk has no deploy step deploy.polish. It offers: .*deploy.tune_firmware/;
  await expect(bm.provision('m1', 'active', 'active', { deploy_steps })).rejects.toThrow(refused);
  expect(machine.written).toEqual([]);
  await bm.provision('m1', 'deleted', 'available');
});

test('a resumed deployment writes the image again and runs again what follows it, not what went before', async () => {
  machine.steps.length = 0;
  machine.effects.length = 0;
  machine.written.length = 0;
  const offer = (step: string, priority: number, dies: boolean) =>
    machine.steps.push({
      ...{ step, interface: 'deploy', priority: { deploy: priority }, abortable: true },
      async run() {
        machine.dead = dies && machine.written.length === 1;
        machine.effects.push(`${step} after ${machine.written.length} images`);
        return null;
      },
    });
  offer('tune_firmware', 95, false);
  offer('label_disks', 40, true);
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value: image }]);
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'active' });
  await bm.until('m1', (node) => node.provision_state === 'deploy failed');
  machine.dead = false;
  const [parked] = await bm.operations.list({ kind: 'node.deploy', states: ['parked'] });
  await bm.operations.resume(parked?.id ?? '');
  await bm.until('m1', (node) => node.provision_state === 'active');
  expect(machine.effects.filter((effect) => effect.includes('images'))).toEqual([
    'tune_firmware after 0 images',
    'label_disks after 1 images',
    'label_disks after 2 images',
  ]);
});

test('service switches an instance off that does not end by itself, and starts it again', async () => {
  machine.steps.push({
    ...{ step: 'look_around', interface: 'deploy', priority: { service: 0 }, abortable: true },
    async run() {
      machine.effects.push('looked around');
      return null;
    },
  });
  machine.deaf = true;
  machine.effects.length = 0;
  const service_steps = [{ interface: 'deploy', step: 'look_around', args: {} }];
  const service = { target: 'service', service_steps };
  await bm.http.put('/v1/nodes/m1/states/provision', service, { 'x-openstack-ironic-api-version': '1.87' });
  await bm.until('m1', (node) => node.provision_state === 'active');
  const started = ['insert /boot/media/NODE.iso', 'boot cdrom once', 'on'];
  expect(machine.effects).toEqual([
    ...['asked to end', 'off', ...started, 'looked around'],
    ...['off', 'eject', 'boot disk', 'on'],
  ]);
});
