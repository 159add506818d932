// Config drives are read by foreign programs, and only file systems are taken for one.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildConfigDrive, unpackConfigDrive } from './contents.ts';
import { isoLabel, readIso } from './read-iso.ts';

const contents = {
  meta_data: { uuid: 'abc', name: 'web-0' },
  user_data: '#!/bin/sh\necho hello\n',
  vendor_data: { 'os-collect-config': { collectors: ['request'] }, long: 'x'.repeat(9000) },
};
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'configdrive-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('can be read by xorriso and blkid', () => {
  const path = join(folder, 'drive.iso');
  writeFileSync(path, buildConfigDrive(contents));
  expect(execFileSync('blkid', ['-p', '-o', 'export', path], { encoding: 'utf8' })).toMatch(
    /LABEL=config-2\n[\s\S]*TYPE=iso9660/,
  );
  const args = ['-indev', path, '-osirrox', 'on', '-extract', '/', join(folder, 'out')];
  execFileSync('xorriso', args, { stdio: 'ignore' });
  const names = execFileSync('find', [join(folder, 'out'), '-type', 'f', '-printf', '%P\\n'], { encoding: 'utf8' });
  const vendor = names.split('\n').find((name) => /vendor_data\.json/i.test(name)) ?? '';
  expect(JSON.parse(readFileSync(join(folder, 'out', vendor), 'utf8'))).toEqual(contents.vendor_data);
});

it('gives back its files by the names OpenStack uses', () => {
  const drive = buildConfigDrive(contents);
  expect(isoLabel(drive)).toBe('config-2');
  const files = readIso(drive);
  expect([...files.keys()]).toEqual([
    'openstack/latest/meta_data.json',
    'openstack/latest/user_data',
    'openstack/latest/vendor_data.json',
  ]);
  expect(files.get('openstack/latest/user_data')?.toString()).toBe(contents.user_data);
});

it('reads the Rock Ridge names of a drive that another program made', () => {
  const tree = join(folder, 'tree/openstack/latest');
  execFileSync('mkdir', ['-p', tree]);
  writeFileSync(join(tree, 'network_data.json'), '{"links":[]}');
  const iso = join(folder, 'foreign.iso');
  execFileSync('xorriso', ['-as', 'mkisofs', '-R', '-V', 'config-2', '-o', iso, join(folder, 'tree')], {
    stdio: 'ignore',
  });
  expect(readIso(readFileSync(iso)).get('openstack/latest/network_data.json')?.toString()).toBe('{"links":[]}');
});

it('is the same bytes for the same contents', () => {
  expect(buildConfigDrive(contents).equals(buildConfigDrive(structuredClone(contents)))).toBe(true);
});

it('is unpacked from base64 with and without gzip', () => {
  const drive = buildConfigDrive(contents);
  expect(unpackConfigDrive(drive.toString('base64')).equals(drive)).toBe(true);
  expect(unpackConfigDrive(gzipSync(drive).toString('base64')).equals(drive)).toBe(true);
});

it('refuses bytes that no guest could mount', () => {
  expect(() => unpackConfigDrive(Buffer.from('nothing').toString('base64'))).toThrow('neither ISO 9660 nor FAT');
  const broken = gzipSync(buildConfigDrive(contents)).subarray(0, 50).toString('base64');
  expect(() => unpackConfigDrive(broken)).toThrow('broken gzip');
});
