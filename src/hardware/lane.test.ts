// How one BMC's lane spares the others and the BMC itself.
import { expect, test, vi } from 'vitest';
import { HardwareError } from './contract.ts';
import { createLane } from './lane.ts';

const dead = async () => {
  throw new HardwareError('unreachable', 'no route to host');
};

test('asks a dead BMC three times, then not before its pause is over', async () => {
  let clock = 0;
  let calls = 0;
  const lane = createLane('bmc', { now: () => clock, pauseMs: 5000 });
  const attempt = () =>
    lane.run(async () => {
      calls++;
      return dead();
    });
  for (let i = 0; i < 5; i++) await expect(attempt()).rejects.toThrow(HardwareError);
  expect(calls).toBe(3);
  clock = 5001;
  await expect(attempt()).rejects.toThrow('no route');
  expect(calls).toBe(4);
  await expect(attempt()).rejects.toThrow('asked again in 10 s');
  clock = 20_000;
  expect(await lane.run(async () => 'back')).toBe('back');
  expect(await lane.run(async () => 'and open')).toBe('and open');
});

test('does not take a refusal for a dead BMC', async () => {
  const lane = createLane('bmc');
  for (let i = 0; i < 5; i++) {
    const refused = lane.run(async () => {
      throw new HardwareError('refused', 'busy');
    });
    await expect(refused).rejects.toThrow('busy');
  }
});

test('runs at most two calls at a time, in order', async () => {
  const lane = createLane('bmc');
  const order: string[] = [];
  const open: (() => void)[] = [];
  const call = (name: string) =>
    lane.run(async () => {
      order.push(name);
      await new Promise<void>((end) => open.push(end));
    });
  const all = ['a', 'b', 'c'].map(call);
  await Promise.resolve();
  expect(order).toEqual(['a', 'b']);
  open[0]?.();
  await all[0];
  await vi.waitFor(() => expect(order).toEqual(['a', 'b', 'c']));
  open[1]?.();
  open[2]?.();
  await Promise.all(all);
});
