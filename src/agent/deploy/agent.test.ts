// The deploy agent against a server on loopback, with a file for a disk.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Value } from '@sinclair/typebox/value';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { buildConfigDrive } from '../config-drive/contents.ts';
import { readIso } from '../config-drive/read-iso.ts';
import { type Partition, readTable } from '../disk-layout/gpt.ts';
import {
  type Command,
  command as commandSchema,
  heartbeatRequest,
  inspectionReport,
  plainDisk,
  preparedImage,
} from '../protocol.ts';
import { type DeployAgent, startDeployAgent } from './agent.ts';
import { createLinuxMachine } from './linux/linux-machine.ts';
import type { Machine } from './machine.ts';
import { type FakeServer, startFakeServer } from './testing/fake-server.ts';
import { makeGoldenImage, type TestImage } from './testing/golden-image.ts';

const mebibyte = 1 << 20;
const diskBytes = 256 * mebibyte;
let folder: string;
let image: TestImage;
let other: TestImage;
let server: FakeServer;
let agent: DeployAgent;
let left: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-agent-'));
  image = makeGoldenImage(folder, 'one');
  other = makeGoldenImage(folder, 'two');
});
afterAll(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, 'disk');
const fileDisk = () => plainDisk(path(), statSync(path()).size, { model: 'file', serial: 'F1' });

async function start(more: { inspectionUrl?: string } = {}): Promise<void> {
  // Retries come at once; everything else takes its time.
  const clock: Clock = {
    ...systemClock,
    random: () => 0.5,
    sleep: (ms, signal) => systemClock.sleep(ms < 60_000 ? 0 : ms, signal),
  };
  const log = () => {};
  const linux = createLinuxMachine({ clock, log, disks: async () => [fileDisk()] });
  const machine: Machine = {
    ...linux,
    leave: async (how) => {
      left.push(how);
    },
  };
  agent = await startDeployAgent({
    apiUrl: server.url,
    machine,
    clock,
    listen: { host: '127.0.0.1', port: 0 },
    log,
    ...more,
  });
}

beforeEach(async () => {
  left = [];
  // Old data everywhere: what is not written must not look like the image's zeros.
  writeFileSync(path(), Buffer.alloc(48 * mebibyte, 0xee));
  truncateSync(path(), diskBytes);
  server = await startFakeServer({ heartbeat_timeout: 300, agent_token: 'secret' });
  server.images.set('/one', image.bytes);
  server.images.set('/two', other.bytes);
});
afterEach(async () => {
  await agent.stop();
  await server.close();
});

async function callback(): Promise<string> {
  await server.until(() => server.heartbeats.length > 0);
  return server.heartbeats[0]?.callback_url ?? '';
}

async function command(
  name: string,
  params: unknown,
  wait = true,
  token = 'secret',
): Promise<{ status: number; body: Command }> {
  const url = `${await callback()}/v1/commands/?wait=${wait}&agent_token=${token}`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ name, params }) });
  const body: Command = Object(await response.json());
  return { status: response.status, body };
}

const prepare = (which: TestImage, urlPath: string, more: object = {}, info: object = {}) =>
  command('standby.prepare_image', {
    image_info: {
      id: 'golden',
      urls: [server.url + urlPath],
      os_hash_algo: 'sha512',
      os_hash_value: which.sha512,
      properties: { undercloud_layout: '1' },
      ...info,
    },
    ...more,
  });

const disk = () => readFileSync(path());
const partition = (name: string): Partition => {
  const found = readTable(disk().subarray(0, mebibyte))?.partitions.find((entry) => entry.name === name);
  if (!found) throw new Error(`no partition ${name}`);
  return found;
};

it('looks itself up, keeps asking while the server refuses, and says where it listens', async () => {
  server.refusals.push(404, 503, 409);
  await start();
  const base = await callback();
  expect(server.lookups).toHaveLength(4);
  expect(server.heartbeats[0]).toMatchObject({
    agent_token: 'secret',
    callback_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
  });
  const status = await (await fetch(`${base}/v1/status`)).json();
  expect(status).toMatchObject({ version: expect.stringMatching(/\+undercloud\.1$/), started_at: expect.any(Number) });
});

it('refuses a command without its token, and one that it does not know', async () => {
  await start();
  expect(await command('standby.sync', {}, true, 'guess')).toMatchObject({
    status: 401,
    body: { code: 401, type: 'Unauthorized' },
  });
  expect(await command('standby.dance', {})).toMatchObject({ status: 400, body: { type: 'InvalidCommandError' } });
});

