// The chunk store: what survives, what is freed, what is noticed.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../database/testing/index.ts';
import { maxChunkBytes } from './cut.ts';
import { BlobGone, createBlobs, createChunkFiles } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'chunks-test-'));
const { database, drop } = await testDatabase();
const files = createChunkFiles(folder);
const blobs = createBlobs({ database, files });
afterAll(async () => {
  await drop();
  rmSync(folder, { recursive: true });
});

const chunkFiles = () =>
  readdirSync(join(folder, 'chunks')).flatMap((prefix) =>
    readdirSync(join(folder, 'chunks', prefix)).map((name) => join(folder, 'chunks', prefix, name)),
  );
async function* pieces(bytes: Buffer, size = 100_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
/** Bytes in which no end of a chunk can be found. */
const wholeChunk = (byte: number) => Buffer.alloc(maxChunkBytes, byte);
async function newImage(): Promise<string> {
  const id = randomUUID();
  await sql`insert into images (id, status, visibility) values (${id}, 'queued', 'private')`.execute(database);
  return id;
}
async function stored(bytes: Buffer): Promise<string> {
  const imageId = await newImage();
  const blobId = await database.transaction().execute((tx) => blobs.begin(tx, imageId));
  const { sizeBytes } = await blobs.write(blobId, pieces(bytes), () => {});
  await database.transaction().execute((tx) => blobs.finish(tx, blobId, 'current', sizeBytes));
  return imageId;
}
const read = (imageId: string, length: number) => buffer(blobs.open(imageId, { start: 0, end: length }));
const forget = (imageId: string) => sql`delete from images where id = ${imageId}`.execute(database);

test('stores equal chunks once and frees them with their last reference', async () => {
  const common = wholeChunk(1);
  const one = Buffer.concat([common, Buffer.from('one')]);
  const two = Buffer.concat([common, common, Buffer.from('two')]);
  const first = await stored(one);
  const second = await stored(two);
  expect(chunkFiles()).toHaveLength(3);
  await forget(first);
  expect(await blobs.sweep()).toMatchObject({ chunks: 1 });
  expect((await read(second, two.length)).equals(two)).toBe(true);
  await forget(second);
  expect(await blobs.sweep()).toMatchObject({ chunks: 2 });
  expect(chunkFiles()).toEqual([]);
});

test('compresses what can be compressed', async () => {
  const bytes = Buffer.from('the same words again and again. '.repeat(200_000));
  const id = await stored(bytes);
  const onDisk = chunkFiles().reduce((sum, path) => sum + readFileSync(path).length, 0);
  expect(onDisk).toBeLessThan(bytes.length / 20);
  expect((await read(id, bytes.length)).equals(bytes)).toBe(true);
  await forget(id);
  await blobs.sweep();
});

test('frees what a killed writer left: rows, chunks, files without a row, unfinished files', async () => {
  const imageId = await newImage();
  const blobId = await database.transaction().execute((tx) => blobs.begin(tx, imageId));
  await blobs.write(blobId, pieces(Buffer.concat([wholeChunk(1), wholeChunk(2), wholeChunk(3)])), () => {});
  await files.write(Buffer.alloc(32, 7), Buffer.from('a file whose row was never committed'));
  writeFileSync(join(folder, 'unfinished', 'half'), 'half a chunk');
  expect(await blobs.sweep()).toMatchObject({ blobs: 0, chunks: 1 });
  expect(chunkFiles()).toHaveLength(3);
  const swept = await blobs.sweep({ leaseMs: 0 });
  expect(swept).toMatchObject({ blobs: 1, chunks: 3 });
  expect(chunkFiles()).toEqual([]);
  expect(readdirSync(join(folder, 'unfinished'))).toEqual([]);
});

test('never sweeps a chunk that a running upload has just stored', async () => {
  const bytes = randomBytes(4 * 1024 * 1024);
  let running = true;
  const sweeping = (async () => {
    while (running) await blobs.sweep();
  })();
  for (let round = 0; round < 8; round++) {
    const id = await stored(bytes);
    expect((await read(id, bytes.length)).equals(bytes)).toBe(true);
    await forget(id);
  }
  running = false;
  await sweeping;
  await blobs.sweep();
  expect(chunkFiles()).toEqual([]);
});

test('ends a writing whose rows are gone', async () => {
  const imageId = await newImage();
  const blobId = await database.transaction().execute((tx) => blobs.begin(tx, imageId));
  await forget(imageId);
  await expect(blobs.write(blobId, pieces(randomBytes(1000)), () => {})).rejects.toThrow(BlobGone);
  await blobs.sweep();
});

test('notices a damaged chunk, when it is read and when it is verified', async () => {
  const bytes = randomBytes(600_000);
  const id = await stored(bytes);
  const [path = ''] = chunkFiles();
  const file = readFileSync(path);
  file.writeUInt8(file.readUInt8(file.length - 1) ^ 1, file.length - 1);
  writeFileSync(path, file);
  await expect(read(id, bytes.length)).rejects.toThrow('a frame differs');
  expect((await buffer(blobs.open(id, { start: 0, end: 1000 }))).equals(bytes.subarray(0, 1000))).toBe(true);
  expect(await blobs.verify()).toMatchObject({
    chunks: 1,
    bytes: bytes.length,
    damaged: [{ imageIds: [id], problem: 'a frame differs from what was written' }],
  });
  rmSync(path);
  expect((await blobs.verify({ imageId: id })).damaged).toMatchObject([{ problem: 'its file is missing' }]);
  await stored(bytes);
  expect((await blobs.verify()).damaged).toEqual([]);
});
