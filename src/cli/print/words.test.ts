// Numbers and failures as people read them.
import { expect, test } from 'vitest';
import { duration, failureText, size } from './words.ts';

test.each([
  [{ cause: 'The disk is dead.', hint: 'Replace it.' }, 'The disk is dead. Replace it.'],
  [{ cause: 'its deadline passed', hint: 'Start it again.' }, 'its deadline passed. Start it again.'],
  [{ cause: 'aborted on request', hint: '' }, 'aborted on request'],
])('a failure is told in sentences: %j', (failure, text) => {
  expect(failureText(failure)).toBe(text);
});

test.each([
  [0.4, '0 s'],
  [59.6, '1 min 0 s'],
  [3_599, '59 min 59 s'],
  [7_800, '2 h 10 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each([
  [999, '999 B'],
  [4_200_000, '4.2 MB'],
  [5e15, '5000.0 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
