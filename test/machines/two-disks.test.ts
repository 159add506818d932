// Machines with two disks: one starts from an array, and again when a disk is lost, one a partition image from one of its disks.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RackNode, rackUp, type TestRack } from '../harness/rack.ts';
import { repository } from '../harness/repository.ts';
import { finishCommand, type Undercloud, up } from '../harness/undercloud.ts';
import { until } from '../harness/until.ts';

const rackName = process.env.UNDERCLOUD_TEST_TWO_DISKS_RACK ?? 'uctest2';
const subnet = process.env.UNDERCLOUD_TEST_TWO_DISKS_SUBNET ?? '192.168.126.0/24';
const folder = join(tmpdir(), `undercloud-machines-${rackName}`);
const cache = process.env.UNDERCLOUD_TEST_CACHE ?? join(repository, '.cache', 'machines');
const long = process.env.UNDERCLOUD_TEST_LONG === '1';
const root = process.getuid?.() === 0;
if (!root)
  process.stdout.write('skipped: machines need a bridge and taps in a network namespace, which only root makes\n');
if (!long) process.stdout.write('skipped: without UNDERCLOUD_TEST_LONG=1 no further starts of what has started once\n');

const state: { rack?: TestRack; cloud?: Undercloud; node?: RackNode } = {};
afterAll(async () => {
  await state.cloud?.run.kill('SIGKILL');
  await state.rack?.down();
  if (root) rmSync(folder, { recursive: true, force: true });
});
function made<Part>(part: Part | undefined): Part {
  if (!part) throw new Error('it has not been made');
  return part;
}
const client = () => ({ OS_CLIENT_CONFIG_FILE: made(state.cloud).cloudsFile, OS_CLOUD: 'undercloud' });
const version = { 'openstack-api-version': 'baremetal 1.82' };
const api = (method: string, path: string, body?: unknown) =>
  made(state.cloud).call(method, `/baremetal/v1/nodes/${made(state.node).name}${path}`, body, version);
/** Nothing before the machine has been on. */
function consoleLog(): string {
  const log = join(folder, 'rack', made(state.node).name, 'console.log');
  return existsSync(log) ? readFileSync(log, 'latin1') : '';
}

