// What a wanted RAID configuration may say, as Ironic's API answers it.

import { expect, test } from 'vitest';
import { describeFault, violation } from '../../openstack/index.ts';
import { raidSchema, refuseRaid } from './raid-config.ts';

const disk = { size_gb: 5, raid_level: '1' };
const fault = (wanted: unknown) => {
  const found = violation(raidSchema, wanted, 'body');
  return found && describeFault(found);
};

test.each([
  {},
  { size_gb: 'MAX' },
  { volume_name: 'v', is_root_volume: true, share_physical_disks: false },
  { disk_type: 'ssd', interface_type: 'sas', number_of_physical_disks: 2 },
  { controller: 'software', physical_disks: ['sda', { size: '> 100' }] },
  { raid_level: '5+0', span_depth: 2, span_length: 3 },
])('a logical disk may say %j', (more) => {
  expect(fault({ logical_disks: [{ ...disk, ...more }] })).toBeUndefined();
});

test.each([
  { size_gb: 'max' },
  { size_gb: '5' },
  { size_gb: -1 },
  { raid_level: 1 },
  { raid_level: '7' },
  { is_root_volume: 'yes' },
  { disk_type: 'tape' },
  { interface_type: 'nvme' },
  { number_of_physical_disks: 0 },
  { controller: 'c', physical_disks: [] },
  { colour: 'red' },
])('and not %j', (more) => {
  expect(fault({ logical_disks: [{ ...disk, ...more }] })).toBeDefined();
});

test('there is one disk at least, with size and level; none at all takes the configuration away', () => {
  expect(fault({})).toBeUndefined();
  for (const wanted of [{ logical_disks: [] }, { logical_disks: [{}] }, { logical_disks: [disk], more: 1 }])
    expect(fault(wanted)).toBeDefined();
});

test('two root volumes, and disks of no controller, are refused', () => {
  const root = { ...disk, is_root_volume: true };
  expect(() => refuseRaid({ logical_disks: [root, disk] })).not.toThrow();
  expect(() => refuseRaid({ logical_disks: [root, root] })).toThrow(/one root volume/);
  expect(() => refuseRaid({ logical_disks: [{ ...disk, physical_disks: ['a'] }] })).toThrow(/controller/);
});
