// What a person sees when a command fails.
import { expect, test } from 'vitest';
import { describeFailure } from './failure.ts';
import { UsageError } from './usage-error.ts';

test('an expected error is one line without a stack', () => {
  expect(describeFailure(new UsageError('give the template with -t FILE'))).toBe(
    'undercloud: give the template with -t FILE\n',
  );
});

test('a hint stands on its own line, and an empty one leaves no line', () => {
  expect(describeFailure(Object.assign(new UsageError('no'), { hint: 'say yes' }))).toBe('undercloud: no\n  say yes\n');
  expect(describeFailure(Object.assign(new UsageError('no'), { hint: '' }))).toBe('undercloud: no\n');
});

test('what nobody expected shows where it happened', () => {
  expect(describeFailure(new TypeError('boom'))).toMatch(/^undercloud: unexpected: TypeError: boom\n\s+at /);
});

test('a thrown value that is no error is shown as it is', () => {
  expect(describeFailure('boom')).toBe('undercloud: unexpected: boom\n');
});
