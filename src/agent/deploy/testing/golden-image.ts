// A small golden image with real file systems, compressed as the image service keeps it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Partition, writeTable } from '../../disk-layout/gpt.ts';

const mebibyte = 1 << 20;

export interface TestImage {
  /** The bytes that travel. */
  readonly bytes: Buffer;
  readonly sha512: string;
  /** The start of root A with its file system, as it must be on the disk. */
  readonly root: Buffer;
  readonly rootOffset: number;
}

/** Makes the image in `folder`: BIOS boot, ESP, root A with an ext4, root B and state, cut off after root A's data. */
export function makeGoldenImage(folder: string, marker: string): TestImage {
  const path = join(folder, `image-${marker}`);
  const part = (name: string, offsetMib: number, sizeMib: number, type: string): Partition => ({
    type,
    guid: `00000000-0000-4000-8000-${String(offsetMib).padStart(12, '0')}`,
    name,
    offsetBytes: offsetMib * mebibyte,
    sizeBytes: sizeMib * mebibyte,
    attributes: name === 'esp' ? 4n : 0n,
  });
  const linux = '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709';
  const partitions = [
    part('bios-boot', 1, 1, '21686148-6449-6E6F-744E-656564454649'),
    part('esp', 2, 8, 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'),
    part('root-a', 10, 32, linux),
    part('root-b', 42, 32, linux),
    part('state', 74, 16, '0FC63DAF-8483-4772-8E79-3D69D8477DE4'),
  ];
  const table = {
    diskGuid: '0F0F0F0F-0000-4000-8000-000000000000',
    bootCode: Buffer.alloc(446, 0xfa),
    active: false,
    partitions,
  };
  writeFileSync(path, '');
  truncateSync(path, 30 * mebibyte);
  const file = openSync(path, 'r+');
  const { primary } = writeTable(table, 91 * mebibyte);
  writeSync(file, primary, 0, primary.length, 0);
  closeSync(file);
  const tree = join(folder, `tree-${marker}`);
  execFileSync('mkdir', ['-p', join(tree, 'etc')]);
  writeFileSync(join(tree, 'etc/marker'), marker.repeat(50_000));
  execFileSync('mkfs.ext4', [
    ...['-q', '-F', '-L', 'root-a', '-O', '^has_journal', '-E', `offset=${10 * mebibyte}`, '-d', tree, path, '20480k'],
  ]);
  execFileSync('zstd', ['-q', '-f', path, '-o', `${path}.zst`]);
  const bytes = readFileSync(`${path}.zst`);
  return {
    bytes,
    sha512: createHash('sha512').update(bytes).digest('hex'),
    root: readFileSync(path).subarray(10 * mebibyte),
    rootOffset: 10 * mebibyte,
  };
}
