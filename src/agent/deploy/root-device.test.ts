// Root device hints in the grammar that operators know from Ironic.
import { expect, it } from 'vitest';
import { type Disk, plainDisk } from '../protocol.ts';
import { chooseRootDisk } from './root-device.ts';

const disk = (name: string, gib: number, more: Partial<Disk> = {}) =>
  plainDisk(name, gib * 2 ** 30, { model: 'QEMU HARDDISK', rotational: true, ...more });
const disks = [
  disk('/dev/sda', 100, { serial: 'ABC1', hctl: '0:0:0:0' }),
  disk('/dev/sdb', 2),
  disk('/dev/nvme0n1', 40, { model: 'Samsung SSD 970', rotational: false, wwn: 'eui.0025' }),
];

it.each([
  [{}, '/dev/nvme0n1'],
  [{ size: 100 }, '/dev/sda'],
  [{ size: '>= 50' }, '/dev/sda'],
  [{ size: '= 50' }, '/dev/sda'],
  [{ size: '<= 2' }, '/dev/sdb'],
  [{ size: '<or> 99 <or> 40' }, '/dev/nvme0n1'],
  [{ model: '<in> samsung' }, '/dev/nvme0n1'],
  [{ model: '<all-in> ssd <all-in> 970' }, '/dev/nvme0n1'],
  [{ serial: 's== abc1' }, '/dev/sda'],
  [{ rotational: false }, '/dev/nvme0n1'],
  [{ name: '/dev/sdb' }, '/dev/sdb'],
  [{ name: 's!= /dev/sdb', rotational: 'true' }, '/dev/sda'],
  [{ hctl: '0:0:0:0' }, '/dev/sda'],
  [{ wwn: 'eui.0025' }, '/dev/nvme0n1'],
])('chooses by %j the disk %s', (hints, name) => {
  expect(chooseRootDisk(disks, hints).name).toBe(name);
});

it('takes the largest disk when none has the usual size', () => {
  expect(chooseRootDisk([disk('/dev/vda', 1), disk('/dev/vdb', 2)], undefined).name).toBe('/dev/vdb');
});

it('takes the first array before any disk', () => {
  expect(chooseRootDisk([disk('/dev/sdc', 10), disk('/dev/md0', 900), disk('/dev/md1', 20)], undefined).name).toBe(
    '/dev/md0',
  );
});

it('says of every disk which hint ruled it out', () => {
  expect(() => chooseRootDisk(disks, { size: '> 500' })).toThrow(
    '/dev/sdb: size is 2, wanted > 500; /dev/nvme0n1: size is 40, wanted > 500; /dev/sda: size is 100',
  );
});

it('refuses a hint that does not exist', () => {
  expect(() => chooseRootDisk(disks, { colour: 'blue' })).toThrow('colour is no root device hint');
});
