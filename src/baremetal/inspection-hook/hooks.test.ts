// Inspection hooks as values in, values out.
import { expect, test } from 'vitest';
import type { PortDraft } from './hook.ts';
import { hooksNamed, type InspectionConfig, inspected, usualHooks, usualInspection } from './hooks.ts';
import { type Report, reportOf } from './report.ts';

const nic = (name: string, mac: string, more: object = {}) => ({
  name,
  mac_address: mac,
  ipv4_address: null,
  ipv6_address: null,
  ...more,
});
const inventory = {
  cpu: { count: 8, architecture: 'x86_64', flags: ['vmx', 'aes', 'fpu'] },
  memory: { physical_mb: 4096 },
  disks: [
    { name: '/dev/sda', size: 300 * 2 ** 30, serial: 'A' },
    { name: '/dev/sdb', size: 100 * 2 ** 30, serial: 'B' },
  ],
  interfaces: [
    nic('eth0', '52:54:00:AA:00:01', { ipv4_address: '10.1.0.5', lldp: [[1, '04112233aabbcc']] }),
    // A chassis that has only a local name is no link.
    nic('eth1', '52:54:00:aa:00:02', { lldp: [[1, '077261636b']] }),
    nic('eth2', '52:54:00:aa:00:03', { ipv6_address: 'fd00::5' }),
    nic('bond', 'none'),
  ],
  system_vendor: { manufacturer: 'Maker', product_name: 'Box' },
  boot: { current_boot_mode: 'uefi', pxe_interface: '01-52-54-00-aa-00-03' },
};
const port = (address: string, more: Partial<PortDraft> = {}): PortDraft => ({
  address,
  isNew: false,
  local_link_connection: {},
  physical_network: null,
  ...more,
});

function found(
  names: readonly string[],
  {
    config = {},
    report = {},
    properties = {},
    ports = [],
  }: {
    config?: Partial<InspectionConfig>;
    report?: Partial<Report>;
    properties?: object;
    ports?: readonly PortDraft[];
  } = {},
) {
  const whole = { ...usualInspection, ...config, hooks: hooksNamed(names) };
  return inspected(whole, reportOf({ inventory, ...report }), { properties: { ...properties }, ports });
}

test('the usual hooks derive properties, a port for every NIC and its switch', () => {
  const { properties, ports, pluginData } = found(usualHooks, { properties: { capabilities: 'a:b', cpus: 1 } });
  expect(properties).toEqual({
    capabilities: 'a:b',
    cpus: 8,
    cpu_arch: 'x86_64',
    memory_mb: 4096,
    local_gb: 100,
    vendor: 'Maker',
    model: 'Box',
  });
  expect(ports.map(({ address }) => address)).toEqual(['52:54:00:aa:00:01', '52:54:00:aa:00:02', '52:54:00:aa:00:03']);
  expect(ports[0]).toMatchObject({ isNew: true, local_link_connection: { switch_id: '11:22:33:aa:bb:cc' } });
  expect(ports[1]?.local_link_connection).toEqual({});
  expect(pluginData).toMatchObject({ cpus: 8, macs: ports.map(({ address }) => address) });
  expect(pluginData.all_interfaces).toMatchObject({ eth0: { pxe_enabled: false }, eth2: { pxe_enabled: true } });
});

test('no hook, nothing derived', () => {
  expect(found([], { properties: { a: 1 } })).toMatchObject({ properties: { a: 1 }, ports: [], pluginData: {} });
});

test.each([
  ['all', ['01', '02', '03']],
  ['active', ['01', '03']],
  ['pxe', ['03']],
  ['disabled', []],
] as const)('add_ports %s makes the ports %o', (addPorts, ends) => {
  const { ports } = found(['validate-interfaces', 'ports'], { config: { addPorts } });
  expect(ports.map(({ address }) => address.slice(-2))).toEqual(ends);
});

test.each([
  ['all', ['02', '99', '03']],
  ['present', ['02', '03']],
  ['added', ['03']],
] as const)('keep_ports %s leaves the ports %o', (keepPorts, ends) => {
  const { ports } = found(['validate-interfaces', 'ports'], {
    config: { addPorts: 'pxe', keepPorts },
    ports: [port('52:54:00:aa:00:02'), port('52:54:00:aa:00:99')],
  });
  expect(ports.map(({ address }) => address.slice(-2))).toEqual(ends);
});

