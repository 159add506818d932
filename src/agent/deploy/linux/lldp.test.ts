// What is read out of the frames of a switch.
import { expect, test } from 'vitest';
import { parseLldp } from './lldp.ts';

const to = '0180c200000e';
const from = 'deadbeef0001';
const element = (type: number, value: string) =>
  ((type << 9) | (value.length / 2)).toString(16).padStart(4, '0') + value;
const chassis = element(1, '04deadbeef0001');
const port = element(2, `05${Buffer.from('Ethernet1/7').toString('hex')}`);
const ttl = element(3, '0078');

test('reads the elements up to the end mark, with their values in hexadecimal', () => {
  const frame = Buffer.from(`${to}${from}88cc${chassis}${port}${ttl}0000${'00'.repeat(20)}`, 'hex');
  expect(parseLldp(frame)).toEqual([
    [1, '04deadbeef0001'],
    [2, '0545746865726e6574312f37'],
    [3, '0078'],
  ]);
});

test('looks behind a VLAN tag, and past nothing else', () => {
  expect(parseLldp(Buffer.from(`${to}${from}8100000188cc${ttl}0000`, 'hex'))).toEqual([[3, '0078']]);
  expect(parseLldp(Buffer.from(`${to}${from}0800${ttl}0000`, 'hex'))).toBeUndefined();
  expect(parseLldp(Buffer.from(to, 'hex'))).toBeUndefined();
});

test('keeps what was whole when a frame breaks off', () => {
  expect(parseLldp(Buffer.from(`${to}${from}88cc${ttl}${chassis}`.slice(0, -4), 'hex'))).toEqual([[3, '0078']]);
});
