// Which drives a RAID volume gets.
import { expect, test } from 'vitest';
import { type Drive, drivesFor, parseTarget, planVolume } from './raid-plan.ts';

const gib = 2 ** 30;
const drive = (id: string, gb: number, more: Partial<Drive> = {}): Drive => ({
  path: `/d/${id}`,
  id,
  controller: 'c1',
  sizeBytes: gb * gib,
  mediaType: 'ssd',
  protocol: 'sas',
  ...more,
});
const chosen = (disk: object, free: readonly Drive[]) => {
  const [target] = parseTarget({ logical_disks: [disk] });
  if (!target) throw new Error('no disk');
  return planVolume(target, 'v', free);
};

test('takes the smallest like drives that do, as few as the level needs', () => {
  const free = [drive('a', 100), drive('b', 100), drive('c', 50), drive('d', 50), drive('e', 50)];
  expect(chosen({ size_gb: 42, raid_level: '1' }, free)).toMatchObject({
    raidType: 'RAID1',
    drives: ['/d/c', '/d/d'],
    sizeBytes: 42 * gib,
  });
  expect(chosen({ size_gb: 90, raid_level: '5' }, free).drives).toEqual(['/d/c', '/d/d', '/d/e']);
  expect(chosen({ size_gb: 60, raid_level: '1' }, free).drives).toEqual(['/d/a', '/d/b']);
});

test('does not mix controllers, types or protocols', () => {
  const free = [drive('a', 50), drive('b', 50, { controller: 'c2' }), drive('c', 50, { mediaType: 'hdd' })];
  expect(() => chosen({ size_gb: 10, raid_level: '1' }, free)).toThrow('3 of 3 free drives fit');
  expect(chosen({ size_gb: 10, raid_level: '0', disk_type: 'hdd' }, free).drives).toEqual(['/d/c']);
});

test('takes exactly the drives that are named', () => {
  const free = [drive('a', 50), drive('b', 60), drive('c', 50)];
  const disk = { size_gb: 'MAX', raid_level: '1', physical_disks: ['b', 'c'] };
  expect(chosen(disk, free)).toMatchObject({ drives: ['/d/b', '/d/c'], sizeBytes: null });
});

test('spans say how many drives it takes, and how much each must hold', () => {
  const free = Array.from({ length: 12 }, (_, index) => drive(`d${index}`, 100));
  const disk = { size_gb: 600, raid_level: '5+0', span_depth: 3, span_length: 3 };
  expect(chosen(disk, free)).toMatchObject({ raidType: 'RAID50', drives: free.slice(0, 9).map(({ path }) => path) });
  expect(() => chosen({ ...disk, size_gb: 601 }, free)).toThrow('101 GiB each');
  expect(chosen({ ...disk, size_gb: 400, span_depth: 2 }, free).drives).toHaveLength(6);
});

test('volumes that share drives get the room that is left on them; the others none', () => {
  const all = [drive('a', 100), drive('b', 100), drive('c', 400), drive('d', 400)];
  const root = { name: 'root', raidType: 'RAID1', sizeBytes: 40 * gib, drives: ['/d/a', '/d/b'] };
  const wanted = { size_gb: 50, raid_level: '1' as const, share_physical_disks: true };
  const shared = drivesFor(wanted, all, [root], ['root', 'data']);
  expect(planVolume(wanted, 'data', shared).drives).toEqual(['/d/a', '/d/b']);
  expect(planVolume({ ...wanted, size_gb: 61 }, 'data', shared).drives).toEqual(['/d/c', '/d/d']);
  const own = drivesFor({ ...wanted, share_physical_disks: false }, all, [root], ['root']);
  expect(planVolume(wanted, 'data', own).drives).toEqual(['/d/c', '/d/d']);
});

test.each([
  [{ size_gb: 1, raid_level: '5', span_depth: 2 }, 'has no spans'],
  [
    { size_gb: 1, raid_level: '5+0', span_depth: 2, span_length: 3, number_of_physical_disks: 8 },
    'do not make 2 spans',
  ],
  [{ size_gb: 1, raid_level: '5+0', span_depth: 4 }, 'do not make 4 spans'],
  [{ size_gb: 1, raid_level: '1', number_of_physical_disks: 1 }, 'needs 2 drives'],
  [{ size_gb: 1, raid_level: '3' }, 'raid_level'],
  [{ size_gb: -1, raid_level: '1' }, 'size_gb'],
  [{ raid_level: '1' }, 'size_gb'],
])('refuses %o', (disk, words) => {
  expect(() => chosen(disk, [drive('a', 9), drive('b', 9)])).toThrow(words);
});
