// Partition images: the agent makes the partitions around them; a file stands for the disk.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { readIso } from '../config-drive/read-iso.ts';
import { plainDisk } from '../protocol.ts';
import { type Loopback, listenOnLoopback } from '../testing/loopback.ts';
import { commands } from './commands.ts';
import { createLinuxMachine } from './linux/linux-machine.ts';
import type { Machine } from './machine.ts';

const mebibyte = 1 << 20;
const diskBytes = 448 * mebibyte;
const folder = mkdtempSync(join(tmpdir(), 'partition-image-'));
const path = join(folder, 'disk');
const images = new Map<string, Buffer>();
let fileSystem: Buffer;
let server: Loopback;
let machine: Machine;

beforeAll(async () => {
  server = await listenOnLoopback(({ url = '' }, response) => void response.end(images.get(url)));
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'etc'), { recursive: true });
  writeFileSync(join(tree, 'etc/marker'), 'the image');
  const raw = join(folder, 'root');
  execFileSync('mkfs.ext4', ['-q', '-F', '-U', '6d5b36b4-0000-4000-8000-000000000001', '-d', tree, raw, '40m']);
  fileSystem = readFileSync(raw);
  images.set('/raw', fileSystem);
  execFileSync('zstd', ['-q', '-f', raw]);
  images.set('/zstd', readFileSync(`${raw}.zst`));
  for (const [name, flags] of [
    ['qcow2', []],
    ['packed', ['-c', '-o', 'cluster_size=4096']],
  ] as const) {
    execFileSync('qemu-img', ['convert', ...flags, '-O', 'qcow2', raw, `${raw}.${name}`]);
    images.set(`/${name}`, readFileSync(`${raw}.${name}`));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  // Old data everywhere: what is not written must not look like the image's zeros.
  writeFileSync(path, Buffer.alloc(300 * mebibyte, 0xee));
  truncateSync(path, diskBytes);
  const disks = async () => [plainDisk(path, diskBytes, { model: 'file' })];
  machine = createLinuxMachine({ clock: systemClock, log: () => {}, disks });
});
afterAll(() => server.close());

async function deploy(image: string, info: object, configdrive: unknown = null) {
  const bytes = images.get(image) ?? Buffer.alloc(0);
  const given = {
    ...{ id: 'part', urls: [server.url + image], image_type: 'partition', root_mb: 64, swap_mb: 16, ephemeral_mb: 32 },
    ...{ os_hash_algo: 'sha256', os_hash_value: createHash('sha256').update(bytes).digest('hex') },
    ...{ deploy_boot_mode: 'bios', ...info },
  };
  const outcome = await commands['standby.prepare_image']?.run(machine, { image_info: given, configdrive }, () => {});
  return outcome?.result;
}
interface Seen {
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly name?: string;
  readonly bootable?: boolean;
}
function table(): { label: string; partitions: Seen[] } {
  expect(execFileSync('sfdisk', ['--verify', path], { encoding: 'utf8' })).toContain('No errors detected');
  return JSON.parse(execFileSync('sfdisk', ['--json', path], { encoding: 'utf8' })).partitiontable;
}
const megabytes = ({ start, size }: Seen) => [start / 2048, size / 2048];
/** What a partition holds, as blkid tells it. */
function held(partition: Seen | undefined): string {
  const place = ['-O', String((partition?.start ?? 0) * 512), '-S', String((partition?.size ?? 0) * 512)];
  return execFileSync('blkid', ['-p', ...place, '-o', 'export', path], { encoding: 'utf8' });
}
function bytesOf(seen: Seen | undefined): Buffer {
  const bytes = Buffer.alloc((seen?.size ?? 0) * 512);
  const file = openSync(path, 'r');
  readSync(file, bytes, 0, bytes.length, (seen?.start ?? 0) * 512);
  closeSync(file);
  return bytes;
}
const rootHolds = (seen: Seen | undefined) => bytesOf(seen).subarray(0, fileSystem.length).equals(fileSystem);

test('under BIOS makes an MBR with ephemeral, swap, config drive and, last, the active root', async () => {
  const result = await deploy('/raw', {}, { meta_data: { uuid: 'x' } });
  expect(result).toMatchObject({ device: path, bytes: fileSystem.length, state_kept: false });
  const { label, partitions } = table();
  expect(label).toBe('dos');
  expect(partitions.map(megabytes)).toEqual([
    [1, 32],
    [33, 16],
    [49, 64],
    [113, 64],
  ]);
  expect(partitions.map(({ type, bootable }) => [type, bootable ?? false])).toEqual([
    ...[
      ['83', false],
      ['82', false],
      ['83', false],
    ],
    ['83', true],
  ]);
  const [ephemeral, swap, drive, root] = partitions;
  expect(held(ephemeral)).toMatch(/LABEL=ephemeral0\n[\s\S]*TYPE=ext4/);
  expect(held(swap)).toMatch(/LABEL=swap1\n[\s\S]*TYPE=swap/);
  expect(readIso(bytesOf(drive)).has('openstack/latest/meta_data.json')).toBe(true);
  expect(rootHolds(root)).toBe(true);
  const uuids = await machine.partitionUuids();
  expect(uuids).toEqual({ 'root uuid': '6d5b36b4-0000-4000-8000-000000000001' });
});

