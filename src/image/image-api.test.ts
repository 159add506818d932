// Making, changing and sharing images over HTTP.
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { testAdmin } from '../openstack/testing/index.ts';
import { startTestImages, testMember } from './testing/images.ts';

const service = await startTestImages();
const { http, made, put } = service;
afterEach(() => {
  service.caller = testAdmin;
});
afterAll(() => service.stop());

const patchType = { 'content-type': 'application/openstack-images-v2.1-json-patch' };

describe('a new image', () => {
  test('is queued, shared and its maker’s', async () => {
    const answer = await http.post('/v2/images', { name: 'fresh', os_distro: 'debian', tags: ['b', 'a', 'b'] });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`${http.url}/v2/images/${answer.json.id}`);
    expect(answer.json).toMatchObject({
      status: 'queued',
      visibility: 'shared',
      owner: 'admin-project',
      size: null,
      os_distro: 'debian',
      min_disk: 0,
      protected: false,
      os_hidden: false,
      self: `/v2/images/${answer.json.id}`,
    });
    expect(answer.json.tags.sort()).toEqual(['a', 'b']);
  });

  test.each([
    ['a hash that the server computes', { os_hash_value: 'abc', os_hash_algo: 'sha512' }, 403, 'read-only'],
    ['a checksum that the server computes', { checksum: 'abc' }, 403, 'read-only'],
    ['a reserved name', { self: '/x' }, 403, 'reserved'],
    ['a name of the service itself', { os_glance_x: 'y' }, 403, 'reserved'],
    ['an unknown format', { disk_format: 'floppy' }, 400, 'schema'],
    ['a custom property that is no text', { answer: 42 }, 400, 'schema'],
    ['an id that is no UUID', { id: 'x' }, 400, 'schema'],
    ['a NUL in its name', { name: 'a\0b' }, 400, 'NUL'],
    ['no object', [], 400, 'schema'],
  ])('is refused with %s', async (_what, body, status, words) => {
    const answer = await http.post('/v2/images', body);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(words);
  });

  test('is refused under an id that is taken', async () => {
    const { id } = await made();
    expect((await http.post('/v2/images', { id })).status).toBe(409);
  });

  test('is public only when an administrator says so', async () => {
    service.caller = testMember('p1');
    expect((await http.post('/v2/images', { visibility: 'public' })).status).toBe(403);
    expect((await http.post('/v2/images', { owner: 'p2' })).status).toBe(403);
    expect((await http.post('/v2/images', { visibility: 'community' })).status).toBe(201);
  });
});

describe('changing an image', () => {
  test('takes JSON patches in both dialects', async () => {
    const { id } = await made({ color: 'red' });
    const patch = (body: unknown, headers = patchType) => http.patch(`/v2/images/${id}`, JSON.stringify(body), headers);
    const done = await patch([
      { op: 'replace', path: '/name', value: 'two' },
      { op: 'add', path: '/a~1b~0c', value: 'x' },
      { op: 'remove', path: '/color' },
      { op: 'replace', path: '/tags', value: ['t'] },
    ]);
    expect(done.status).toBe(200);
    expect(done.json).toMatchObject({ name: 'two', 'a/b~c': 'x', tags: ['t'] });
    expect(done.json).not.toHaveProperty('color');
    const old = { 'content-type': 'application/openstack-images-v2.0-json-patch' };
    expect((await patch([{ replace: '/name', value: 'three' }], old)).json.name).toBe('three');
    expect((await patch([], { 'content-type': 'application/json' })).status).toBe(415);
  });

  test.each([
    [[{ op: 'replace', path: '/status', value: 'active' }], 403],
    [[{ op: 'replace', path: '/id', value: 'x' }], 400],
    [[{ op: 'add', path: '/locations/-', value: {} }], 400],
    [[{ op: 'remove', path: '/name' }], 403],
    [[{ op: 'remove', path: '/missing' }], 409],
    [[{ op: 'replace', path: '/missing', value: 'x' }], 409],
    [[{ op: 'move', path: '/name', from: '/x' }], 400],
    [[{ op: 'add', path: 'name', value: 'x' }], 400],
    [[{ op: 'add', path: '/a~2', value: 'x' }], 400],
    [[{ op: 'add', path: '/x' }], 400],
    [{ op: 'add' }, 400],
    [[null], 400],
  ])('refuses %j with %i and changes nothing', async (body, status) => {
    const before = await made();
    const answer = await http.patch(`/v2/images/${before.id}`, JSON.stringify(body), patchType);
    expect(answer.status).toBe(status);
    expect((await http.get(`/v2/images/${before.id}`)).json).toEqual(before);
  });

  test('keeps the formats of an image that has data', async () => {
    const { id } = await made();
    await put(id, Buffer.from('x'));
    const answer = await http.patch(
      `/v2/images/${id}`,
      JSON.stringify([{ op: 'replace', path: '/disk_format', value: 'qcow2' }]),
      patchType,
    );
    expect(answer.status).toBe(403);
  });

  test('tags one at a time', async () => {
    const { id } = await made();
    expect((await http.put(`/v2/images/${id}/tags/blue%20sky`, undefined)).status).toBe(204);
    expect((await http.get(`/v2/images/${id}`)).json.tags).toEqual(['blue sky']);
    expect((await http.delete(`/v2/images/${id}/tags/blue%20sky`)).status).toBe(204);
    expect((await http.delete(`/v2/images/${id}/tags/blue%20sky`)).status).toBe(404);
  });

  test('deletes it unless it is protected', async () => {
    const { id } = await made({ protected: true });
    expect((await http.delete(`/v2/images/${id}`)).status).toBe(403);
    await http.patch(
      `/v2/images/${id}`,
      JSON.stringify([{ op: 'replace', path: '/protected', value: false }]),
      patchType,
    );
    expect((await http.delete(`/v2/images/${id}`)).status).toBe(204);
    expect((await http.get(`/v2/images/${id}`)).status).toBe(404);
  });
});

describe('sharing an image', () => {
  test('shows it to the member that accepts, and to nobody else', async () => {
    const { id } = await made({ name: 'shared-one' });
    expect((await http.post(`/v2/images/${id}/members`, { member: 'p1' })).json).toMatchObject({
      member_id: 'p1',
      status: 'pending',
    });
    expect((await http.post(`/v2/images/${id}/members`, { member: 'p1' })).status).toBe(409);
    const listed = async (query = '') =>
      (await http.get(`/v2/images?name=shared-one${query}`)).json.images.map((image: { id: string }) => image.id);
    service.caller = testMember('p1');
    expect((await http.get(`/v2/images/${id}`)).status).toBe(200);
    expect(await listed()).toEqual([]);
    expect(await listed('&member_status=pending&visibility=shared')).toEqual([id]);
    expect((await http.put(`/v2/images/${id}/members/p1`, { status: 'accepted' })).json.status).toBe('accepted');
    expect(await listed()).toEqual([id]);
    expect((await http.delete(`/v2/images/${id}`)).status).toBe(403);
    expect((await http.delete(`/v2/images/${id}/members/p1`)).status).toBe(403);
    service.caller = testMember('p2');
    expect((await http.get(`/v2/images/${id}`)).status).toBe(404);
    expect((await http.put(`/v2/images/${id}/members/p1`, { status: 'rejected' })).status).toBe(404);
    service.caller = testAdmin;
    expect((await http.get(`/v2/images/${id}/members`)).json.members).toHaveLength(1);
    expect((await http.delete(`/v2/images/${id}/members/p1`)).status).toBe(204);
    expect((await http.get(`/v2/images/${id}/members/p1`)).status).toBe(404);
  });
});
