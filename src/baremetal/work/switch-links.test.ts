// The switch port of a NIC, out of the elements of an LLDP frame.
import { expect, test } from 'vitest';
import { switchLinks } from './switch-links.ts';

const hex = (subtype: string, text: string) => subtype + Buffer.from(text).toString('hex');
const links = (lldp: unknown) => [...switchLinks({ interfaces: [{ mac_address: '52:54:00:AA:00:01', lldp }] })];

test.each([
  [
    'switch by MAC address, port by name, and the name of the system',
    [
      [1, '04112233aabbcc'],
      [2, hex('05', 'Ethernet1/7')],
      [5, Buffer.from('leaf-1').toString('hex')],
    ],
    { switch_id: '11:22:33:aa:bb:cc', port_id: 'Ethernet1/7', switch_info: 'leaf-1' },
  ],
  ['port by MAC address', [[2, '03112233aabbcd']], { port_id: '11:22:33:aa:bb:cd' }],
])('%s', (_what, lldp, link) => {
  expect(links(lldp)).toEqual([['52:54:00:aa:00:01', link]]);
});

test.each([
  ['nothing', null],
  ['no list', 'text'],
  ['elements that are none', [[1], 'x', [1, 4], [1, '04']]],
  ['a chassis that has only a local name', [[1, hex('07', 'rack 3')]]],
])('%s is no link', (_what, lldp) => {
  expect(links(lldp)).toEqual([]);
});
