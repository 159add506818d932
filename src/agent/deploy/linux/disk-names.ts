// The lasting names of a disk: what udev would call it, which does not run in the ramdisk.
import { target } from './sysfs.ts';

export interface Wwn {
  readonly wwn: string | null;
  readonly wwn_with_extension: string | null;
  readonly wwn_vendor_extension: string | null;
}

/** From the kernel's `wwid`: NAA names as `0x...`, of which the long ones have a vendor's half; NVMe's `eui.` and `nvme.` as they are. */
export function wwnOf(wwid: string | undefined): Wwn {
  const naa = /^naa\.([0-9a-f]{16})([0-9a-f]{16})?$/i.exec(wwid ?? '');
  if (naa) {
    const [, own = '', vendor] = naa;
    return {
      wwn: `0x${own}`,
      wwn_with_extension: `0x${own}${vendor ?? ''}`,
      wwn_vendor_extension: vendor === undefined ? null : `0x${vendor}`,
    };
  }
  const lasting = wwid !== undefined && /^(eui|nvme|uuid)\./.test(wwid) ? wwid : null;
  return { wwn: lasting, wwn_with_extension: lasting, wwn_vendor_extension: null };
}

/** `/dev/disk/by-path/...` from where the disk hangs in /sys; null for buses whose names udev makes from more than that. */
export async function pathOf(sysfsLink: string): Promise<string | null> {
  const place = await target(sysfsLink);
  return place === undefined ? null : pathOfPlace(place);
}

/** The same from the resolved path, such as `/sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda`. */
export function pathOfPlace(place: string): string | null {
  const address = [...place.matchAll(/\/([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])(?=\/)/g)].at(-1);
  if (!address) return null;
  const base = `/dev/disk/by-path/pci-${address[1]}`;
  const below = place.slice((address.index ?? 0) + address[0].length);
  const namespace = /^\/nvme\/nvme\d+\/nvme\d+n(\d+)$/.exec(below)?.[1];
  if (namespace !== undefined) return `${base}-nvme-${namespace}`;
  const scsi = /^(?:\/virtio\d+)?\/host\d+\/target[\d:]+\/\d+:(\d+):(\d+):(\d+)\/block\/\w+$/.exec(below);
  if (scsi) return `${base}-scsi-0:${scsi[1]}:${scsi[2]}:${scsi[3]}`;
  return /^\/virtio\d+\/block\/\w+$/.test(below) ? base : null;
}
