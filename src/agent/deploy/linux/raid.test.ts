// Which partitions are taken for parts of our arrays.
import { expect, test } from 'vitest';
import { arrayOfPartition } from './raid.ts';

test('a partition that this agent named after an array belongs to it; one of an instance belongs to none', () => {
  const uevent = (name: string) => `MAJOR=254\nMINOR=1\nDEVNAME=vda1\nDEVTYPE=partition\nDISKSEQ=2\nPARTN=1${name}`;
  expect(arrayOfPartition(uevent('\nPARTNAME=md0'))).toBe('md0');
  expect(arrayOfPartition(uevent('\nPARTNAME=primary md0'))).toBeUndefined();
  expect(arrayOfPartition(uevent(''))).toBeUndefined();
});
