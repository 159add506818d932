// Names of disks that last from one boot to the next, as udev would give them.
import { expect, test } from 'vitest';
import { pathOfPlace, wwnOf } from './disk-names.ts';

test.each([
  ['/sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda', 'pci-0000:00:04.0'],
  ['/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1', 'pci-0000:03:00.0-nvme-1'],
  ['/sys/devices/pci0000:00/0000:00:05.0/virtio2/host2/target2:0:1/2:0:1:0/block/sda', 'pci-0000:00:05.0-scsi-0:0:1:0'],
  ['/sys/devices/pci0000:00/0000:02:00.0/host4/target4:2:3/4:2:3:0/block/sdd', 'pci-0000:02:00.0-scsi-0:2:3:0'],
])('%s is %s', (place, path) => {
  expect(pathOfPlace(place)).toBe(`/dev/disk/by-path/${path}`);
});

test('where udev counts ports or looks into enclosures there is no path rather than a wrong one', () => {
  const ata = '/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda';
  const sas = '/sys/devices/pci0000:00/0000:02:00.0/host0/port-0:0/end_device-0:0/target0:0:0/0:0:0:0/block/sda';
  expect([ata, sas, '/sys/devices/virtual/block/md0'].map(pathOfPlace)).toEqual([null, null, null]);
});

test('a WWN is written as hints know it', () => {
  expect(wwnOf('naa.5000c500a1b2c3d4')).toEqual({
    ...{ wwn: '0x5000c500a1b2c3d4', wwn_with_extension: '0x5000c500a1b2c3d4', wwn_vendor_extension: null },
  });
  expect(wwnOf('naa.600508b1001c4d2f9a7e3b6c5d8f0a12')).toEqual({
    wwn: '0x600508b1001c4d2f',
    wwn_with_extension: '0x600508b1001c4d2f9a7e3b6c5d8f0a12',
    wwn_vendor_extension: '0x9a7e3b6c5d8f0a12',
  });
  expect(wwnOf('eui.0025385b01420001').wwn).toBe('eui.0025385b01420001');
  expect(wwnOf('t10.ATA     QEMU HARDDISK').wwn).toBeNull();
});
