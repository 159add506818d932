// Power changes against a machine of which only the power is played.
import { expect, test } from 'vitest';
import type { PowerState } from './contract.ts';
import { reachPower } from './reach-power.ts';

/** A machine that is on and does not listen to its power button; a second passes with each look. */
function deafMachine() {
  const asked: string[] = [];
  let seconds = 0;
  const power = reachPower<PowerState>(
    {
      read: async () => 'power on',
      stateOf: (state) => state,
      ask: async (action) => void asked.push(action),
    },
    { now: () => seconds * 1000, wait: async () => void seconds++ },
  );
  return { power, asked, seconds: () => seconds };
}

test('a system that does not listen to the power button is waited for no longer than told, and the error says what helps', async () => {
  const { power, asked, seconds } = deafMachine();
  await expect(power.change('soft power off', { timeoutMs: 8000 })).rejects.toMatchObject({
    kind: 'timeout',
    message: 'The machine is still "power on" after "soft power off" was accepted.',
    hint: expect.stringContaining('ask without "soft"'),
  });
  expect(asked).toEqual(['soft power off']);
  expect(seconds()).toBe(8);
});

test('a machine that keeps its power is a matter of the machine', async () => {
  await expect(deafMachine().power.change('power off', { timeoutMs: 2000 })).rejects.toMatchObject({
    hint: expect.stringContaining('firmware'),
  });
});
