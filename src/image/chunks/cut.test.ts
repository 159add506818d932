// Where chunks end: by content, within bounds, however the bytes arrive.
import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { chunksOf, maxChunkBytes, minChunkBytes } from './cut.ts';

const content = randomBytes(40_000_000);

async function chunks(bytes: Buffer, pieceBytes = 65_536): Promise<Buffer[]> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  const found: Buffer[] = [];
  for await (const chunk of chunksOf(pieces(), { take: () => Buffer.alloc(maxChunkBytes), give() {} }))
    found.push(chunk);
  return found;
}
const names = (list: readonly Buffer[]) => list.map((chunk) => createHash('sha256').update(chunk).digest('hex'));

test('the chunks are the bytes in their order, none but the last shorter than the least', async () => {
  const found = await chunks(content);
  expect(Buffer.concat(found).equals(content)).toBe(true);
  for (const chunk of found.slice(0, -1)) {
    expect(chunk.length).toBeGreaterThan(minChunkBytes);
    expect(chunk.length).toBeLessThanOrEqual(maxChunkBytes);
  }
});

test.each([1_000, 65_537, 5_000_000, content.length])(
  'the pieces of %i bytes they come in change nothing',
  async (size) => {
    expect(names(await chunks(content, size))).toEqual(names(await chunks(content)));
  },
);

test('a sector put in front changes the first chunks only', async () => {
  const before = new Set(names(await chunks(content)));
  const after = names(await chunks(Buffer.concat([randomBytes(512), content])));
  expect(after.filter((name) => before.has(name)).length).toBeGreaterThan(after.length / 2);
});

test('empty disk space becomes the longest chunks, all the same one', async () => {
  const found = await chunks(Buffer.alloc(5 * maxChunkBytes));
  expect(found.map((chunk) => chunk.length)).toEqual(Array(5).fill(maxChunkBytes));
});

test('no bytes are no chunk', async () => {
  expect(await chunks(Buffer.alloc(0))).toEqual([]);
});

test('a source that breaks off and a receiver that stops leave no buffer taken', async () => {
  async function* broken() {
    yield Buffer.from('some bytes');
    throw new Error('cut off');
  }
  async function* whole() {
    yield content;
  }
  let out = 0;
  const memory = { take: () => Buffer.alloc(maxChunkBytes, ++out), give: () => void out-- };
  await expect(chunksOf(broken(), memory).next()).rejects.toThrow('cut off');
  expect(out).toBe(0);
  for await (const _refused of chunksOf(whole(), memory)) break;
  expect(out).toBe(0);
});