test('what a person has said of a port stays', () => {
  const mine = { local_link_connection: { switch_id: 'mine' }, physical_network: 'mine' };
  const { ports } = found(['validate-interfaces', 'local-link-connection', 'physical-network'], {
    config: { physicalNetworks: { '10.1.0.0/16': 'blue', 'fd00::/64': 'red' } },
    ports: [port('52:54:00:aa:00:01', mine), port('52:54:00:aa:00:03')],
  });
  expect(ports).toMatchObject([mine, { physical_network: 'red' }]);
});

test('the error of the ramdisk ends the inspection, unless nobody asks for it', () => {
  expect(() => found(['ramdisk-error'], { report: { error: 'no disk' } })).toThrow(/no disk/);
  expect(found([], { report: { error: 'no disk' } }).pluginData).toEqual({ error: 'no disk' });
});

test('capabilities come from the boot mode, the CPU and PCI devices, beside those that are there', () => {
  const { properties } = found(['boot-mode', 'cpu-capabilities', 'pci-devices'], {
    properties: { capabilities: 'raid:yes,boot_mode:bios' },
    config: { pciAliases: [{ vendor_id: '10DE', product_id: '1eb8', name: 't4' }] },
    report: Object({ pci_devices: [device('10de', '1eb8'), device('10de', '1eb8'), device('8086', '1')] }),
  });
  expect(properties.capabilities).toBe('raid:yes,boot_mode:uefi,cpu_vt:true,cpu_aes:true,t4:2');
});
const device = (vendor_id: string, product_id: string) => ({ vendor_id, product_id, bus: '0000:01:00.0' });

test('known accelerators become a property', () => {
  const known = { vendor_id: '10de', device_id: '1eb8', type: 'GPU', device_info: 'Tesla T4' };
  const report = Object({ pci_devices: [device('10de', '1eb8')] });
  expect(found(['accelerators'], { config: { accelerators: [known] }, report }).properties.accelerators).toEqual([
    { ...known, pci_address: '0000:01:00.0' },
  ]);
});

test('the root disk is the one that the hints choose, that was reported, or the smallest', () => {
  const size = (more: object) => found(['root-device'], more).properties.local_gb;
  expect(size({})).toBe(100);
  expect(size({ report: { root_disk: { name: '/dev/sda', size: 1 } } })).toBe(300);
  expect(size({ properties: { root_device: { serial: 'A' } } })).toBe(300);
  expect(() => size({ properties: { root_device: { serial: 'Z' } } })).toThrow(/no disk fits the root device hints/);
});

test('the disk that is new since the last inspection becomes the root device', () => {
  const noted = found(['raid-device']).properties;
  expect(noted).toEqual({ block_devices: { serials: ['A', 'B'] } });
  const again = { properties: noted, report: { inventory: { ...inventory, disks: [...inventory.disks, array] } } };
  expect(found(['raid-device'], again).properties).toEqual({ root_device: { serial: 'R' } });
});
const array = { name: '/dev/sdc', size: 5, serial: 'R' };

test("what python-hardware's collector has sent is told by its keys", () => {
  const data = [
    ['disk', 'sda', 'size', '300'],
    ['disk', 'sda', 'model', 'x'],
    ['cpu', 'logical', 'number', 8],
  ];
  expect(found(['extra-hardware'], { report: Object({ data }) }).pluginData).toEqual({
    extra: { disk: { sda: { size: '300', model: 'x' } }, cpu: { logical: { number: 8 } } },
  });
});

test('parsed LLDP is kept by interface', () => {
  expect(found(['validate-interfaces', 'parse-lldp']).pluginData.parsed_lldp).toEqual({
    eth0: { switch_chassis_id: '11:22:33:aa:bb:cc' },
    eth1: { switch_chassis_id: 'rack' },
  });
});

test.each([
  [['memory', 'colour'], /no hook "colour"; there are: ramdisk-error, .*extra-hardware/],
  [['ports'], /"ports" needs "validate-interfaces" before it/],
  [['ports', 'validate-interfaces'], /"ports" needs "validate-interfaces" before it/],
  [['memory', 'memory'], /"memory" stands there twice/],
])('the hooks %o are refused', (names, reason) => {
  expect(() => hooksNamed(names)).toThrow(reason);
});