it('writes a golden image, its state, its config drive and a table for the real disk', async () => {
  await start();
  const contents = { meta_data: { uuid: 'node-1' }, user_data: 'hello' };
  const drive = gzipSync(buildConfigDrive(contents)).toString('base64');
  const { body } = await prepare(image, '/one', { configdrive: drive });
  expect(body).toMatchObject({
    command_name: 'prepare_image',
    command_status: 'SUCCEEDED',
    command_result: {
      device: path(),
      bytes: image.bytes.length,
      digest: image.sha512,
      already_written: false,
      state_kept: false,
    },
  });
  expect(execFileSync('sfdisk', ['--verify', path()], { encoding: 'utf8' })).toContain('No errors detected');
  const names = readTable(disk())?.partitions.map((entry) => entry.name);
  expect(names).toEqual(['bios-boot', 'esp', 'root-a', 'root-b', 'state', 'config-2']);
  expect(
    disk()
      .subarray(image.rootOffset, image.rootOffset + image.root.length)
      .equals(image.root),
  ).toBe(true);
  const state = partition('state');
  const label = execFileSync('blkid', ['-p', '-O', String(state.offsetBytes), '-o', 'export', path()], {
    encoding: 'utf8',
  });
  expect(label).toMatch(/LABEL=state\n[\s\S]*TYPE=ext4/);
  const config = partition('config-2');
  const files = readIso(disk().subarray(config.offsetBytes, config.offsetBytes + config.sizeBytes));
  expect(files.get('openstack/latest/user_data')?.toString()).toBe('hello');
  const uuids = await command('standby.get_partition_uuids', {});
  expect(uuids.body.command_result?.['root uuid']).toMatch(/^[0-9a-f-]{36}$/);
});

it('writes the same image only once, though asked twice, but takes the new config drive', async () => {
  await start();
  await prepare(image, '/one', { configdrive: { user_data: 'first' } });
  server.images.clear();
  const { body } = await prepare(image, '/one', { configdrive: { user_data: 'second' } });
  expect(body).toMatchObject({ command_status: 'SUCCEEDED', command_result: { already_written: true } });
  const config = partition('config-2');
  const files = readIso(disk().subarray(config.offsetBytes, config.offsetBytes + config.sizeBytes));
  expect(files.get('openstack/latest/user_data')?.toString()).toBe('second');
});

it('goes on where a download broke off', async () => {
  await start();
  server.breakOffAt.set('/one', Math.floor(image.bytes.length / 2));
  expect((await prepare(image, '/one')).body.command_status).toBe('SUCCEEDED');
  expect(
    disk()
      .subarray(image.rootOffset, image.rootOffset + image.root.length)
      .equals(image.root),
  ).toBe(true);
});

it('leaves nothing bootable when the digest is wrong', async () => {
  await start();
  const { body } = await prepare(other, '/one');
  expect(body).toMatchObject({
    command_status: 'FAILED',
    command_error: { type: 'ImageChecksumError' },
    command_result: null,
  });
  expect(readTable(disk())).toBeUndefined();
  expect(
    disk()
      .subarray(0, mebibyte)
      .every((byte) => byte === 0),
  ).toBe(true);
  expect(disk().readUInt16LE(image.rootOffset + 1024 + 56)).toBe(0);
});

it('keeps the state partition through a rebuild with another image when asked', async () => {
  await start();
  await prepare(image, '/one');
  const before = partition('state');
  const bytes = () => disk().subarray(before.offsetBytes, before.offsetBytes + before.sizeBytes);
  const old = Buffer.from(bytes());
  const { body } = await prepare(other, '/two', {}, { preserve_ephemeral: true });
  expect(body.command_result).toMatchObject({ state_kept: true, already_written: false });
  expect(partition('state')).toEqual(before);
  expect(bytes().equals(old)).toBe(true);
  expect(
    disk()
      .subarray(other.rootOffset, other.rootOffset + other.root.length)
      .equals(other.root),
  ).toBe(true);
});

it('still finds the state partition after a write that was cut off', async () => {
  await start();
  await prepare(image, '/one');
  const before = partition('state');
  await prepare({ ...other, sha512: 'f'.repeat(128) }, '/two', {}, { preserve_ephemeral: true });
  expect(readTable(disk())).toBeUndefined();
  const { body } = await prepare(other, '/two', {}, { preserve_ephemeral: true });
  expect(body.command_result).toMatchObject({ state_kept: true });
  expect(partition('state')).toEqual(before);
});

it('says that a disk is too small before it touches it', async () => {
  truncateSync(path(), 96 * mebibyte);
  await start();
  const { body } = await prepare(image, '/one');
  expect(body.command_error).toMatchObject({
    type: 'ImageTooLarge',
    message: expect.stringContaining('the image needs'),
  });
});

it('writes a stock image with its table moved to the real end and a config drive added', async () => {
  await start();
  const raw = join(folder, 'stock');
  writeFileSync(raw, '');
  truncateSync(raw, 64 * mebibyte);
  execFileSync('sfdisk', ['-q', raw], { input: 'label: gpt\nstart=1MiB,size=40MiB,name=root\n' });
  const bytes = gzipSync(readFileSync(raw));
  server.images.set('/stock', bytes);
  const md5 = createHash('md5').update(bytes).digest('hex');
  const info = { os_hash_value: null, checksum: md5, properties: {}, disk_format: 'raw' };
  const { body } = await prepare(image, '/stock', { configdrive: { meta_data: { uuid: 'x' } } }, info);
  expect(body).toMatchObject({ command_status: 'SUCCEEDED', command_result: { algorithm: 'md5' } });
  expect(execFileSync('sfdisk', ['--verify', path()], { encoding: 'utf8' })).toContain('No errors detected');
  const drive = partition('config-2');
  expect(drive.offsetBytes + drive.sizeBytes).toBe(diskBytes - mebibyte);
  expect(readIso(disk().subarray(drive.offsetBytes)).size).toBe(1);
});

