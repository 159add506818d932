// An operator's choice of inspection hooks reaches bare metal, or the start is refused.
import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { inspectionOptions } from './inspection-options.ts';

const configured = (env: NodeJS.ProcessEnv) =>
  inspectionOptions(loadConfig(undefined, { HOME: '/tmp', ...env }, {}).inspection);

test('takes hooks in the order given, and what they are to know', () => {
  const options = configured({
    UNDERCLOUD_INSPECTION__HOOKS: '[validate-interfaces, physical-network, memory]',
    UNDERCLOUD_INSPECTION__ADD_PORTS: 'pxe',
    UNDERCLOUD_INSPECTION__PHYSICAL_NETWORKS: '{10.0.0.0/8: blue}',
    UNDERCLOUD_INSPECTION__CPU_CAPABILITIES: '{amx: cpu_amx}',
  });
  expect(options.hooks.map(({ name }) => name)).toEqual(['validate-interfaces', 'physical-network', 'memory']);
  expect(options).toMatchObject({
    addPorts: 'pxe',
    physicalNetworks: { '10.0.0.0/8': 'blue' },
    cpuCapabilities: { amx: 'cpu_amx' },
  });
  expect(options.cpuCapabilities).not.toHaveProperty('vmx');
});

test.each([
  [{ UNDERCLOUD_INSPECTION__HOOKS: '[colour]' }, /inspection\.hooks: there is no hook "colour"; there are: .*memory/],
  [{ UNDERCLOUD_INSPECTION__HOOKS: '[ports]' }, /inspection\.hooks: "ports" needs "validate-interfaces"/],
  [{ UNDERCLOUD_INSPECTION__ADD_PORTS: 'some' }, /inspection\.add_ports/],
  [{ UNDERCLOUD_INSPECTION__PCI_ALIASES: '[{vendor_id: x, product_id: 10de, name: a}]' }, /pci_aliases\.0\.vendor_id/],
])('refuses %o by name', (env, reason) => {
  expect(() => configured(env)).toThrow(reason);
});
