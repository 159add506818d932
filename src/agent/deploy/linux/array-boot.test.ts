// What is copied to the disks of an array so that each starts the machine; files stand for disks and array.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Partition, primaryBytes, readTable, writeTable } from '../../disk-layout/gpt.ts';
import { type Disk, plainDisk } from '../../protocol.ts';
import { clearBoot, copyBoot } from './array-boot.ts';
import { type BlockDevice, openBlockDevice } from './block-device.ts';

const mebibyte = 1 << 20;
const espType = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const raidType = 'A19D880F-05FC-4D3B-A006-743F0F84911E';
const folder = mkdtempSync(join(tmpdir(), 'array-boot-'));
const devices: BlockDevice[] = [];
let members: Disk[];

const part = (name: string, type: string, offsetMib: number, sizeMib: number, attributes = 0n): Partition => ({
  ...{ name, type, attributes, offsetBytes: offsetMib * mebibyte, sizeBytes: sizeMib * mebibyte },
  guid: `00000000-0000-4000-8000-${String(offsetMib).padStart(12, '0')}`,
});
async function make(name: string, sizeMib: number, boot: number, partitions: readonly Partition[]) {
  const path = join(folder, name);
  writeFileSync(path, Buffer.alloc(sizeMib * mebibyte));
  const device = await openBlockDevice(path, sizeMib * mebibyte, 512);
  devices.push(device);
  const table = { diskGuid: `0${boot}0F0F0F-0000-4000-8000-000000000000`, bootCode: Buffer.alloc(446, boot) };
  const bytes = writeTable({ ...table, active: false, partitions }, device.sizeBytes);
  await device.write(0, bytes.primary);
  await device.write(bytes.backupOffsetBytes, bytes.backup);
  return device;
}
beforeAll(async () => {
  const partitions = [part('esp', espType, 2, 20), part('md0', raidType, 22, 8)];
  const disks = [await make('a', 32, 1, partitions), await make('b', 40, 2, partitions)];
  members = disks.map(({ path, sizeBytes }) => plainDisk(path, sizeBytes, {}));
});
afterAll(async () => {
  for (const device of devices) await device.close();
  rmSync(folder, { recursive: true });
});
const image = (attributes: bigint, type = espType, sizeMib = 8) =>
  make('array', 64, 7, [part('esp', type, 4, sizeMib, attributes), part('root', raidType, 40, 8)]);

async function membersNow() {
  return Promise.all(
    devices.slice(0, 2).map(async (device) => ({
      table: readTable(await device.read(0, primaryBytes(512))),
      esp: await device.read(2 * mebibyte, 8 * mebibyte),
    })),
  );
}

test('each disk gets the EFI system partition, and with a golden image the boot code for BIOS; its own partitions stay', async () => {
  const array = await image(4n);
  const esp = Buffer.alloc(8 * mebibyte, 'ESP ');
  await array.write(4 * mebibyte, esp);
  await copyBoot(array, members, 'bios');
  for (const { table, esp: copied } of await membersNow()) {
    expect(copied.equals(esp)).toBe(true);
    expect(table?.partitions.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['esp', 4n],
      ['md0', 0n],
    ]);
    expect(table?.bootCode[0]).toBe(7);
  }
  for (const { name } of members)
    expect(execFileSync('sfdisk', ['--verify', name], { encoding: 'utf8' })).toContain('No errors detected');
});

test('before the next image no disk starts anything, and the array is still known', async () => {
  await clearBoot(members);
  for (const { table, esp } of await membersNow()) {
    expect(esp.subarray(0, mebibyte).every((byte) => byte === 0)).toBe(true);
    expect(table?.bootCode[0]).toBe(0);
    expect(table?.partitions.at(1)?.name).toBe('md0');
  }
});

test('says what cannot start from an array', async () => {
  await expect(copyBoot(await image(0n), members, 'bios')).rejects.toThrow(/BIOS does not start this whole-disk image/);
  await expect(copyBoot(await image(0n, raidType), members, 'uefi')).rejects.toThrow(/no EFI system partition/);
  await expect(copyBoot(await image(0n, espType, 30), members, 'uefi')).rejects.toThrow(/no room for an EFI system/);
  await copyBoot(await image(0n), members, 'uefi');
});
