// Properties that the table of provision states must hold, whatever lines are added to it.
import { expect, test } from 'vitest';
import { defaultConfig } from '../parts.ts';
import { isProvisionState, legalVerbs, moveOn, provisionStates, transitions } from './states.ts';

test('names no move twice', () => {
  const seen = transitions.flatMap(({ from, on }) => from.map((state) => `${state}|${on}`));
  expect(seen.filter((one, index) => seen.indexOf(one) !== index)).toEqual([]);
});

test('time alone leads out of every state that works or waits, to one where a person may decide', () => {
  for (const { name, kind } of provisionStates) {
    if (kind !== 'working' && kind !== 'waiting') continue;
    const out = isProvisionState(name) ? moveOn(name, 'fail') : undefined;
    expect(out, `${name} has no way to fail`).toBeDefined();
    expect(out && legalVerbs(out.to).length, `${name} fails into a dead end`).toBeGreaterThan(0);
  }
});

test('every state can be left by a verb or by an outcome, and every state can be reached', () => {
  const reached = new Set(transitions.map(({ to }) => to));
  for (const { name } of provisionStates) {
    if (!isProvisionState(name)) throw new Error(name);
    expect(
      transitions.some(({ from }) => from.includes(name)),
      `${name} cannot be left`,
    ).toBe(true);
    if (name !== 'enroll' && name !== 'rebuild') expect(reached.has(name), `${name} cannot be reached`).toBe(true);
  }
});

/** The states that can be reached from one, on ways that avoid others. */
function reachable(from: string, without: readonly string[]): Set<string> {
  const seen = new Set([from]);
  for (const state of seen) {
    for (const { from: sources, to } of transitions) {
      if (sources.some((source) => source === state) && !without.includes(to)) seen.add(to);
    }
  }
  return seen;
}

test('from every state a node can get back into use, and time alone leads on from wherever it waits', () => {
  for (const { name, kind } of provisionStates) {
    expect(reachable(name, []), `${name} is a trap`).toContain('available');
    // Time makes no choices: it knows `fail` alone.
    if (kind === 'waiting' && isProvisionState(name)) {
      const end = moveOn(name, 'fail')?.to;
      expect(provisionStates.find((one) => one.name === end)?.kind, `${name} fails into ${end}`).toBe('failed');
    }
  }
});

test('every hold can be let go on, ends by abort or at its deadline of seven days, in a state where a person may decide', () => {
  const holds = provisionStates.filter(({ name }) => name.endsWith(' hold')).map(({ name }) => name);
  expect(holds).toEqual(['deploy hold', 'clean hold', 'service hold']);
  for (const hold of holds) {
    if (!isProvisionState(hold)) throw new Error(hold);
    expect(legalVerbs(hold)).toEqual(expect.arrayContaining(['abort', 'unhold']));
    expect(moveOn(hold, 'fail')?.to).toBe(moveOn(hold, 'abort')?.to);
  }
  expect(defaultConfig.holdTimeoutMs).toBe(7 * 24 * 60 * 60 * 1000);
});

test('no way leads from a failed cleaning to use without another cleaning', () => {
  // Taking over a machine that is in use already is a person's word that nothing needs to be cleaned.
  const reached = reachable('clean failed', ['cleaning', 'adopting']);
  expect([...reached].filter((state) => state === 'available' || state === 'deploying' || state === 'active')).toEqual(
    [],
  );
});

test('a machine whose cleaning failed cannot be offered for use before it was cleaned', () => {
  expect(legalVerbs('clean failed')).toEqual(['manage']);
  expect(legalVerbs('manageable')).not.toContain('active');
  expect(moveOn('manageable', 'provide')?.to).toBe('cleaning');
});

test('says what is legal where something else is not', () => {
  expect(moveOn('available', 'inspect')).toBeUndefined();
  expect(legalVerbs('available')).toEqual(['active', 'manage']);
  expect(moveOn('available', 'active')).toEqual({ to: 'deploying', target: 'active' });
});
