// Every machine is visited once in an interval, whatever the others do.
import { afterEach, expect, test, vi } from 'vitest';
import { startWatch, type Visited } from './watch.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const fleet = (size: number): Visited[] =>
  Array.from({ length: size }, (_, index) => ({ id: index + 1, uuid: `node-${index + 1}` }));

function watch(machines: readonly Visited[], intervalMs: number, visit: (machine: Visited) => Promise<boolean>) {
  const visits: { id: number; at: number }[] = [];
  const failed: unknown[] = [];
  const stop = startWatch({
    intervalMs,
    count: async () => machines.length,
    next: async (after, limit) => machines.filter(({ id }) => id > after).slice(0, limit),
    visit(machine) {
      visits.push({ id: machine.id, at: Date.now() });
      return visit(machine);
    },
    failed: (error) => failed.push(error),
  });
  stops.push(stop);
  return { visits, failed, stop, of: (id: number) => visits.filter((one) => one.id === id).length };
}

test('spreads the visits over the interval', async () => {
  const { visits } = watch(fleet(40), 400, async () => true);
  await vi.waitFor(() => expect(visits.length).toBeGreaterThanOrEqual(40), { timeout: 5_000 });
  const round = visits.slice(0, 40);
  expect(new Set(round.map(({ id }) => id)).size).toBe(40);
  // Four slices with a quarter of the interval between: the last begins no sooner than three quarters in.
  expect((round.at(-1)?.at ?? 0) - (round[0]?.at ?? 0)).toBeGreaterThanOrEqual(250);
});

test('a machine whose BMC never answers is not asked again meanwhile, and holds up no other', async () => {
  const { of } = watch(fleet(12), 30, ({ id }) => (id === 1 ? new Promise(() => undefined) : Promise.resolve(true)));
  await vi.waitFor(() => expect(of(12)).toBeGreaterThanOrEqual(5), { timeout: 5_000 });
  expect(of(1)).toBe(1);
});

test('a machine that does not answer is visited ever more seldom', async () => {
  const { of } = watch(fleet(2), 20, async ({ id }) => id === 2);
  await vi.waitFor(() => expect(of(2)).toBeGreaterThanOrEqual(16), { timeout: 5_000 });
  expect(of(1)).toBeGreaterThanOrEqual(2);
  expect(of(1)).toBeLessThanOrEqual(6);
});

test('a silent machine that was away is visited as often as any when it comes back', async () => {
  const machines = [...fleet(2)];
  const { of } = watch(machines, 20, async ({ id }) => id === 2);
  await vi.waitFor(() => expect(of(1)).toBeGreaterThanOrEqual(4), { timeout: 5_000 });
  const [silent] = machines.splice(0, 1);
  const rounds = of(2);
  await vi.waitFor(() => expect(of(2)).toBeGreaterThanOrEqual(rounds + 2), { timeout: 5_000 });
  const [before, meanwhile] = [of(1), of(2)];
  if (silent) machines.unshift(silent);
  await vi.waitFor(() => expect(of(1)).toBeGreaterThan(before), { timeout: 5_000 });
  expect(of(2) - meanwhile).toBeLessThanOrEqual(3);
});

test('an error of one visit is told and the others go on', async () => {
  const { of, failed } = watch(fleet(2), 20, async ({ id }) => {
    if (id === 1) throw new Error('broken');
    return true;
  });
  await vi.waitFor(() => expect(of(2)).toBeGreaterThanOrEqual(3), { timeout: 5_000 });
  expect(failed[0]).toMatchObject({ message: 'broken' });
});

test('nothing is visited after the stop', async () => {
  const { visits, stop } = watch(fleet(3), 10, async () => true);
  await vi.waitFor(() => expect(visits.length).toBeGreaterThan(3));
  await stop();
  const before = visits.length;
  await new Promise((wake) => setTimeout(wake, 50));
  expect(visits.length).toBe(before);
});
