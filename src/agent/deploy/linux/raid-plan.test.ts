// Which arrays a target_raid_config asks for.
import { expect, test } from 'vitest';
import { plainDisk } from '../../protocol.ts';
import { planSoftwareRaid } from './raid-plan.ts';

const mebibyte = 1 << 20;
const disk = (name: string, gib: number, serial: string | null = null) =>
  plainDisk(name, gib * 2 ** 30, { serial, rotational: true });
const two = [disk('/dev/sda', 10, 'A'), disk('/dev/sdb', 12, 'B')];
const plan = (logicalDisks: readonly object[], disks = two) =>
  planSoftwareRaid({ logical_disks: logicalDisks.map((one) => ({ controller: 'software', ...one })) }, disks);

test('a mirror of what the smaller disk has, behind room for a boot loader', () => {
  expect(plan([{ size_gb: 'MAX', raid_level: '1', volume_name: 'system' }])).toEqual([
    {
      ...{ device: '/dev/md0', level: '1', name: 'system', disks: ['/dev/sda', '/dev/sdb'] },
      ...{ offsetBytes: 552 * mebibyte, sizeBytes: (10 * 1024 - 2 - 552) * mebibyte },
    },
  ]);
});

test('a second array begins where the first ends, and gives each disk its share', () => {
  const [first, second] = plan([
    { size_gb: 4, raid_level: '1' },
    { size_gb: 8, raid_level: '0' },
  ]);
  expect(first).toMatchObject({ device: '/dev/md0', sizeBytes: 4 * 2 ** 30 + 2 * mebibyte });
  expect(second).toMatchObject({
    ...{ device: '/dev/md1', level: '0', sizeBytes: 4 * 2 ** 30 + 2 * mebibyte },
    offsetBytes: (first?.offsetBytes ?? 0) + (first?.sizeBytes ?? 0),
  });
});

test('takes the disks that the hints name, each once', () => {
  const disks = [...two, disk('/dev/sdc', 10, 'C')];
  const hints = [{ serial: 'C' }, { size: '>= 10' }];
  expect(plan([{ size_gb: 'MAX', raid_level: '1', physical_disks: hints }], disks)[0]?.disks).toEqual([
    '/dev/sdc',
    '/dev/sda',
  ]);
  expect(() => plan([{ size_gb: 1, raid_level: '1', physical_disks: [{ serial: 'A' }, { serial: 'A' }] }])).toThrow(
    /no free disk fits .*"A"/,
  );
});

test.each([
  [[], 'holds no logical disk with controller software'],
  [[{ size_gb: 1, raid_level: '0' }], 'the first logical disk must have raid_level 1'],
  [
    [
      { size_gb: 1, raid_level: '1' },
      { size_gb: 1, raid_level: '5' },
    ],
    'raid_level 5 needs 3 disks, 2 fit',
  ],
  [
    [
      { size_gb: 1, raid_level: '1' },
      { size_gb: 1, raid_level: '7' },
    ],
    'raid_level 7 is none of',
  ],
  [[{ size_gb: 0, raid_level: '1' }], 'size_gb must be a positive whole number or MAX'],
  [[{ size_gb: 11, raid_level: '1' }], 'logical disk 1 needs'],
  [
    [
      { size_gb: 'MAX', raid_level: '1' },
      { size_gb: 'MAX', raid_level: '0' },
    ],
    'logical disk 2 needs',
  ],
])('refuses %j', (logicalDisks, reason) => {
  expect(() => plan(logicalDisks)).toThrow(reason);
});
