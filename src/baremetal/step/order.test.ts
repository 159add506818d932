// The order of steps as properties of values.
import { expect, test } from 'vitest';
import { aroundCore, byPriority, merged } from './order.ts';
import { nameOf, ownWaitMs, type Step } from './step.ts';

const step = (name: string, priority: number, args = {}): Step => {
  const [of = '', what = ''] = name.split('.');
  return { interface: of, step: what, args, priority };
};

test('higher priority runs first, the interface decides among equals, and priority 0 is switched off', () => {
  const given = [step('raid.a', 10), step('deploy.b', 10), step('bios.c', 90), step('power.d', 10), step('bios.e', 0)];
  expect(byPriority(given).map(nameOf)).toEqual(['bios.c', 'power.d', 'deploy.b', 'raid.a']);
});

test('a step asked for with the request replaces the one of a template', () => {
  const both = merged([step('raid.a', 70)], [step('raid.a', 90, { x: 1 }), step('bios.b', 50)]);
  expect(both.map(({ priority }) => priority)).toEqual([70, 50]);
});

test('the image is written between the steps above its priority and the rest', () => {
  const { before, after } = aroundCore([step('bios.late', 20), step('raid.first', 150), step('raid.same', 80)], 80);
  expect([before.map(nameOf), after.map(nameOf)]).toEqual([['raid.first'], ['raid.same', 'bios.late']]);
});

test('holds and waits lengthen the time that an operation may take', () => {
  const steps = [step('power.hold', 0), step('power.wait', 0, { seconds: 30 }), step('bios.a', 0)];
  expect(ownWaitMs(steps, 1000)).toBe(31_000);
});