async function wanted(asking: Promise<{ status: number; body: unknown }>): Promise<void> {
  const { status, body } = await asking;
  expect(status, JSON.stringify(body)).toBeLessThan(300);
}
/** Asks for a verb and waits for the state that it leads to. */
async function provision(target: string, wantedState: string, more: object = {}): Promise<void> {
  await wanted(api('PUT', '/states/provision', { target, ...more }));
  await until(
    `the node is ${wantedState} by ${target}`,
    async () => {
      const { body } = await api('GET', '');
      if (/failed$/.test(body.provision_state)) {
        throw new Error(`${body.provision_state}: ${body.last_error}\n${consoleLog().slice(-4000)}`);
      }
      return body.provision_state === wantedState && body.target_provision_state === null;
    },
    { withinMs: 500_000, everyMs: 500 },
  );
}
/** What the system says of itself when it has started the next time. */
async function told(begin: () => Promise<void>): Promise<string> {
  const before = consoleLog().split('TOLD').length;
  await begin();
  return until(
    'the system says what it started from',
    () => {
      const said = consoleLog().split('TOLD');
      return said.length > before && /^.*unused devices/s.exec(said.at(-1) ?? '')?.[0];
    },
    { withinMs: 500_000, everyMs: 500 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${consoleLog().slice(-6000)}`);
  });
}
async function restartWithout(disk: string): Promise<void> {
  const power = async (target: string) => {
    await wanted(api('PUT', '/states/power', { target }));
    await until(`the machine is ${target}`, async () => (await api('GET', '')).body.power_state === target, {
      withinMs: 60_000,
    });
  };
  await power('power off');
  await made(state.rack).fault(made(state.node).name, 'disk-lost', disk);
  await power('power on');
}

/** A service that tells on the console, at each start, where the root is and how whole its array. */
const userData = `#!/bin/sh
cat >/etc/systemd/system/tell.service <<'UNIT'
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo "TOLD root $(grep " / " /proc/mounts | tail -n 1)" >/dev/ttyS0; cat /proc/mdstat >/dev/ttyS0'
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now tell.service
`;

describe.runIf(root)('machines with two disks (root only: needs a network namespace)', () => {
  const deployPartitionImage = async () => {
    const info = { image_source: 'debian-root', root_gb: 2, swap_mb: 64 };
    await wanted(api('PATCH', '', [{ op: 'add', path: '/instance_info', value: info }]));
    return told(() => provision('active', 'active', { configdrive: { meta_data: { uuid: 'from-config-drive' } } }));
  };
  /** Its own root, grown to its partition, with its config drive. */
  const itself = /ext4 rw,.*"uuid":"from-config-drive".*free MiB +1[5-9]\d\dM/;

  beforeAll(async () => {
    mkdirSync(cache, { recursive: true });
    state.rack = await rackUp(folder, { name: rackName, machines: 2, subnet, disks: 2 });
    const env = { UNDERCLOUD_PROVISION__PORT: '8189' };
    state.cloud = await up(folder, { flags: ['--provision', rackName], env });
    const nodes = state.rack.nodes();
    const file = join(folder, 'nodes.json');
    const entries = nodes.map((one) => ({ ...one, raid_interface: 'agent', automated_clean: false }));
    writeFileSync(file, JSON.stringify({ nodes: entries }));
    await finishCommand(['image', 'build', 'deploy-ramdisk', '--data', cache], { env: client() });
    await finishCommand(['node', 'import', file], { env: client() });
  }, 300_000);

  test.runIf(long)(
    'starts a partition image from one of them under BIOS, by the boot loader that it installs',
    async () => {
      state.node = made(made(state.rack).nodes()[0]);
      const elements = ['-e', 'tell', '--elements-path', join(import.meta.dirname, 'elements')];
      const building = ['image', 'build', 'debian-root', '--partition', ...elements, '--data', cache];
      await finishCommand(building, { env: client() });
      const from = await deployPartitionImage();
      expect(from).toMatch(/root \/dev\/vda\d \/ /);
      expect(from).toMatch(itself);
      expect(from).not.toContain('/sys/firmware/efi');
      await provision('deleted', 'available');
    },
  );

  test('starts a golden image from an array of both', async () => {
    const web = ['image', 'build', 'web-node', '-e', 'undercloud-agent', '-e', 'nginx', '--data', cache];
    await finishCommand(web, { env: client() });
    state.node = made(made(state.rack).nodes()[1]);
    await provision('manage', 'manageable');
    const mirror = { size_gb: 'MAX', raid_level: '1', controller: 'software', is_root_volume: true };
    await wanted(api('PUT', '/states/raid', { logical_disks: [mirror] }));
    await provision('clean', 'manageable', { clean_steps: [{ interface: 'raid', step: 'create_configuration' }] });
    await provision('provide', 'available');
    await wanted(api('PATCH', '', [{ op: 'add', path: '/instance_info', value: { image_source: 'web-node' } }]));
    const configdrive = { meta_data: { uuid: 'two-disks' }, user_data: userData };
    const whole = await told(() => provision('active', 'active', { configdrive }));
    expect(whole).toMatch(/\/dev\/md0p\d+ \/ ext4[\s\S]*\[2\/2\]/);
  });

  test('starts it again without its first disk', async () => {
    expect(await told(() => restartWithout('1'))).toMatch(/\/dev\/md0p\d+ \/ ext4[\s\S]*\[2\/1\]/);
  });

  test.runIf(long)('keeps its state partition through a rebuild, while it lacks that disk', async () => {
    const configdrive = { meta_data: { uuid: 'two-disks' }, user_data: userData };
    const before = (await api('GET', '')).body.driver_internal_info.image_written;
    expect(await told(() => provision('rebuild', 'active', { configdrive }))).toMatch(
      /\/dev\/md0p\d+ \/ ext4[\s\S]*\[2\/1\]/,
    );
    const after = (await api('GET', '')).body.driver_internal_info.image_written;
    expect([before.state_kept, after.state_kept]).toEqual([false, true]);
  });

  test.runIf(long)('starts the partition image from it under UEFI, and again without its second disk', async () => {
    await made(state.rack).fault(made(state.node).name, 'disk-lost', 'off');
    const set = await made(state.rack).bmc(made(state.node), 'PATCH', '', { Boot: { BootSourceOverrideMode: 'UEFI' } });
    expect(set.ok, await set.text()).toBe(true);
    await wanted(api('PUT', '/states/boot_mode', { target: 'uefi' }));
    await provision('deleted', 'available');
    const whole = await deployPartitionImage();
    expect(whole).toMatch(/root \/dev\/md\w+ \/ /);
    expect(whole).toMatch(itself);
    expect(whole).toContain('/sys/firmware/efi');
    expect(whole).toContain('[2/2]');
    expect(await told(() => restartWithout('2'))).toMatch(/\/dev\/md\w+ \/ ext4[\s\S]*\[2\/1\]/);
  });
});
