// What a login costs: one hash for those who come at once and for five minutes after, a full one for every wrong password.
import { expect, test } from 'vitest';
import { createPasswordHasher } from './hash.ts';

/** A hasher with a clock, and the time that its work takes in units of one hash. */
async function timed() {
  let now = 0;
  const hasher = createPasswordHasher({ logN: 14, r: 8, p: 1 }, () => now);
  const stored = await hasher.hash('right');
  const spent = async (work: () => Promise<unknown>) => {
    const began = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(began);
    return user + system;
  };
  const one = await spent(() => hasher.verify('wrong', stored));
  return {
    hasher,
    stored,
    hashes: async (work: () => Promise<unknown>) => (await spent(work)) / one,
    pass: (ms: number) => (now += ms),
  };
}

test('hashes once for logins at once, and not again within five minutes', async () => {
  const { hasher, stored, hashes, pass } = await timed();
  const right = () => hasher.verify('right', stored);
  const answers: boolean[] = [];
  expect(await hashes(async () => answers.push(...(await Promise.all(Array.from({ length: 8 }, right)))))).toBeLessThan(
    4,
  );
  expect(answers).toEqual(Array.from({ length: 8 }, () => true));
  pass(299_000);
  expect(await hashes(right)).toBeLessThan(0.5);
  pass(2_000);
  expect(await hashes(right)).toBeGreaterThan(0.5);
});

test('knows a wrong password and another hash for what they are, whatever was right before', async () => {
  const { hasher, stored } = await timed();
  expect(await hasher.verify('right', stored)).toBe(true);
  expect(await hasher.verify('wrong', stored)).toBe(false);
  expect(await hasher.verify('right', await hasher.hash('another'))).toBe(false);
  expect(await hasher.verify('right', 'no hash')).toBe(false);
});
