// Hooks that turn network interfaces into ports.
import { inNet } from '../inspection-rule/conditions.ts';
import type { Hook, HookOptions, NamedInterface } from './hook.ts';
import type { Interface, Report } from './report.ts';

/** Without its hardware type in front, as PXELINUX writes it: `01-52-54-00-aa-00-01`. */
function bootMac({ boot }: Report['inventory'], told: unknown): string | undefined {
  const text = typeof told === 'string' ? told : boot?.pxe_interface;
  return text?.replaceAll('-', ':').toLowerCase().slice(-17);
}

/** Of an interface that says nothing of addresses nobody knows: it counts as one that has some. */
function active({ ipv4_address: four, ipv6_address: six }: Interface): boolean {
  return (four === undefined && six === undefined) || Boolean(four) || Boolean(six);
}

function wanted(all: readonly NamedInterface[], which: HookOptions['addPorts']): readonly NamedInterface[] {
  switch (which) {
    case 'all':
      return all;
    case 'disabled':
      return [];
    case 'active':
      return all.filter(active);
    case 'pxe': {
      const started = all.filter(({ pxe_enabled: pxe }) => pxe);
      return started.length > 0 ? started : all.filter(active);
    }
  }
}

export const validateInterfaces: Hook = {
  name: 'validate-interfaces',
  summary: 'Plugin data `all_interfaces`, `valid_interfaces` (those that `inspection.add_ports` wants) and `macs`',
  run(inspected, { addPorts }) {
    const { inventory, pluginData } = inspected;
    const started = bootMac(inventory, pluginData.boot_interface);
    inspected.interfaces = inventory.interfaces.flatMap((found, index) => {
      const mac_address = found.mac_address.toLowerCase();
      if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac_address)) return [];
      return [{ ...found, name: found.name ?? `NIC ${index + 1}`, mac_address, pxe_enabled: mac_address === started }];
    });
    const valid = wanted(inspected.interfaces, addPorts);
    const byName = (some: readonly NamedInterface[]) => Object.fromEntries(some.map((one) => [one.name, one]));
    pluginData.all_interfaces = byName(inspected.interfaces);
    pluginData.valid_interfaces = byName(valid);
    pluginData.macs = valid.map(({ mac_address: mac }) => mac);
  },
};

export const ports: Hook = {
  name: 'ports',
  summary: 'A port for each valid interface; ports that `inspection.keep_ports` does not keep go',
  needs: ['validate-interfaces'],
  run(inspected, { addPorts, keepPorts }) {
    const there = inspected.interfaces.map(({ mac_address: mac }) => mac);
    const added = wanted(inspected.interfaces, addPorts).map(({ mac_address: mac }) => mac);
    const kept = keepPorts === 'present' ? there : added;
    const known = inspected.ports.filter(({ address }) => keepPorts === 'all' || kept.includes(address));
    const missing = added.filter((mac) => !known.some(({ address }) => address === mac));
    inspected.ports = [
      ...known,
      ...missing.map((address) => ({ address, isNew: true, local_link_connection: {}, physical_network: null })),
    ];
  },
};

export const physicalNetwork: Hook = {
  name: 'physical-network',
  summary: 'Physical network of ports that have none, by their address (`inspection.physical_networks`)',
  needs: ['validate-interfaces'],
  run({ interfaces, ports: all }, { physicalNetworks }) {
    for (const { mac_address: mac, ipv4_address: four, ipv6_address: six } of interfaces) {
      const port = all.find(({ address }) => address === mac);
      if (!port || port.physical_network !== null) continue;
      const fits = ([cidr]: [string, string]) => [four, six].some((one) => Boolean(one) && inNet(String(one), cidr));
      port.physical_network = Object.entries(physicalNetworks).find(fits)?.[1] ?? null;
    }
  },
};
