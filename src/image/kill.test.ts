// kill -9 of the image service in the middle of an upload, at several places.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { sql } from 'kysely';
import { afterAll, afterEach, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import { serve } from '../openstack/testing/index.ts';
import { createImages } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-kill-'));
const { database, url, drop } = await testDatabase();
const images = createImages({ database, folder });
const http = await serve(images.api);
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await http.close();
  await drop();
  rmSync(folder, { recursive: true });
});

const chunkFiles = () =>
  readdirSync(join(folder, 'chunks')).flatMap((prefix) => readdirSync(join(folder, 'chunks', prefix)));

async function startServer(): Promise<{ child: ChildProcess; origin: string }> {
  const script = join(import.meta.dirname, 'testing', 'server.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, url, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(child.stdout, 'data');
  return { child, origin: String(line).trim() };
}

/** Sends `bytes` as an upload and kills the server once it has taken that many. */
async function uploadAndKill(origin: string, child: ChildProcess, id: string, bytes: Buffer, announced: number) {
  const upload = request(`${origin}/v2/images/${id}/file`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'content-length': announced },
  });
  const failed = new Promise<void>((done) => upload.on('error', () => done()));
  await new Promise<void>((sent) => upload.write(bytes, () => sent()));
  child.kill('SIGKILL');
  await failed;
}

const size = 14_000_000;
const content = randomBytes(size);

const newImage = async (): Promise<string> =>
  (await http.post('/v2/images', { disk_format: 'raw', container_format: 'bare' })).json.id;

test.each([1, 9_000_000, size - 1])('killed after %i bytes it leaves no half image and no chunk', async (sent) => {
  const { child, origin } = await startServer();
  const id = await newImage();
  await uploadAndKill(origin, child, id, content.subarray(0, sent), size);
  expect((await images.get(id))?.status).not.toBe('active');
  await images.sweep({ leaseMs: 0 });
  expect((await images.get(id))?.status).toBe('queued');
  expect(chunkFiles()).toEqual([]);
  const left = await sql<{ n: number }>`select count(*) as n from image_chunks`.execute(database);
  expect(left.rows[0]?.n).toBe(0);
});

test.each([0, 30, 120])('killed %i ms after its last byte it is whole or queued again', async (afterMs) => {
  const { child, origin } = await startServer();
  const id = await newImage();
  const upload = request(`${origin}/v2/images/${id}/file`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
  });
  const over = new Promise<void>((done) => upload.on('error', () => done()).on('response', () => done()));
  await new Promise<void>((sent) => upload.end(content, () => sent()));
  await new Promise((passed) => setTimeout(passed, afterMs));
  child.kill('SIGKILL');
  await over;
  await images.sweep({ leaseMs: 0 });
  const image = await images.get(id);
  expect(['active', 'queued']).toContain(image?.status);
  if (image?.status === 'active') expect((await buffer(await images.openData(id))).equals(content)).toBe(true);
  await http.delete(`/v2/images/${id}`);
  await images.sweep({ leaseMs: 0 });
  expect(chunkFiles()).toEqual([]);
});

test('what was acknowledged before the kill is read back whole', async () => {
  const { child, origin } = await startServer();
  const id = await newImage();
  const put = await fetch(`${origin}/v2/images/${id}/file`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: content,
  });
  child.kill('SIGKILL');
  expect(put.status).toBe(204);
  await images.sweep({ leaseMs: 0 });
  const image = await images.get(id);
  expect(image).toMatchObject({ status: 'active', osHashValue: createHash('sha512').update(content).digest('hex') });
  expect((await buffer(await images.openData(id))).equals(content)).toBe(true);
  expect((await images.verify()).damaged).toEqual([]);
});
