// What `node history` and `node why` make of the API's answers.
import { expect, test } from 'vitest';
import { historyLines, whyLines } from './history.ts';

const operation = {
  kind: 'node.clean',
  state: 'failed',
  requested_by: 'ann',
  created_at: '2026-01-01T10:00:00.000Z',
  started_at: '2026-01-01T10:00:01.000Z',
  finished_at: '2026-01-01T10:05:01.000Z',
  failure: { cause: 'The disk is dead.', hint: 'Replace it.' },
};
const step = {
  created_at: '2026-01-01T10:02:00+00:00',
  severity: 'INFO',
  event_type: 'manageable',
  event: 'clean step raid.delete_configuration ended after 3.0 s',
};
const error = {
  ...step,
  created_at: '2026-01-01T10:05:01+00:00',
  severity: 'ERROR',
  event: 'The disk is dead. Replace it.',
};

test('a history tells operations and steps in the order of their time, and each failure once', () => {
  expect(historyLines([operation], [step, error]).map(({ what, detail }) => `${what}: ${detail}`)).toEqual([
    'node.clean begun: asked for by ann',
    'manageable: clean step raid.delete_configuration ended after 3.0 s',
    'node.clean failed: The disk is dead. Replace it.',
  ]);
});

test('a machine that holds says for whom, how long, and what lets it go on', () => {
  const lines = whyLines(
    {
      name: 'n1',
      provision_state: 'clean hold',
      target_provision_state: 'manageable',
      meaning: 'A clean step holds until somebody lets it go on.',
      step: 'clean power.hold',
      waiting_for: 'holding until somebody says unhold',
      until: '2026-01-08T10:00:00.000Z',
      problems: [],
      bmc: null,
      can: [{ verb: 'unhold', effect: 'let it go on' }],
    },
    Date.parse('2026-01-08T08:00:00.000Z'),
  );
  expect(lines).toEqual([
    'n1 is clean hold, on its way to manageable. A clean step holds until somebody lets it go on.',
    'It runs the clean power.hold step.',
    'It is holding until somebody says unhold, for 2 h 0 min more at the most.',
    'You can:',
    '  unhold: let it go on',
  ]);
});
