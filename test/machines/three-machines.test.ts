// The whole path on machines that boot for real: PXE, virtual media and UEFI, a dead BMC, a server killed in mid-write.
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { type RackNode, rackUp, type TestRack } from '../harness/rack.ts';
import { repository } from '../harness/repository.ts';
import { finishCommand, runCommand, type Undercloud, up } from '../harness/undercloud.ts';
import { until } from '../harness/until.ts';

const rackName = process.env.UNDERCLOUD_TEST_RACK ?? 'uctest0';
const subnet = process.env.UNDERCLOUD_TEST_SUBNET ?? '192.168.124.0/24';
const folder = join(tmpdir(), `undercloud-machines-${rackName}`);
const cache = process.env.UNDERCLOUD_TEST_CACHE ?? join(repository, '.cache', 'machines');
const root = process.getuid?.() === 0;
if (!root)
  process.stdout.write('skipped: machines need a bridge and taps in a network namespace, which only root makes\n');

const state: { rack?: TestRack; cloud?: Undercloud } = {};
afterAll(async () => {
  await state.cloud?.run.kill('SIGKILL');
  await state.rack?.down();
  if (root) rmSync(folder, { recursive: true, force: true });
});
function rack(): TestRack {
  if (!state.rack) throw new Error('the rack is not up');
  return state.rack;
}
function cloud(): Undercloud {
  if (!state.cloud) throw new Error('the server is not up');
  return state.cloud;
}
async function serve(): Promise<void> {
  state.cloud = await up(folder, { flags: ['--provision', rackName], env: { UNDERCLOUD_PROVISION__PORT: '8188' } });
}
/** The machine that boots under UEFI. */
function third(): string {
  return rack().nodes().at(-1)?.name ?? '';
}
const client = () => ({ OS_CLIENT_CONFIG_FILE: cloud().cloudsFile, OS_CLOUD: 'undercloud' });
const baremetal = { 'openstack-api-version': 'baremetal 1.80' };

/** How each machine boots; each is of a class of its own, so that a server can ask for it. */
const kinds = ['pxe', 'media', 'uefi'] as const;

/** The rack's nodes file, with a class for each machine and virtual media for the second. */
function nodesFile(nodes: readonly RackNode[]): string {
  const file = join(folder, 'nodes.json');
  const entries = nodes.map((node, index) => ({
    ...node,
    resource_class: kinds[index],
    ...(kinds[index] === 'media' ? { boot_interface: 'redfish-virtual-media' } : {}),
  }));
  writeFileSync(file, JSON.stringify({ nodes: entries }));
  return file;
}

const template = join(import.meta.dirname, 'three-machines.yaml');

interface Operation {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly progress: { readonly done: number; readonly total: number | null; readonly unit: string } | null;
  readonly failure: { readonly cause: string } | null;
}
async function operations(query: string): Promise<Operation[]> {
  return (await cloud().call('GET', `/operations?${query}`)).body.operations;
}
interface Resource {
  readonly resource_name: string;
  readonly resource_status: string;
  readonly resource_status_reason: string;
}
async function resources(): Promise<Map<string, Resource>> {
  const { body } = await cloud().call('GET', `${await stackPath()}/resources`);
  return new Map(body.resources.map((one: Resource) => [one.resource_name, one]));
}
async function stackPath(): Promise<string> {
  const { body } = await cloud().call('GET', '/identity/v3/auth/tokens', undefined, {
    'x-subject-token': await cloud().token(),
  });
  const base = `/orchestration/v1/${body.token.project.id}/stacks`;
  const list = await cloud().call('GET', base);
  const stack = list.body.stacks.find((one: { stack_name: string }) => one.stack_name === 'three');
  return `${base}/three/${stack.id}`;
}
async function output(name: string): Promise<unknown> {
  return (await cloud().call('GET', `${await stackPath()}/outputs/${name}`)).body.output.output_value;
}
/** What the machine's web server answers on the provisioning network. */
async function page(kind: string): Promise<string> {
  const answer = await fetch(`http://${String(await output(`${kind}_address`))}/`, {
    signal: AbortSignal.timeout(20_000),
  });
  return answer.text();
}
const rescuePassword = "a b'c$1";

