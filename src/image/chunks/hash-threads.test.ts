// Hashes in threads, many at once.
import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createHashThreads } from './hash-threads.ts';

const threads = createHashThreads();
const shared = (bytes: Buffer) => {
  const copy = Buffer.from(new SharedArrayBuffer(bytes.length));
  bytes.copy(copy);
  return copy;
};

test('many hashes at once, fed in turns, each get their own digest', async () => {
  const parts = Array.from({ length: 6 }, () => randomBytes(100_000));
  const whole = Buffer.concat(parts);
  const running = Array.from({ length: 5 }, () => [threads.open('md5'), threads.open('sha512')] as const);
  for (const part of parts) for (const hashes of running) for (const hash of hashes) void hash.update(shared(part));
  const names = await Promise.all(parts.map((part) => threads.sha256(shared(part))));
  for (const [index, part] of parts.entries())
    expect(names[index]?.equals(createHash('sha256').update(part).digest())).toBe(true);
  for (const [md5, sha512] of running) {
    expect((await md5.digest()).equals(createHash('md5').update(whole).digest())).toBe(true);
    expect((await sha512.digest()).equals(createHash('sha512').update(whole).digest())).toBe(true);
  }
});

test('threads that ended for want of work do not take a hash with them, however the two fall together', async () => {
  const hasty = createHashThreads({ idleMs: 1 });
  for (let round = 0; round < 20; round++) {
    const bytes = shared(randomBytes(50_000));
    const [md5, sha512] = [hasty.open('md5'), hasty.open('sha512')];
    await Promise.all([md5.update(bytes), sha512.update(bytes)]);
    await new Promise((passed) => setTimeout(passed, round % 4));
    await Promise.all([md5.update(bytes), sha512.update(bytes)]);
    const expected = createHash('md5').update(bytes).update(bytes).digest();
    expect((await md5.digest()).equals(expected)).toBe(true);
    expect((await sha512.digest()).length).toBe(64);
  }
});

test('memory that was given back is used again, as threads would hold on to what is thrown away', () => {
  const first = threads.memory.take();
  threads.memory.give(first.subarray(0, 10));
  expect(threads.memory.take().buffer).toBe(first.buffer);
});
