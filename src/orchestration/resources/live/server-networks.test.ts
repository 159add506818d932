// Which interfaces of a server stay when its networks change.
import { expect, test } from 'vitest';
import { interfaceChanges } from './server-networks.ts';

const a = { portId: 'port-a', networkId: 'net', addresses: ['192.0.2.10'], subnetIds: ['red'] };
const b = { portId: 'port-b', networkId: 'net', addresses: ['192.0.2.11'], subnetIds: ['blue'] };
const c = { portId: 'port-c', networkId: 'other', addresses: ['198.51.100.5'], subnetIds: ['green'] };

test.each([
  ['the same networks change nothing', [a, c], [{ networkId: 'net' }, { networkId: 'other' }], [], []],
  ['a network named by the port that it has keeps the port', [a], [{ portId: 'port-a' }], [], []],
  ['another order changes nothing', [a, c], [{ networkId: 'other' }, { networkId: 'net' }], [], []],
  ['a network that is not wanted any more goes', [a, c], [{ networkId: 'net' }], [c], []],
  ['a network that is new comes', [a], [{ networkId: 'net' }, { networkId: 'other' }], [], [{ networkId: 'other' }]],
  [
    'a wished address keeps the interface that has it',
    [a, b],
    [{ networkId: 'net' }, { networkId: 'net', fixedIp: '192.0.2.10' }],
    [],
    [],
  ],
  [
    'a wished subnet keeps the interface that is in it',
    [a, b],
    [{ networkId: 'net' }, { networkId: 'net', subnetId: 'red' }],
    [],
    [],
  ],
  [
    'a wished subnet that no interface is in is another interface',
    [a],
    [{ networkId: 'net', subnetId: 'blue' }],
    [a],
    [{ networkId: 'net', subnetId: 'blue' }],
  ],
  [
    'another address of the same network is another interface',
    [a],
    [{ networkId: 'net', fixedIp: '192.0.2.12' }],
    [a],
    [{ networkId: 'net', fixedIp: '192.0.2.12' }],
  ],
  [
    'two of one network need two interfaces',
    [a],
    [{ networkId: 'net' }, { networkId: 'net' }],
    [],
    [{ networkId: 'net' }],
  ],
])('%s', (_what, have, want, detach, attach) => {
  expect(interfaceChanges(have, want)).toEqual({ detach, attach });
});