/** Asks for a verb and waits for the state that it leads to. */
async function provision(path: string, target: string, state: string, more: object = {}): Promise<void> {
  const asked = await cloud().call('PUT', `${path}/states/provision`, { target, ...more }, baremetal);
  expect(asked.status, JSON.stringify(asked.body)).toBe(202);
  await until(
    `the node is ${state} by ${target}`,
    async () => {
      const { body } = await cloud().call('GET', path, undefined, baremetal);
      if (/failed$/.test(body.provision_state)) throw new Error(`${body.provision_state}: ${body.last_error}`);
      return body.provision_state === state && body.target_provision_state === null;
    },
    { withinMs: 240_000, everyMs: 500 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${consoles()}`);
  });
}

/** Runs a command in the rescue ramdisk, logged in with the password. */
async function inRescue(address: string, command: string): Promise<string> {
  const askpass = join(folder, 'askpass');
  writeFileSync(askpass, '#!/bin/sh\nprintf %s "$RESCUE_PASSWORD"\n', { mode: 0o755 });
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'ConnectTimeout=60'];
  const words = [...options.flatMap((option) => ['-o', option]), `rescue@${address}`, command];
  const env = { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', RESCUE_PASSWORD: rescuePassword };
  return (await promisify(execFile)('ssh', words, { env })).stdout;
}

function consoles(): string {
  return rack()
    .nodes()
    .map(({ name }) => `--- ${name}\n${rack().console(name)}`)
    .join('\n');
}

describe.runIf(root)('three machines (root only: needs a network namespace)', () => {
  test('are enrolled, inspected and cleaned, each by its own way of booting', async () => {
    mkdirSync(cache, { recursive: true });
    state.rack = await rackUp(folder, { name: rackName, machines: 3, subnet });
    await serve();
    await finishCommand(['image', 'build', 'deploy-ramdisk', '--data', cache], { env: client() });
    const uefi = rack().nodes().at(-1);
    if (!uefi) throw new Error('the rack has no machines');
    const set = await rack().bmc(uefi, 'PATCH', '', { Boot: { BootSourceOverrideMode: 'UEFI' } });
    expect(set.ok, await set.text()).toBe(true);
    const importing = finishCommand(['node', 'import', nodesFile(rack().nodes())], { env: client() });
    const building = finishCommand(
      ['image', 'build', 'web-node', '-e', 'undercloud-agent', '-e', 'nginx', '--data', cache],
      { env: client() },
    );
    await Promise.all([importing, building]).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${consoles()}`);
    });
    const { body } = await cloud().call(
      'GET',
      '/baremetal/v1/nodes?fields=name,provision_state,boot_interface',
      undefined,
      baremetal,
    );
    expect(body.nodes.map((node: { provision_state: string }) => node.provision_state)).toEqual([
      'available',
      'available',
      'available',
    ]);
    const flavors = (await cloud().call('GET', '/compute/v2.1/flavors')).body.flavors;
    expect(flavors.map((flavor: { name: string }) => flavor.name)).toEqual(expect.arrayContaining([...kinds]));
  });

  test('two go on to the end though the server is killed while it writes their disks; the third, whose BMC is dead, is parked with the reason', async () => {
    await rack().fault(third(), 'bmc-dead');
    const deploying = runCommand(['deploy', 'three', '-t', template], client());
    await until(
      'a disk is being written',
      async () => {
        const open = await operations('kind=node.deploy&state=waiting');
        const running = await operations('kind=node.deploy&state=running');
        return [...open, ...running].filter(({ progress }) => progress !== null && progress.done > 0).length >= 1;
      },
      { withinMs: 240_000 },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${deploying.output()}\n${consoles()}`);
    });
    await cloud().run.kill('SIGKILL');
    await deploying.kill('SIGKILL');
    await serve();
    await until(
      'the two are configured and the third is parked',
      async () => {
        const now = await resources();
        const done = ['pxe', 'media'].every((kind) => now.get(`${kind}_web`)?.resource_status === 'CREATE_COMPLETE');
        const [parked] = await operations('kind=stack.apply&state=parked');
        return done && parked;
      },
      { withinMs: 300_000, everyMs: 500 },
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify([...(await resources()).values()], null, 1)}\n${consoles()}`);
    });
    expect((await resources()).get('uefi')?.resource_status_reason).toMatch(/BMC|cannot be reached|answer/);
    expect(await page('pxe')).toBe('hello from pxe\n');
    expect(await page('media')).toBe('hello from media\n');
  });

  test('once its BMC answers again, resume finishes just the third, which boots under UEFI', async () => {
    const before = await resources();
    await rack().fault(third(), 'bmc-dead', 'off');
    await finishCommand(['resume', 'three'], { env: client() }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${consoles()}`);
    });
    const now = await resources();
    for (const [name, resource] of now) expect([name, resource.resource_status]).toEqual([name, 'CREATE_COMPLETE']);
    for (const kind of ['pxe', 'media']) expect(now.get(kind)).toEqual(before.get(kind));
    expect(await page('uefi')).toBe('hello from uefi\n');
    expect(await output('booted_by')).toEqual({ pxe: 'bios', media: 'bios', uefi: 'uefi' });
  });

  test('a person gets into a machine in rescue, and what he leaves on its state partition outlives a rebuild', async () => {
    const { body } = await cloud().call(
      'GET',
      '/baremetal/v1/nodes?resource_class=pxe&fields=uuid,instance_uuid',
      undefined,
      baremetal,
    );
    const [node] = body.nodes;
    const path = `/baremetal/v1/nodes/${node.uuid}`;
    const patch = [{ op: 'replace', path: '/rescue_interface', value: 'agent' }];
    expect((await cloud().call('PATCH', path, patch, baremetal)).status).toBe(200);
    const address = String(await output('pxe_address'));
    const onState = (command: string) => `mount "$(findfs LABEL=state)" /mnt && ${command} && umount /mnt`;

    await provision(path, 'rescue', 'rescue', { rescue_password: rescuePassword });
    await inRescue(address, onState('echo left here >/mnt/note'));
    await provision(path, 'unrescue', 'active');
    const greets = () =>
      page('pxe').then(
        (text) => text === 'hello from pxe\n',
        () => false,
      );
    await until('the instance runs again', greets, { withinMs: 120_000, everyMs: 500 });

    const server = `/compute/v2.1/servers/${node.instance_uuid}`;
    const { image } = (await cloud().call('GET', server)).body.server;
    const rebuild = { rebuild: { imageRef: image.id, preserve_ephemeral: true } };
    const asked = await cloud().call('POST', `${server}/action`, rebuild);
    expect(asked.status, JSON.stringify(asked.body)).toBe(202);
    await until(
      'the server is rebuilt',
      async () => (await cloud().call('GET', server)).body.server.status === 'ACTIVE',
      {
        withinMs: 240_000,
        everyMs: 500,
      },
    );
    const rebuilt = (await cloud().call('GET', path, undefined, baremetal)).body;
    expect(rebuilt.driver_internal_info.image_written).toMatchObject({ state_kept: true, already_written: false });

    await provision(path, 'rescue', 'rescue', { rescue_password: rescuePassword });
    expect(await inRescue(address, onState('cat /mnt/note'))).toBe('left here\n');
    await provision(path, 'unrescue', 'active');
  });

  test('a deleted stack switches its machines off and gives them back', async () => {
    const path = await stackPath();
    const answer = await cloud().call('DELETE', path);
    expect(answer.status, JSON.stringify(answer.body)).toBe(204);
    const { body } = await until(
      'the stack is gone',
      async () => {
        const found = await cloud().call('GET', path);
        const nodes = '/baremetal/v1/nodes?fields=instance_uuid,provision_state';
        return (
          (found.status === 404 || found.body.stack.stack_status === 'DELETE_COMPLETE') &&
          (await cloud().call('GET', nodes, undefined, baremetal))
        );
      },
      { withinMs: 120_000 },
    ).catch(async (error: unknown) => {
      const unended = (
        await Promise.all(['queued', 'running', 'waiting', 'parked', 'failed'].map((one) => operations(`state=${one}`)))
      ).flat();
      const found = [(await cloud().call('GET', path)).body, ...(await resources()).values(), ...unended];
      throw new Error(
        `${String(error)}\n${found.map((one) => JSON.stringify(one)).join('\n')}\n${cloud().run.output().slice(-20_000)}`,
      );
    });
    for (const node of body.nodes) {
      expect(node.instance_uuid).toBeNull();
      expect(node.provision_state).toMatch(/^(cleaning|clean wait|available)$/);
    }
  });
});
