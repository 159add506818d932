// Addresses follow from the subnet.
import { expect, test } from 'vitest';
import { overlaps, rackAddresses } from './subnet.ts';

test('the host takes the first address, and an IPv6 network of its own for each subnet', () => {
  expect(rackAddresses('192.168.24.0/24')).toEqual({
    subnet: '192.168.24.0/24',
    host: '192.168.24.1',
    prefixLength: 24,
    hostV6: 'fd75:c0a8:1800::1',
  });
  expect(rackAddresses('10.0.0.77/16')).toMatchObject({ subnet: '10.0.0.0/16', host: '10.0.0.1' });
  expect(rackAddresses('192.168.25.0/24').hostV6).not.toBe(rackAddresses('192.168.24.0/24').hostV6);
});

test.each(['nonsense', '10.0.0.0', 'fd00::/64', '10.0.0.0/30', '10.0.0.0/4'])('refuses %s', (subnet) => {
  expect(() => rackAddresses(subnet)).toThrow('--subnet');
});

test('networks overlap when one holds the other', () => {
  expect(overlaps('192.168.24.1/24', '192.168.0.0/16')).toBe(true);
  expect(overlaps('192.168.24.1/24', '192.168.25.0/24')).toBe(false);
});