test('under UEFI makes a GPT with an EFI system partition, whose UUID it tells', async () => {
  await deploy('/zstd', { deploy_boot_mode: 'uefi', ephemeral_format: 'vfat', swap_mb: 0 });
  const { label, partitions } = table();
  expect(label).toBe('gpt');
  expect(partitions.map(({ name }) => name)).toEqual(['esp', 'ephemeral0', 'root']);
  const [esp, ephemeral, root] = partitions;
  expect(held(esp)).toMatch(/TYPE=vfat/);
  expect(held(ephemeral)).toMatch(/LABEL=EPHEMERAL0\n[\s\S]*TYPE=vfat/);
  expect(rootHolds(root)).toBe(true);
  // Firmware takes what has fewer clusters for FAT16, whatever it says of itself.
  const boot = bytesOf(esp);
  expect((esp?.size ?? 0) / boot.readUInt8(13)).toBeGreaterThan(65_525 + 1_000);
  const uuid = /^UUID=(.*)$/m.exec(held(esp))?.[1];
  expect(await machine.partitionUuids()).toMatchObject({ 'efi system partition uuid': uuid });
});

test('a GPT under BIOS has room for the boot loader', async () => {
  await deploy('/raw', { disk_label: 'gpt', ephemeral_mb: 0 });
  expect(table().partitions.map(({ name }) => name)).toEqual(['bios-boot', 'swap1', 'root']);
});

test('reads qcow2 by itself, compressed or not', async () => {
  for (const image of ['/qcow2', '/packed']) {
    await deploy(image, { swap_mb: 0, ephemeral_mb: 0 });
    expect(rootHolds(table().partitions[0])).toBe(true);
  }
});

test('keeps the ephemeral partition of a rebuild though the root grows, and refuses where there is none of that size', async () => {
  for (const mode of ['bios', 'uefi']) {
    await deploy('/raw', { deploy_boot_mode: mode });
    const before = bytesOf(table().partitions.find(({ size }) => size === 32 * 2048));
    const again = { deploy_boot_mode: mode, preserve_ephemeral: true, swap_mb: 8, root_mb: 96 };
    expect(await deploy('/zstd', again, { user_data: 'new' })).toMatchObject({ state_kept: true });
    const { partitions } = table();
    expect(bytesOf(partitions.find(({ size }) => size === 32 * 2048)).equals(before)).toBe(true);
    expect(rootHolds(partitions.at(-1))).toBe(true);
    await expect(deploy('/raw', { ...again, ephemeral_mb: 40 })).rejects.toThrow(/no ephemeral partition of this size/);
    expect(table().partitions).toEqual(partitions);
  }
});

test('a damaged image leaves nothing that starts, and a kept ephemeral partition where it was', async () => {
  await deploy('/raw', {});
  const [ephemeral] = table().partitions;
  const kept = bytesOf(ephemeral);
  const wrong = { preserve_ephemeral: true, os_hash_value: 'f'.repeat(64) };
  await expect(deploy('/zstd', wrong)).rejects.toMatchObject({ kind: 'checksum' });
  expect(bytesOf(ephemeral).equals(kept)).toBe(true);
  expect(
    bytesOf(table().partitions.at(-1))
      .subarray(0, mebibyte)
      .every((byte) => byte === 0),
  ).toBe(true);
  expect(await deploy('/zstd', { preserve_ephemeral: true })).toMatchObject({ state_kept: true });
  expect(bytesOf(ephemeral).equals(kept)).toBe(true);
});

test('says what does not fit: an image into its root, partitions onto the disk or into an MBR', async () => {
  const refused = (image: string, info: object) => expect(deploy(image, info)).rejects;
  for (const image of ['/raw', '/zstd', '/qcow2']) {
    await refused(image, { root_mb: 24 }).toMatchObject({ kind: 'diskTooSmall' });
    expect(
      readFileSync(path)
        .subarray(0, 512)
        .every((byte) => byte === 0),
    ).toBe(true);
  }
  await refused('/raw', { root_mb: 4096 }).toThrow(/need a disk of 4146 MiB, it has 448/);
  await refused('/raw', { deploy_boot_mode: 'uefi', disk_label: 'msdos', root_mb: 'many' }).toThrow(/root_mb/);
  const five = { deploy_boot_mode: 'uefi', disk_label: 'msdos', root_mb: 64 };
  await expect(deploy('/raw', five, { user_data: 'x' })).rejects.toThrow(/holds four partitions/);
});
