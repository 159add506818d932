// What disk images are recognised as, what makes them dangerous, and which declarations fit.
import { expect, test } from 'vitest';
import { type Detected, detectFormat, mismatch } from './formats.ts';

const bytes = (length: number, write: (head: Buffer) => void): Buffer => {
  const head = Buffer.alloc(length);
  write(head);
  return head;
};
const qcow2 = (version: number, { backing = 0n, features = 0n } = {}) =>
  bytes(512, (head) => {
    head.write('QFI\xfb', 'latin1');
    head.writeUInt32BE(version, 4);
    head.writeBigUInt64BE(backing, 8);
    head.writeBigUInt64BE(1_000_000n, 24);
    head.writeBigUInt64BE(features, 72);
  });
const vmdk = (descriptor: string) =>
  bytes(1536, (head) => {
    head.write('KDMV');
    head.writeBigUInt64LE(2000n, 12);
    head.writeBigUInt64LE(1n, 28);
    head.writeBigUInt64LE(2n, 36);
    head.write(descriptor, 512);
  });
const sparse = 'createType="monolithicSparse"\nRW 2000 SPARSE "disk.vmdk"\n';
const partitioned = (flag: number, type: number) =>
  bytes(1024, (head) => {
    head.writeUInt8(flag, 446);
    head.writeUInt8(type, 450);
    head.writeUInt16LE(0xaa55, 510);
  });

test.each<[string, Buffer, Detected]>([
  ['a qcow2', qcow2(3), { format: 'qcow2', virtualSizeBytes: 1_000_000 }],
  ['an old qcow2', qcow2(2), { format: 'qcow2', virtualSizeBytes: 1_000_000 }],
  ['a qcow2 with lazy reference counts', qcow2(3, { features: 1n }), { format: 'qcow2', virtualSizeBytes: 1_000_000 }],
  ['a sparse vmdk', vmdk(sparse), { format: 'vmdk', virtualSizeBytes: 1_024_000 }],
  [
    'a dynamic vhd',
    bytes(512, (head) => {
      head.write('conectix');
      head.writeBigUInt64BE(5_000n, 40);
    }),
    { format: 'vhd', virtualSizeBytes: 5_000 },
  ],
  ['a vhdx', bytes(512, (head) => head.write('vhdxfile')), { format: 'vhdx' }],
  [
    'a vdi',
    bytes(512, (head) => {
      head.writeUInt32LE(0xbeda107f, 64);
      head.writeBigUInt64LE(7_000n, 368);
    }),
    { format: 'vdi', virtualSizeBytes: 7_000 },
  ],
  ['an ISO', bytes(40_000, (head) => head.write('CD001', 32769)), { format: 'iso' }],
  ['a disk with a GPT', partitioned(0, 0xee), { format: 'gpt' }],
  ['a disk with a bootable partition', partitioned(0x80, 0x83), { format: 'gpt' }],
  ['a boot sector without partitions', partitioned(0, 0), { format: 'unrecognised' }],
  ['noise that ends like a boot sector', partitioned(0x41, 0x83), { format: 'unrecognised' }],
  ['nothing', Buffer.alloc(0), { format: 'unrecognised' }],
])('%s is recognised', (_what, head, found) => {
  expect(detectFormat(head)).toEqual(found);
});

test.each([
  ['a qcow2 with a backing file', qcow2(3, { backing: 512n }), 'backing file'],
  ['a qcow2 with a data file', qcow2(3, { features: 4n }), 'external data file'],
  ['a qcow2 with features of tomorrow', qcow2(3, { features: 32n }), 'unknown'],
  ['a qcow2 of an unknown version', qcow2(9), 'version 9'],
  ['a cut qcow2', qcow2(3).subarray(0, 60), 'cut short'],
  ['a qed', bytes(512, (head) => head.write('QED\0')), 'qed'],
  ['a vmdk of several files', vmdk('createType="twoGbMaxExtentSparse"\n'), 'twoGbMaxExtentSparse'],
  ['a vmdk whose extent lies elsewhere', vmdk(sparse.replace('disk', '/etc/passwd')), 'other files'],
  ['a vmdk with a parent', vmdk(`${sparse}parentFileNameHint="other.vmdk"\n`), 'parent'],
  ['a vmdk without a descriptor', vmdk(sparse).subarray(0, 600), 'descriptor'],
  ['a bare vmdk descriptor', Buffer.from('# Disk DescriptorFile\n'), 'names other files'],
])('%s is refused', (_what, head, why) => {
  const found = detectFormat(head);
  expect(found.danger).toContain(why);
  expect(mismatch(found, 'raw', 'bare')).toContain(why);
});

test.each([
  ['qcow2', 'qcow2', true],
  ['qcow2', 'raw', false],
  ['gpt', 'raw', true],
  ['gpt', 'vhd', true],
  ['gpt', 'qcow2', false],
  ['iso', 'raw', true],
  ['iso', 'qcow2', false],
  ['vmdk', 'raw', false],
  ['unrecognised', 'qcow2', true],
] as const)('content that is %s declared as %s: %s', (format, declared, fits) => {
  expect(mismatch({ format }, declared, 'bare') === undefined).toBe(fits);
});

test('what is in a container is not looked at', () => {
  expect(mismatch({ format: 'qcow2' }, 'raw', 'ova')).toBeUndefined();
});
