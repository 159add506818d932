// Faults are set and lifted one by one.
import { expect, test } from 'vitest';
import { describeFaults, withFault } from './faults.ts';

test('setting and lifting leaves the other faults alone', () => {
  const two = withFault(withFault({}, 'bmc-slow', '250'), 'link-down', undefined);
  expect(two).toEqual({ 'bmc-slow': 250, 'link-down': true });
  expect(describeFaults(two)).toBe('bmc-slow=250 link-down');
  expect(withFault(two, 'bmc-slow', 'off')).toEqual({ 'link-down': true });
});

test('a dead BMC refuses unless it is told to hang', () => {
  expect(withFault({}, 'bmc-dead', undefined)).toEqual({ 'bmc-dead': 'refuse' });
  expect(withFault({}, 'bmc-dead', 'hang')).toEqual({ 'bmc-dead': 'hang' });
});

test.each([
  ['nonsense', undefined, 'no fault is named nonsense'],
  ['toString', undefined, 'no fault is named toString'],
  ['bmc-slow', undefined, 'milliseconds'],
  ['bmc-slow', '-1', 'milliseconds'],
  ['clock-skew', 'soon', 'seconds'],
  ['disk-lost', '0', 'number of the disk'],
  ['bmc-dead', 'maybe', 'refuse'],
  ['link-down', '7', 'on'],
])('refuses %s %s', (kind, value, words) => {
  expect(() => withFault({}, kind, value)).toThrow(words);
});
