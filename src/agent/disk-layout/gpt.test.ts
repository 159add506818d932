// Checks the partition table writer against sfdisk, and the reader against the writer.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PartitionTable, primaryBytes, readBackupTable, readTable, writeTable } from './gpt.ts';

const disk = 64 << 20;
const mebibyte = 1 << 20;
const table: PartitionTable = {
  diskGuid: '01234567-89AB-CDEF-0123-456789ABCDEF',
  bootCode: Buffer.alloc(446, 0x90),
  active: false,
  partitions: [
    {
      type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
      guid: '11111111-2222-3333-4444-555555555555',
      name: 'esp',
      offsetBytes: mebibyte,
      sizeBytes: 8 * mebibyte,
      attributes: 4n,
    },
    {
      type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
      guid: '66666666-7777-8888-9999-AAAAAAAAAAAA',
      name: 'root-a',
      offsetBytes: 9 * mebibyte,
      sizeBytes: 20 * mebibyte,
      attributes: 0n,
    },
  ],
};
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpt-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('writes a table that sfdisk verifies and reads alike', () => {
  const path = join(folder, 'disk');
  writeFileSync(path, '');
  truncateSync(path, disk);
  const bytes = writeTable(table, disk);
  const file = openSync(path, 'r+');
  writeSync(file, bytes.primary, 0, bytes.primary.length, 0);
  writeSync(file, bytes.backup, 0, bytes.backup.length, bytes.backupOffsetBytes);
  expect(execFileSync('sfdisk', ['--verify', path], { encoding: 'utf8' })).toContain('No errors detected');
  const seen = JSON.parse(execFileSync('sfdisk', ['--json', path], { encoding: 'utf8' }));
  expect(seen.partitiontable).toMatchObject({
    label: 'gpt',
    id: table.diskGuid,
    partitions: [
      { start: 2048, size: 16384, name: 'esp', uuid: table.partitions[0]?.guid, attrs: 'LegacyBIOSBootable' },
      { start: 18432, size: 40960, name: 'root-a', type: table.partitions[1]?.type },
    ],
  });
});

it('reads back what it wrote', () => {
  expect(readTable(writeTable(table, disk).primary)).toEqual(table);
});

it('reads a table that sfdisk wrote', () => {
  const path = join(folder, 'foreign');
  writeFileSync(path, '');
  truncateSync(path, disk);
  execFileSync('sfdisk', ['-q', path], { input: 'label: gpt\nstart=1MiB,size=5MiB,name=state\n' });
  const read = readTable(readFileSync(path).subarray(0, primaryBytes(512)));
  expect(read?.partitions).toMatchObject([{ name: 'state', offsetBytes: mebibyte, sizeBytes: 5 * mebibyte }]);
});

it('sees no table in a header whose checksum is wrong', () => {
  const { primary } = writeTable(table, disk);
  primary.writeUInt8(0xff, 512 + 60);
  expect(readTable(primary)).toBeUndefined();
});

it('refuses a partition that reaches into the backup table', () => {
  expect(() => writeTable(table, 29 * mebibyte)).toThrow('root-a does not fit');
});

it('finds the partitions in the backup table when the start of the disk was overwritten', () => {
  const { backup } = writeTable(table, disk);
  expect(readBackupTable(backup, disk)?.partitions).toEqual(table.partitions);
  backup.writeUInt8(1, 200);
  expect(readBackupTable(backup, disk)).toBeUndefined();
});
