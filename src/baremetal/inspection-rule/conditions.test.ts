// Addresses and subnets as rules and profiles of discovery write them.
import { expect, test } from 'vitest';
import { inNet } from './conditions.ts';

test.each([
  ['10.1.2.3', '10.1.0.0/16', true],
  ['10.2.2.3', '10.1.0.0/16', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3', '0.0.0.0/0', true],
  ['fd00::7', 'fd00::/64', true],
  ['10.1.2.3', 'fd00::/64', false],
  // No subnets: they hold nobody, and end nothing.
  ['10.1.2.3', '10.1.0.0/33', false],
  ['10.1.2.3', '10.1.0.0/', false],
  ['10.1.2.3', '10.1.0.0/x', false],
  ['10.1.2.3', 'rack 7', false],
  ['unknown', '10.1.0.0/16', false],
])('%s in %s: %s', (address, subnet, inside) => {
  expect(inNet(address, subnet)).toBe(inside);
});
