// A simulated machine boots as its BMC says, and runs the real deploy agent against a server.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { rackFolder } from '../../folder.ts';
import { defaultRackOptions, rackSpec } from '../../spec.ts';
import type { Board, BootPlan, MachineFaults } from '../contract.ts';
import { delayProfiles, drawMs } from './delays.ts';
import { SimulatedMachine } from './simulated.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const healthy: MachineFaults = { linkDown: false, stuckPost: false, diskFailing: false, clockSkewS: 0 };
const node = '6f5f9d6e-0000-4000-8000-000000000001';

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

/** A server as machines see it: boot script, lookup with a token, heartbeat, one image. */
async function openServer(token = 't') {
  const heartbeats: { callback_url: string; agent_token?: string }[] = [];
  const server = createServer(async (request, response) => {
    const url = request.url ?? '';
    if (url.startsWith('/boot/ipxe/')) {
      response.end(`#!ipxe\nkernel http://k initrd=rd ipa-api-url=${base} ipa-node-uuid=${node} quiet || goto retry\n`);
    } else if (url.startsWith('/v1/lookup')) {
      response.end(JSON.stringify({ node: { uuid: node }, config: { heartbeat_timeout: 300, agent_token: token } }));
    } else if (url.startsWith('/v1/heartbeat')) {
      heartbeats.push(JSON.parse(await read(request)));
      response.writeHead(202).end();
    } else response.end('image');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  closers.push(() => server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { base, heartbeats };
}

async function open(bootUrl?: string) {
  const data = mkdtempSync(join(tmpdir(), 'simulated-'));
  const [spec] = rackSpec({ ...defaultRackOptions, machines: 1 }).machines;
  if (!spec) throw new Error('a rack of one machine has none');
  const folder = rackFolder(data).machine(spec.name);
  mkdirSync(folder.path, { recursive: true });
  const boots: BootPlan['order'][] = [];
  let order: BootPlan['order'] = ['network', 'disk'];
  const board: Board = {
    plan: () => ({ order, firmware: 'bios' }),
    bootBegan: () => void boots.push(order),
    powerChanged: () => undefined,
  };
  const make = () => new SimulatedMachine(board, { spec, folder, delays: delayProfiles.none, bootUrl }, healthy);
  const machine = make();
  closers.push(
    () => rmSync(data, { recursive: true, force: true }),
    () => machine.forceOff(),
  );
  return {
    machine,
    make,
    boots,
    bootFrom: (next: BootPlan['order']) => {
      order = next;
    },
    console: () => readFileSync(folder.consoleLog, 'utf8'),
    /** A disc with these files, in the machine's folder. */
    disc: (files: Readonly<Record<string, string>>) => {
      const tree = join(folder.path, 'tree');
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(tree, path)), { recursive: true });
        writeFileSync(join(tree, path), text);
      }
      const iso = join(folder.path, 'disc.iso');
      execFileSync('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-o', iso, tree], { stdio: 'ignore' });
      return iso;
    },
  };
}

/** Sends the agent a command and waits for its end. */
async function command(agent: string, name: string, params: object = {}): Promise<unknown> {
  const answer = await fetch(`${agent}/v1/commands?wait=true&agent_token=t`, {
    method: 'POST',
    body: JSON.stringify({ name, params }),
  });
  return answer.json();
}

const image = (base: string) => ({ image_info: { id: 'i', urls: [`${base}/image`], os_hash_algo: 'sha256' } });

test('boots the ramdisk from the network, takes an image, restarts into it, and keeps it over a restart of the rack', async () => {
  const { base, heartbeats } = await openServer();
  const { machine, make, boots, bootFrom, console } = await open(base);
  await machine.powerOn();
  await expect.poll(() => heartbeats.length).toBeGreaterThan(0);
  const agent = heartbeats[0]?.callback_url ?? '';
  expect(await command(agent, 'standby.prepare_image', image(base))).toMatchObject({ command_status: 'SUCCEEDED' });
  bootFrom(['disk', 'network']);
  await command(agent, 'standby.run_image');
  await expect.poll(console).toContain('the system on the disk runs');
  expect(boots).toEqual([
    ['network', 'disk'],
    ['disk', 'network'],
  ]);
  await expect(fetch(`${agent}/v1/status`)).rejects.toThrow();
  const again = make();
  await again.adopt(undefined);
  closers.push(() => again.forceOff());
  await expect.poll(() => console().match(/the system on the disk runs/g)?.length).toBe(2);
});

const hasXorriso = spawnSync('xorriso', ['--version']).status === 0;

test.skipIf(!hasXorriso).each([
  [
    'isolinux/isolinux.cfg',
    (words: string) => `default boot\nlabel boot\nkernel /vmlinuz\nappend initrd=/initrd text ${words} --\n`,
  ],
  ['boot/grub/grub.cfg', (words: string) => `menuentry "boot" {\n  linux /vmlinuz ${words} --\n  initrd /initrd\n}\n`],
])('boots the disc in its drive by %s, with the token that the words hold', async (loader, entry) => {
  const { base, heartbeats } = await openServer('******');
  const { machine, bootFrom, disc } = await open();
  await machine.setMedia(disc({ [loader]: entry(`ipa-api-url=${base} ipa-agent-token=from-the-disc`) }));
  bootFrom(['cd']);
  await machine.powerOn();
  await expect.poll(() => heartbeats.length).toBeGreaterThan(0);
  expect(heartbeats[0]?.agent_token).toBe('from-the-disc');
});

test('a loss of power ends the agent, and erased disks boot nothing', async () => {
  const { base, heartbeats } = await openServer();
  const { machine } = await open(base);
  await machine.powerOn();
  await expect.poll(() => heartbeats.length).toBeGreaterThan(0);
  const agent = heartbeats[0]?.callback_url ?? '';
  const step = { step: { interface: 'deploy', step: 'erase_devices' }, node: {}, ports: [] };
  expect(await command(agent, 'clean.execute_clean_step', step)).toMatchObject({ command_status: 'SUCCEEDED' });
  await machine.forceOff();
  await expect(fetch(`${agent}/v1/status`)).rejects.toThrow();
});

test('failing disks fail the write with the reason', async () => {
  const { base, heartbeats } = await openServer();
  const { machine } = await open(base);
  await machine.setFaults({ ...healthy, diskFailing: true });
  await machine.powerOn();
  await expect.poll(() => heartbeats.length).toBeGreaterThan(0);
  expect(await command(heartbeats[0]?.callback_url ?? '', 'standby.prepare_image', image(base))).toMatchObject({
    command_status: 'FAILED',
    command_error: { details: expect.stringContaining('I/O error') },
  });
});

test.each([{ stuckPost: true }, { linkDown: true }])('a machine with %o never reaches its ramdisk', async (fault) => {
  const { base, heartbeats } = await openServer();
  const { machine, console } = await open(base);
  await machine.setFaults({ ...healthy, ...fault });
  await machine.powerOn();
  await expect.poll(console).toMatch(/stuck|no device boots/);
  expect(heartbeats).toEqual([]);
});

test('a span of time is drawn between its ends', () => {
  expect(drawMs([100, 200], () => 0)).toBe(100);
  expect(drawMs([100, 200], () => 1)).toBe(200);
  expect(drawMs(7, () => 1)).toBe(7);
  expect(drawMs(undefined, () => 1)).toBe(0);
});
