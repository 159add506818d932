// A machine with two disks: it starts from an array of them, and again when one of them is lost.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { type RackNode, rackUp, type TestRack } from '../harness/rack.ts';
import { repository } from '../harness/repository.ts';
import { finishCommand, type Undercloud, up } from '../harness/undercloud.ts';
import { until } from '../harness/until.ts';

const rackName = process.env.UNDERCLOUD_TEST_TWO_DISKS_RACK ?? 'uctest2';
const subnet = process.env.UNDERCLOUD_TEST_TWO_DISKS_SUBNET ?? '192.168.126.0/24';
const folder = join(tmpdir(), `undercloud-machines-${rackName}`);
const cache = process.env.UNDERCLOUD_TEST_CACHE ?? join(repository, '.cache', 'machines');
/** A root file system with systemd, a kernel, mdadm and GRUB's programs for UEFI, whose service says on the console what it started from. */
const partitionImage = process.env.UNDERCLOUD_TEST_PARTITION_IMAGE;
const root = process.getuid?.() === 0;
if (!root)
  process.stdout.write('skipped: machines need a bridge and taps in a network namespace, which only root makes\n');
if (!partitionImage) process.stdout.write('skipped: no UNDERCLOUD_TEST_PARTITION_IMAGE names a partition image\n');

const state: { rack?: TestRack; cloud?: Undercloud; node?: RackNode } = {};
afterAll(async () => {
  await state.cloud?.run.kill('SIGKILL');
  await state.rack?.down();
  if (root) rmSync(folder, { recursive: true, force: true });
});
function made<Part>(part: Part | undefined): Part {
  if (!part) throw new Error('the first test has not made it');
  return part;
}
const client = () => ({ OS_CLIENT_CONFIG_FILE: made(state.cloud).cloudsFile, OS_CLOUD: 'undercloud' });
const version = { 'openstack-api-version': 'baremetal 1.82' };
const api = (method: string, path: string, body?: unknown) =>
  made(state.cloud).call(method, `/baremetal/v1/nodes/${made(state.node).name}${path}`, body, version);
const consoleLog = () => readFileSync(join(folder, 'rack', made(state.node).name, 'console.log'), 'latin1');

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
      return said.length > before && /^.*\[\d\/\d\]/s.exec(said.at(-1) ?? '')?.[0];
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

describe.runIf(root)('a machine with two disks (root only: needs a network namespace)', () => {
  test('starts a golden image from an array', async () => {
    mkdirSync(cache, { recursive: true });
    state.rack = await rackUp(folder, { name: rackName, machines: 1, subnet, disks: 2 });
    const env = { UNDERCLOUD_PROVISION__PORT: '8189' };
    state.cloud = await up(folder, { flags: ['--provision', rackName], env });
    const [node] = state.rack.nodes();
    state.node = made(node);
    const file = join(folder, 'nodes.json');
    writeFileSync(file, JSON.stringify({ nodes: [{ ...node, raid_interface: 'agent', automated_clean: false }] }));
    await finishCommand(['image', 'build', 'deploy-ramdisk', '--data', cache], { env: client() });
    const web = ['image', 'build', 'web-node', '-e', 'undercloud-agent', '-e', 'nginx', '--data', cache];
    await finishCommand(web, { env: client() });
    await finishCommand(['node', 'import', file], { env: client() });

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

  test.runIf(partitionImage)(
    'starts a partition image from it under UEFI, and again without its second disk',
    async () => {
      const rack = made(state.rack);
      await rack.fault(made(state.node).name, 'disk-lost', 'off');
      const set = await rack.bmc(made(state.node), 'PATCH', '', { Boot: { BootSourceOverrideMode: 'UEFI' } });
      expect(set.ok, await set.text()).toBe(true);
      await wanted(api('PUT', '/states/boot_mode', { target: 'uefi' }));
      await provision('deleted', 'available');
      const image = ['image', 'create', '--disk-format', 'raw', '--property', 'img_type=partition'];
      const env = { ...process.env, ...client() };
      await promisify(execFile)('openstack', [...image, '--file', String(partitionImage), 'debian-root'], { env });
      const info = { image_source: 'debian-root', root_gb: 2, swap_mb: 64 };
      await wanted(api('PATCH', '', [{ op: 'add', path: '/instance_info', value: info }]));
      expect(await told(() => provision('active', 'active'))).toMatch(/\/dev\/md\w+ \/ ext4[\s\S]*\[2\/2\]/);
      expect(await told(() => restartWithout('2'))).toMatch(/\/dev\/md\w+ \/ ext4[\s\S]*\[2\/1\]/);
    },
  );
});
