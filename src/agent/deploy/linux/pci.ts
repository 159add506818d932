// The machine's PCI devices, as ironic-python-agent's collector of that name reports them.
import { join } from 'node:path';
import type { PciDevice } from '../../protocol.ts';
import { names, read } from './sysfs.ts';

/** Identifiers are hexadecimal without a prefix; `root` is a prefix of /sys for tests. */
export async function listPciDevices(root = '/'): Promise<readonly PciDevice[]> {
  const folder = join(root, 'sys/bus/pci/devices');
  const devices: PciDevice[] = [];
  for (const bus of await names(folder)) {
    const hex = async (name: string) => ((await read(join(folder, bus, name))) ?? '').replace(/^0x/, '');
    const [vendor_id, product_id] = [await hex('vendor'), await hex('device')];
    devices.push({ vendor_id, product_id, class: await hex('class'), revision: await hex('revision'), bus });
  }
  return devices;
}
