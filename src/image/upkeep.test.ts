// Verifying and freeing the chunk store through the API, as operations.
import { randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testAdmin } from '../openstack/testing/index.ts';
import { startTestImages } from './testing/images.ts';

const service = await startTestImages();
const { http, operations, folder } = service;
afterAll(() => service.stop());

const chunkFiles = () =>
  readdirSync(join(folder, 'chunks')).flatMap((prefix) =>
    readdirSync(join(folder, 'chunks', prefix)).map((name) => join(folder, 'chunks', prefix, name)),
  );

async function upload(bytes: Buffer): Promise<string> {
  const { id } = (await http.post('/v2/images', { disk_format: 'raw', container_format: 'bare' })).json;
  await http.put(`/v2/images/${id}/file`, bytes, { 'content-type': 'application/octet-stream' });
  return id;
}

async function carriedOut(work: string, body: unknown = {}) {
  const answer = await http.post(`/store/${work}`, body);
  expect(answer.status, answer.text).toBe(202);
  return operations.wait(answer.json.operation_id, { timeoutMs: 20_000 });
}

test('what was damaged is named with the images that need it, and others are found whole', async () => {
  const whole = await upload(randomBytes(1000));
  const [good = ''] = chunkFiles();
  const hurt = await upload(randomBytes(2000));
  const bad = chunkFiles().find((file) => file !== good) ?? '';
  writeFileSync(bad, 'not a chunk');
  expect(await carriedOut('verify')).toMatchObject({
    state: 'done',
    result: { chunks: 2, bytes: 3000, damaged: [{ imageIds: [hurt] }] },
    progress: { done: 3000, total: 3000, unit: 'bytes' },
  });
  expect(await carriedOut('verify', { image: whole })).toMatchObject({ result: { chunks: 1, damaged: [] } });
  await http.delete(`/v2/images/${hurt}`);
});

test('freeing removes what no image refers to and tells how much that was', async () => {
  const kept = await upload(randomBytes(1000));
  const gone = await upload(randomBytes(5000));
  await carriedOut('gc');
  const before = chunkFiles().length;
  await http.delete(`/v2/images/${gone}`);
  expect(await carriedOut('gc')).toMatchObject({ state: 'done', result: { chunks: 1, uploads: 0 } });
  expect(chunkFiles()).toHaveLength(before - 1);
  expect(await carriedOut('verify', { image: kept })).toMatchObject({ result: { damaged: [] } });
});

test('both are for administrators', async () => {
  service.caller = { userId: 'user', projectId: 'p', roles: ['member', 'reader'] };
  for (const work of ['verify', 'gc']) expect((await http.post(`/store/${work}`, {})).status).toBe(403);
  service.caller = testAdmin;
});

test('an image that is not there cannot be verified', async () => {
  expect((await http.post('/store/verify', { image: 'none' })).status).toBe(404);
});
