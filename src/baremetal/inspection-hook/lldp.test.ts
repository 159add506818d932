// What the elements of an LLDP frame say.
import { expect, test } from 'vitest';
import { elementsOf, parsedLldp } from './lldp.ts';

const hex = (text: string) => Buffer.from(text).toString('hex');
const parsed = (...lldp: unknown[]) => parsedLldp(elementsOf(lldp));

test.each<[string, [number, string], Record<string, unknown>]>([
  ['a chassis by MAC address', [1, '04112233aabbcc'], { switch_chassis_id: '11:22:33:aa:bb:cc' }],
  ['a chassis by IPv4 address', [1, '05010a000001'], { switch_chassis_id: '10.0.0.1' }],
  ['a chassis by its local name', [1, `07${hex('rack 3')}`], { switch_chassis_id: 'rack 3' }],
  ['a port by name', [2, `05${hex('Ethernet1/7')}`], { switch_port_id: 'Ethernet1/7' }],
  ['a port by MAC address', [2, '03112233aabbcd'], { switch_port_id: '11:22:33:aa:bb:cd' }],
  ['the name of the system', [5, hex('leaf-1')], { switch_system_name: 'leaf-1' }],
  [
    'capabilities',
    [7, '00140004'],
    { switch_capabilities_support: ['Bridge', 'Router'], switch_capabilities_enabled: ['Bridge'] },
  ],
  ['the address of management', [8, '05010a0000fe020000000100'], { switch_mgmt_addresses: ['10.0.0.254'] }],
  ['the untagged VLAN', [127, '0080c2010065'], { switch_port_untagged_vlan_id: 101 }],
  ['a VLAN', [127, `0080c203006605${hex('blue!')}`], { switch_port_vlans: [{ id: 102, name: 'blue!' }] }],
  ['the management VLAN', [127, '0080c2060fa0'], { switch_port_management_vlan_id: 4000 }],
  ['the largest frame', [127, '00120f042400'], { switch_port_mtu: 9216 }],
  [
    'aggregation',
    [127, '00120f030300000007'],
    {
      switch_port_link_aggregation_support: true,
      switch_port_link_aggregation_enabled: true,
      switch_port_link_aggregation_id: 7,
    },
  ],
  [
    'the physical port',
    [127, '00120f010300010010'],
    {
      switch_port_autonegotiation_support: true,
      switch_port_autonegotiation_enabled: true,
      switch_port_physical_capabilities: ['1000BASE-T fdx'],
      switch_port_mau_type: '16',
    },
  ],
])('tells %s', (_what, element, told) => {
  expect(parsed(element)).toEqual(told);
});

test('VLANs that come one by one are told together', () => {
  expect(parsed([127, `0080c203000101${hex('a')}`], [127, `0080c203000201${hex('b')}`])).toEqual({
    switch_port_vlans: [
      { id: 1, name: 'a' },
      { id: 2, name: 'b' },
    ],
  });
});

test('what is cut off, of another organisation or no element says nothing', () => {
  expect(parsed([127, '0080c201'], [127, 'ffffff01aa'], [7, '00'], [1], 'x', [127, ''], [0, ''])).toEqual({});
  expect(elementsOf(null)).toEqual([]);
});
