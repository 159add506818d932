// Which partitions are taken for parts of our arrays, and what stands for them.
import { expect, test } from 'vitest';
import { type Disk, plainDisk } from '../../protocol.ts';
import { arrayOfPartition, writableDisks } from './raid.ts';

test('a partition that this agent named after an array belongs to it; one of an instance belongs to none', () => {
  const uevent = (name: string) => `MAJOR=254\nMINOR=1\nDEVNAME=vda1\nDEVTYPE=partition\nDISKSEQ=2\nPARTN=1${name}`;
  expect(arrayOfPartition(uevent('\nPARTNAME=md0'))).toBe('md0');
  expect(arrayOfPartition(uevent('\nPARTNAME=primary md0'))).toBeUndefined();
  expect(arrayOfPartition(uevent(''))).toBeUndefined();
});

test('the one disk that is left of an array is not written to by itself, the array is', async () => {
  const [left, array] = [plainDisk('/dev/vda', 1 << 30), plainDisk('/dev/md0', 1 << 30)];
  const running: Disk[] = [];
  const kernel = {
    assemble: async () => void running.push(array),
    isMember: async (disk: Disk) => disk === left && running.length > 0,
    listArrays: async () => running,
  };
  expect(await writableDisks([left], () => {}, kernel)).toEqual([array]);
});
