// Network data as Ironic 21.4 takes and refuses it.
import { expect, test } from 'vitest';
import { violation } from '../../openstack/index.ts';
import { networkDataSchema } from './network-data.ts';

const nic = { id: 'l', type: 'phy', ethernet_mac_address: '52:54:00:00:00:01' };
const vlan = { id: 'v', type: 'vlan', vlan_link: 'l', vlan_id: 5, vlan_mac_address: '52:54:00:00:00:01' };
const bond = { ...nic, type: 'bond', bond_links: ['l'], bond_mode: 'active-backup' };
const dhcp = { id: 'n', type: 'ipv4_dhcp', link: 'l', network_id: 'x' };
const fixed = { ...dhcp, type: 'ipv4', ip_address: '10.0.0.2', netmask: '255.255.255.0' };
const route = { network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.0.0.1' };
const data = (more: object) => ({ links: [nic], networks: [dhcp], services: [], ...more });

test.each([
  data({}),
  data({ links: [{ ...nic, type: 'vif', mtu: null, vif_id: 'v', more: 1 }, vlan, bond] }),
  data({ networks: [{ ...fixed, routes: [route], gateway: '10.0.0.1' }] }),
  data({ networks: [{ ...fixed, type: 'ipv6', ip_address: 'fe80::1', netmask: 'ffff:ffff::' }] }),
  data({ networks: [{ ...dhcp, type: 'ipv6_slaac' }] }),
  data({ services: [{ type: 'dns', address: 'fe80::1' }] }),
])('takes %j', (told) => {
  expect(violation(networkDataSchema, told, 'body')).toBeUndefined();
});

const { id: _id, ...nameless } = nic;
const { vlan_id: _vlan, ...untagged } = vlan;
const { network_id: _network, ...unknown } = dhcp;
test.each([
  { links: [] },
  { links: [], networks: [] },
  data({ links: 5 }),
  data({ links: [nameless] }),
  data({ links: [{ ...nic, type: 'tape' }] }),
  data({ links: [{ ...nic, ethernet_mac_address: 'x' }] }),
  data({ links: [{ ...nic, mtu: '1500' }] }),
  data({ links: [untagged] }),
  data({ links: [{ ...bond, bond_mode: 'best' }] }),
  data({ networks: [unknown] }),
  data({ networks: [{ ...dhcp, type: 'ipx' }] }),
  data({ networks: [{ ...fixed, ip_address: '10.0.0.2/24' }] }),
  data({ networks: [{ ...fixed, netmask: '24' }] }),
  data({ networks: [{ ...fixed, type: 'ipv6' }] }),
  data({ networks: [{ ...fixed, routes: [{ network: '0.0.0.0' }] }] }),
  data({ services: [{ type: 'ntp', address: '10.0.0.1' }] }),
  data({ services: [{ type: 'dns', address: 'x' }] }),
])('refuses %j', (told) => {
  expect(violation(networkDataSchema, told, 'body')).toBeDefined();
});
