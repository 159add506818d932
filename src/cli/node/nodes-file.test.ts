// Files that describe machines, as TripleO and the bare metal client write them.
import { expect, test } from 'vitest';
import { parseNodes } from './nodes-file.ts';

const ipmi = { pm_type: 'pxe_ipmitool', pm_addr: '192.0.2.7', pm_user: 'admin', pm_password: 'secret' };
const read = (node: object) => parseNodes(JSON.stringify({ nodes: [node] }), 'instackenv.json');

test('an instackenv.json names ports by mac or by ports', () => {
  const [byMac, byPorts] = [
    { ...ipmi, mac: ['52:54:00:00:00:01', '52:54:00:00:00:02'] },
    { ...ipmi, ports: [{ address: '52:54:00:00:00:01' }, { address: '52:54:00:00:00:02' }] },
  ].map(read);
  expect(byMac).toEqual(byPorts);
  expect(byMac?.[0]).toMatchObject({ node: { driver: 'ipmi', resource_class: 'baremetal' } });
  expect(read({ ...ipmi, mac: '52:54:00:00:00:01' })[0]?.ports).toEqual([{ address: '52:54:00:00:00:01' }]);
  expect(read(ipmi)[0]?.ports).toEqual([]);
});

test('a port that is no mapping is refused by its place instead of left out', () => {
  expect(() => read({ ...ipmi, ports: ['52:54:00:00:00:01'] })).toThrow(
    'instackenv.json: nodes[0].ports[0].address is missing; give the MAC address',
  );
  expect(() => read({ driver: 'redfish', ports: 'eth0' })).toThrow('instackenv.json: nodes[0].ports must be a list');
});
