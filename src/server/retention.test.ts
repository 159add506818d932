// What is long over goes, and one thing that fails keeps nothing else.
import { expect, test, vi } from 'vitest';
import { forgetDaily, forgetOld } from './retention.ts';

const log = { info: vi.fn(), warn: vi.fn() };
const dayMs = 86_400_000;

test('each kind has its own age, 0 keeps it, and what fails is told', async () => {
  const retained = {
    forgetEvents: vi.fn(async (_before: Date) => 0),
    forgetOperations: vi.fn(async (_before: Date) => {
      throw new Error('the database is away');
    }),
    forgetHistory: vi.fn(async (_lines: number) => 7),
  };
  await forgetOld({ retention: { events_days: 0, operations_days: 30, node_history: 300 } }, retained, log);
  expect(retained.forgetEvents).not.toHaveBeenCalled();
  const before = retained.forgetOperations.mock.calls[0]?.[0].getTime() ?? 0;
  expect(Math.abs(Date.now() - 30 * dayMs - before)).toBeLessThan(60_000);
  expect(retained.forgetHistory).toHaveBeenCalledWith(300);
  expect(log.warn).toHaveBeenCalledWith(expect.anything(), 'old operations could not be taken away');
  expect(log.info).toHaveBeenCalledWith('7 old lines of node history were taken away');
});

test('a round a day, none after the end', async () => {
  vi.useFakeTimers();
  try {
    const round = vi.fn(async () => undefined);
    const end = forgetDaily(round);
    await vi.advanceTimersByTimeAsync(11 * 60_000);
    expect(round).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2 * dayMs);
    expect(round).toHaveBeenCalledTimes(3);
    await end();
    await vi.advanceTimersByTimeAsync(2 * dayMs);
    expect(round).toHaveBeenCalledTimes(3);
  } finally {
    vi.useRealTimers();
  }
});
