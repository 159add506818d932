// Hooks that look at the machine's PCI devices.
import { type Hook, setCapability, setProperty } from './hook.ts';

interface Device {
  readonly vendor_id: string;
  readonly product_id: string;
  readonly bus: string;
}

function devicesOf({ pci_devices: devices }: Readonly<Record<string, unknown>>): Device[] {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return (Array.isArray(devices) ? devices : []).map((one) => {
    const { vendor_id, product_id, bus }: Readonly<Record<string, unknown>> = Object(one);
    return { vendor_id: text(vendor_id).toLowerCase(), product_id: text(product_id).toLowerCase(), bus: text(bus) };
  });
}

export const pciDevices: Hook = {
  name: 'pci-devices',
  summary: 'A capability for kinds of PCI devices, which says how many there are (`inspection.pci_aliases`)',
  run(inspected, { pciAliases }) {
    const devices = devicesOf(inspected.pluginData);
    for (const { vendor_id: vendor, product_id: product, name } of pciAliases) {
      const same = devices.filter(
        (one) => one.vendor_id === vendor.toLowerCase() && one.product_id === product.toLowerCase(),
      );
      if (same.length > 0) setCapability(inspected, name, String(same.length));
    }
  },
};

export const accelerators: Hook = {
  name: 'accelerators',
  summary: 'Property `accelerators`: the PCI devices that `inspection.accelerators` knows',
  run(inspected, { accelerators: known }) {
    const found = devicesOf(inspected.pluginData).flatMap(({ vendor_id, product_id, bus }) =>
      known
        .filter((one) => one.vendor_id.toLowerCase() === vendor_id && one.device_id.toLowerCase() === product_id)
        .map(({ type, device_info }) => ({ vendor_id, device_id: product_id, type, device_info, pci_address: bus })),
    );
    if (found.length > 0) setProperty(inspected, 'accelerators', found);
  },
};