it('converts a qcow2 image', async () => {
  await start();
  const raw = join(folder, 'stock-raw');
  writeFileSync(raw, '');
  truncateSync(raw, 64 * mebibyte);
  execFileSync('sfdisk', ['-q', raw], { input: 'label: gpt\nstart=1MiB,size=40MiB,name=root\n' });
  execFileSync('qemu-img', ['convert', '-O', 'qcow2', raw, `${raw}.qcow2`]);
  const bytes = readFileSync(`${raw}.qcow2`);
  server.images.set('/qcow2', bytes);
  const checksum = createHash('sha256').update(bytes).digest('hex');
  const { body } = await prepare(image, '/qcow2', {}, { os_hash_value: null, checksum, properties: {} });
  expect(body).toMatchObject({ command_status: 'SUCCEEDED', command_result: { algorithm: 'sha256' } });
  expect(partition('root').sizeBytes).toBe(40 * mebibyte);
});

it('refuses an image without any digest', async () => {
  await start();
  const { body } = await prepare(image, '/one', {}, { os_hash_value: null });
  expect(body.command_error).toMatchObject({ type: 'InvalidCommandParamsError' });
});

it('joins a command that is running when it is sent again, and refuses another one meanwhile', async () => {
  await start();
  const params = {
    image_info: { id: 'g', urls: [`${server.url}/nowhere`], os_hash_value: image.sha512, properties: {} },
  };
  const first = await command('standby.prepare_image', params, false);
  const again = await command('standby.prepare_image', params, false);
  expect(again.body.id).toBe(first.body.id);
  expect(first.body.command_status).toBe('RUNNING');
  expect(await command('clean.execute_clean_step', { step: { step: 'erase_devices_metadata' } }, false)).toMatchObject({
    status: 409,
    body: { type: 'AgentIsBusy' },
  });
  const steps = await command('clean.get_clean_steps', {});
  expect(steps.body.command_status).toBe('SUCCEEDED');
  const ended = await (await fetch(`${await callback()}/v1/commands/${first.body.id}?wait=true`)).json();
  expect(ended).toMatchObject({ command_status: 'FAILED', command_error: { type: 'ImageDownloadError' } });
});

it('heartbeats as soon as a command has ended', async () => {
  await start();
  await callback();
  await command('log.collect_system_logs', {});
  await server.until(() => server.heartbeats.length >= 2);
});

it('answers run_image before it leaves, and reboots where kexec cannot be', async () => {
  await start();
  const { body } = await command('standby.run_image', { kexec: true });
  expect(body.command_result).toMatchObject({ method: 'reboot', reason: expect.stringContaining('golden image') });
  await expect.poll(() => left).toEqual(['reboot']);
});

it('erases what makes a disk readable, and every byte when told', async () => {
  await start();
  const steps = await command('clean.get_clean_steps', {});
  const version = steps.body.command_result?.hardware_manager_version;
  const step = { step: 'erase_devices_metadata', interface: 'deploy' };
  const outdated = await command('clean.execute_clean_step', {
    step,
    clean_version: { UndercloudHardwareManager: '0' },
  });
  expect(outdated.body.command_status).toBe('CLEAN_VERSION_MISMATCH');
  const done = await command('clean.execute_clean_step', { step, clean_version: version });
  expect(done.body).toMatchObject({ command_status: 'SUCCEEDED', command_result: { clean_step: step } });
  expect(
    disk()
      .subarray(0, 4 * mebibyte)
      .every((byte) => byte === 0),
  ).toBe(true);
  expect(disk()[5 * mebibyte]).toBe(0xee);
  await command('clean.execute_clean_step', { step: { step: 'erase_devices' } });
  expect(disk().every((byte) => byte === 0)).toBe(true);
});

it('reports its inventory where the command line says, and by command', async () => {
  await start({ inspectionUrl: `${server.url}/v1/continue_inspection` });
  await callback();
  expect(server.reports[0]).toMatchObject({
    inventory: { cpu: { count: expect.any(Number) }, disks: [{ serial: 'F1' }], system_vendor: { firmware: {} } },
    root_disk: { name: path() },
  });
  const { body } = await command('undercloud.inspect', { callback_url: `${server.url}/v1/continue_inspection` });
  expect(body.command_result).toMatchObject({ inventory: { memory: { total: expect.any(Number) } } });
  expect(server.reports).toHaveLength(2);
});

it('says nothing but what the protocol declares', async () => {
  await start({ inspectionUrl: `${server.url}/v1/continue_inspection` });
  const { body } = await prepare(image, '/one');
  const faults = [
    ...Value.Errors(commandSchema, body),
    ...Value.Errors(preparedImage, body.command_result),
    ...Value.Errors(inspectionReport, server.reports[0]),
    ...server.heartbeats.flatMap((message) => [...Value.Errors(heartbeatRequest, message)]),
  ];
  expect(faults).toEqual([]);
});
