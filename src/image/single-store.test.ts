// What the Image API answers where there is one store.
import { afterAll, expect, test } from 'vitest';
import { testAdmin } from '../openstack/testing/index.ts';
import { startTestImages } from './testing/images.ts';

const service = await startTestImages();
const { http } = service;
afterAll(() => service.stop());

const { id } = (await http.post('/v2/images', { disk_format: 'raw', container_format: 'bare' })).json;
const copy = { method: { name: 'copy-image' }, stores: ['chunks'] };

test('an image without data cannot be copied; one with data is where it could go already', async () => {
  expect((await http.post(`/v2/images/${id}/import`, copy)).status).toBe(409);
  await http.put(`/v2/images/${id}/file`, Buffer.alloc(3_000_000), { 'content-type': 'application/octet-stream' });
  const answer = await http.post(`/v2/images/${id}/import`, copy);
  expect([answer.status, answer.text]).toEqual([409, expect.stringContaining('chunks already')]);
});

test('the store is named where images are made, and no other one is taken', async () => {
  const made = await http.post('/v2/images', { disk_format: 'raw', container_format: 'bare' });
  expect(made.headers.get('openstack-image-store-ids')).toBe('chunks');
  const put = (store: string) =>
    http.put(`/v2/images/${made.json.id}/file`, Buffer.from('x'), {
      'content-type': 'application/octet-stream',
      'x-image-meta-store': store,
    });
  expect((await put('fast')).status).toBe(400);
  expect((await http.post(`/v2/images/${id}/import`, { ...copy, stores: ['fast'] })).status).toBe(400);
  expect((await put('chunks')).status).toBe(204);
  await http.delete(`/v2/images/${made.json.id}`);
});

test('its data is not taken out of the only store', async () => {
  expect((await http.delete(`/v2/stores/chunks/${id}`)).status).toBe(403);
  expect((await http.delete(`/v2/stores/other/${id}`)).status).toBe(404);
});

test('usage counts the images of a project and their MiB', async () => {
  expect((await http.get('/v2/info/usage')).json.usage).toEqual({
    image_size_total: { usage: 3, limit: -1 },
    image_stage_total: { usage: 0, limit: -1 },
    image_count_total: { usage: 1, limit: -1 },
    image_count_uploading: { usage: 0, limit: -1 },
  });
});

test.each(['task', 'tasks'])('the schema %s is published', async (name) => {
  expect((await http.get(`/v2/schemas/${name}`)).json.name).toBe(name);
});

test('the cache is not offered, and its rules are asked first', async () => {
  expect((await http.get('/v2/cache')).status).toBe(404);
  expect((await http.put(`/v2/cache/${id}`, undefined)).status).toBe(404);
  service.caller = { userId: 'user', projectId: 'p', roles: ['member', 'reader'] };
  expect((await http.get('/v2/cache')).status).toBe(403);
  service.caller = testAdmin;
});
