// The Image API over HTTP, on a real database and a real chunk folder.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import type { Caller } from '../openstack/index.ts';
import { serve, type TestServer, testAdmin } from '../openstack/testing/index.ts';
import { createOperations } from '../operations/index.ts';
import { createImages } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-test-'));
const { database, url, drop } = await testDatabase();
const operations = createOperations({ database, url });
const images = createImages({ database, folder, operations });
const member = (projectId: string): Caller => ({
  userId: `user-of-${projectId}`,
  projectId,
  roles: ['member', 'reader'],
});
let caller: Caller = testAdmin;
let http: TestServer;
let machines: TestServer;
beforeAll(async () => {
  await operations.launch();
  http = await serve(images.api, { caller: () => caller });
  machines = await serve(images.machineApi);
});
afterEach(() => {
  caller = testAdmin;
});
afterAll(async () => {
  await http.close();
  await machines.close();
  await operations.shutdown();
  await drop();
  rmSync(folder, { recursive: true });
});

const octets = { 'content-type': 'application/octet-stream' };
const patchType = { 'content-type': 'application/openstack-images-v2.1-json-patch' };
const made = async (more: Record<string, unknown> = {}) =>
  (await http.post('/v2/images', { name: 'one', disk_format: 'raw', container_format: 'bare', ...more })).json;
const put = (id: string, bytes: Uint8Array, headers: Record<string, string> = octets) =>
  http.put(`/v2/images/${id}/file`, bytes, headers);
const bytesAt = async (url: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(url, { headers });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
};

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
    caller = member('p1');
    expect((await http.post('/v2/images', { visibility: 'public' })).status).toBe(403);
    expect((await http.post('/v2/images', { owner: 'p2' })).status).toBe(403);
    expect((await http.post('/v2/images', { visibility: 'community' })).status).toBe(201);
  });
});

describe('image data', () => {
  test('comes back as it went in, with its hashes, whole and by range', async () => {
    const bytes = Buffer.concat([randomBytes(5_000_000), Buffer.alloc(6_000_000), randomBytes(123)]);
    const { id } = await made();
    expect((await put(id, bytes)).status).toBe(204);
    const shown = (await http.get(`/v2/images/${id}`)).json;
    expect(shown).toMatchObject({
      status: 'active',
      size: bytes.length,
      virtual_size: bytes.length,
      checksum: createHash('md5').update(bytes).digest('hex'),
      os_hash_algo: 'sha512',
      os_hash_value: createHash('sha512').update(bytes).digest('hex'),
    });
    const url = `${http.url}/v2/images/${id}/file`;
    const whole = await bytesAt(url);
    expect(whole.status).toBe(200);
    expect(whole.bytes.equals(bytes)).toBe(true);
    expect(whole.headers.get('content-md5')).toBe(shown.checksum);
    expect(whole.headers.get('content-length')).toBe(String(bytes.length));
    for (const [header, start, end] of [
      ['bytes=0-0', 0, 1],
      ['bytes=4194300-4194310', 4194300, 4194311],
      ['bytes=4900000-', 4_900_000, bytes.length],
      ['bytes=-200', bytes.length - 200, bytes.length],
      ['bytes=1-99999999999', 1, bytes.length],
    ] as const) {
      const part = await bytesAt(url, { range: header });
      expect(part.status, header).toBe(206);
      expect(part.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${bytes.length}`);
      expect(part.bytes.equals(bytes.subarray(start, end)), header).toBe(true);
    }
    for (const header of [`bytes=${bytes.length}-`, 'bytes=5-4', 'bytes=-', 'bytes=0-1,3-4', 'lines=1-2'])
      expect((await bytesAt(url, { range: header })).status, header).toBe(416);
    expect((await put(id, bytes)).status).toBe(409);
  });

  test('is served to machines without a token while the image is active', async () => {
    const bytes = randomBytes(1000);
    const { id } = await made();
    expect((await machines.get(`/${id}`)).status).toBe(404);
    await put(id, bytes);
    const whole = await bytesAt(`${machines.url}/${id}`);
    expect(whole.bytes.equals(bytes)).toBe(true);
    expect(
      (await bytesAt(`${machines.url}/${id}`, { range: 'bytes=10-19' })).bytes.equals(bytes.subarray(10, 20)),
    ).toBe(true);
    const head = await machines.request('HEAD', `/${id}`);
    expect(head.headers.get('content-length')).toBe('1000');
    await http.post(`/v2/images/${id}/actions/deactivate`, undefined);
    expect((await machines.get(`/${id}`)).status).toBe(404);
  });

  test('is refused without formats, in another media type, or at another length than announced', async () => {
    const bare = (await http.post('/v2/images', {})).json;
    expect((await put(bare.id, Buffer.from('x'))).status).toBe(400);
    const { id } = await made();
    expect((await put(id, Buffer.from('x'), { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await put(id, Buffer.from('x'), { ...octets, 'x-openstack-image-size': '2' })).status).toBe(400);
    expect((await http.get(`/v2/images/${id}`)).json.status).toBe('queued');
    expect((await put(id, Buffer.from('x'))).status).toBe(204);
  });

  test('may be empty', async () => {
    const { id } = await made();
    expect((await put(id, Buffer.alloc(0))).status).toBe(204);
    expect((await http.get(`/v2/images/${id}`)).json).toMatchObject({ status: 'active', size: 0 });
  });

  test('with a backing file is refused, and so is a qcow2 that calls itself raw', async () => {
    const qcow2 = Buffer.alloc(512);
    qcow2.write('QFI\xfb', 0, 'latin1');
    qcow2.writeUInt32BE(3, 4);
    qcow2.writeBigUInt64BE(1n << 30n, 24);
    const raw = await made();
    const answer = await put(raw.id, qcow2);
    expect(answer.status).toBe(415);
    expect(answer.text).toContain('its content is qcow2, its disk_format says raw');
    const right = await made({ disk_format: 'qcow2' });
    expect((await put(right.id, qcow2)).status).toBe(204);
    expect((await http.get(`/v2/images/${right.id}`)).json.virtual_size).toBe(2 ** 30);
    qcow2.writeBigUInt64BE(104n, 8);
    const backed = await made({ disk_format: 'qcow2' });
    expect((await put(backed.id, qcow2)).text).toContain('it has a backing file');
  });

  test('of an upload that breaks off is dropped and can be uploaded again', async () => {
    const { id } = await made();
    await new Promise<void>((done) => {
      const request = httpRequest(`${http.url}/v2/images/${id}/file`, {
        method: 'PUT',
        headers: { ...octets, 'content-length': '9000000' },
      });
      request.on('error', () => done());
      request.write(randomBytes(5_000_000), () => request.destroy());
    });
    await expect.poll(async () => (await http.get(`/v2/images/${id}`)).json.status).toBe('queued');
    expect((await put(id, Buffer.from('whole'))).status).toBe(204);
  });

  test('of an image that is deleted meanwhile is answered with 410', async () => {
    const { id } = await made();
    let answered: (status: number | undefined) => void = () => {};
    const status = new Promise<number | undefined>((done) => {
      answered = done;
    });
    const request = httpRequest(`${http.url}/v2/images/${id}/file`, { method: 'PUT', headers: octets }, (answer) => {
      answer.resume();
      answered(answer.statusCode);
    });
    request.write('first');
    await expect.poll(async () => (await http.get(`/v2/images/${id}`)).json.status).toBe('saving');
    expect((await http.delete(`/v2/images/${id}`)).status).toBe(204);
    request.end('last');
    expect(await status).toBe(410);
  });

  test('can be staged and imported', async () => {
    const { id } = await made();
    expect((await http.put(`/v2/images/${id}/stage`, Buffer.from('staged'), octets)).status).toBe(204);
    expect((await http.get(`/v2/images/${id}`)).json.status).toBe('uploading');
    expect((await http.get(`/v2/images/${id}/file`)).status).toBe(204);
    expect((await http.post(`/v2/images/${id}/import`, { method: { name: 'telepathy' } })).status).toBe(400);
    expect((await http.post(`/v2/images/${id}/import`, { method: { name: 'glance-direct' } })).status).toBe(202);
    await expect.poll(async () => (await http.get(`/v2/images/${id}`)).json.status).toBe('active');
    expect((await http.get(`/v2/images/${id}/file`)).text).toBe('staged');
    const [task] = (await http.get(`/v2/images/${id}/tasks`)).json.tasks;
    expect(task).toMatchObject({
      type: 'api_image_import',
      input: { import_req: { method: { name: 'glance-direct' } } },
    });
    await expect.poll(async () => (await http.get(`/v2/tasks/${task.id}`)).json.status).toBe('success');
    expect((await http.post(`/v2/images/${id}/import`, { method: { name: 'glance-direct' } })).status).toBe(409);
  });

  test.each(['', 'ftp://example.org/x', 'http://127.0.0.1:8000/identity', 'http://user:word@example.org/', 'nothing'])(
    'is not imported from %j',
    async (uri) => {
      const { id } = await made();
      const answer = await http.post(`/v2/images/${id}/import`, { method: { name: 'web-download', uri } });
      expect(answer.status).toBe(400);
      expect((await http.get(`/v2/images/${id}`)).json.status).toBe('queued');
    },
  );

  test('that no web server gives leaves the image queued, and the task says why', async () => {
    const { id } = await made();
    const method = { name: 'web-download', uri: 'http://image.invalid/x' };
    expect((await http.post(`/v2/images/${id}/import`, { method })).status).toBe(202);
    const task = async () => (await http.get(`/v2/images/${id}/tasks`)).json.tasks[0];
    await expect.poll(async () => (await task()).status, { timeout: 20_000 }).toBe('failure');
    expect((await task()).message).toContain('http://image.invalid/x cannot be reached');
    expect((await http.get(`/v2/images/${id}`)).json).toMatchObject({
      status: 'queued',
      os_glance_failed_import: 'chunks',
    });
  });

  test('of a deactivated image is given to administrators only', async () => {
    const { id } = await made({ visibility: 'public' });
    expect((await http.post(`/v2/images/${id}/actions/deactivate`, undefined)).status).toBe(403);
    await put(id, Buffer.from('x'));
    expect((await http.post(`/v2/images/${id}/actions/deactivate`, undefined)).status).toBe(204);
    caller = member('p1');
    expect((await http.get(`/v2/images/${id}/file`)).status).toBe(403);
    caller = testAdmin;
    expect((await http.get(`/v2/images/${id}/file`)).text).toBe('x');
    expect((await http.post(`/v2/images/${id}/actions/reactivate`, undefined)).status).toBe(204);
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
    caller = member('p1');
    expect((await http.get(`/v2/images/${id}`)).status).toBe(200);
    expect(await listed()).toEqual([]);
    expect(await listed('&member_status=pending&visibility=shared')).toEqual([id]);
    expect((await http.put(`/v2/images/${id}/members/p1`, { status: 'accepted' })).json.status).toBe('accepted');
    expect(await listed()).toEqual([id]);
    expect((await http.delete(`/v2/images/${id}`)).status).toBe(403);
    expect((await http.delete(`/v2/images/${id}/members/p1`)).status).toBe(403);
    caller = member('p2');
    expect((await http.get(`/v2/images/${id}`)).status).toBe(404);
    expect((await http.put(`/v2/images/${id}/members/p1`, { status: 'rejected' })).status).toBe(404);
    caller = testAdmin;
    expect((await http.get(`/v2/images/${id}/members`)).json.members).toHaveLength(1);
    expect((await http.delete(`/v2/images/${id}/members/p1`)).status).toBe(204);
    expect((await http.get(`/v2/images/${id}/members/p1`)).status).toBe(404);
  });
});

describe('listing images', () => {
  test('filters, sorts and pages', async () => {
    caller = member('lister');
    const sizes = [5, 3, 9, 3, 7];
    for (const [index, size] of sizes.entries()) {
      const { id } = await made({ name: `l${index}`, tags: index % 2 ? ['odd', 'x'] : ['x'], kind: `k${index % 2}` });
      await put(id, Buffer.alloc(size));
    }
    const names = (list: { images: { name: string }[] }) => list.images.map(({ name }) => name);
    const get = async (query: string) => (await http.get(`/v2/images?owner=lister&${query}`)).json;
    expect(names(await get('sort=size:asc,name:desc'))).toEqual(['l3', 'l1', 'l0', 'l4', 'l2']);
    expect(names(await get('tag=odd&tag=x&sort_key=name&sort_dir=asc'))).toEqual(['l1', 'l3']);
    expect(names(await get('kind=k0&size_min=6&sort_key=name&sort_dir=asc'))).toEqual(['l2', 'l4']);
    expect(names(await get('name=in:l0,"l4",zz&sort_key=name&sort_dir=asc'))).toEqual(['l0', 'l4']);
    expect(names(await get('created_at=lt:2001-01-01T00:00:00Z'))).toEqual([]);
    expect(names(await get('os_hidden=true'))).toEqual([]);
    const seen: string[] = [];
    let path = '/v2/images?owner=lister&limit=2&sort=size:asc,name:desc';
    for (;;) {
      const page = (await http.get(path)).json;
      seen.push(...names(page));
      if (!page.next) break;
      path = page.next;
    }
    expect(seen).toEqual(['l3', 'l1', 'l0', 'l4', 'l2']);
  });

  test.each([
    'limit=-1',
    'limit=x',
    'marker=nothing',
    'sort_key=color',
    'sort_dir=up',
    'sort=name&sort_key=name',
    'status=fine',
    'visibility=none',
    'member_status=none',
    'created_at=lt:yesterday',
    'name=in:"a',
    'size_min=-4',
    'name=a%00b',
    'os_hidden=maybe',
  ])('refuses %s with 400', async (query) => {
    expect((await http.get(`/v2/images?${query}`)).status).toBe(400);
  });

  test('hides images of others, except public ones', async () => {
    const mine = await made({ name: 'private-one', visibility: 'private' });
    await made({ name: 'public-one', visibility: 'public' });
    await made({ name: 'community-one', visibility: 'community' });
    caller = member('stranger');
    const names = (await http.get('/v2/images?limit=1000')).json.images.map((image: { name: string }) => image.name);
    expect(names).toContain('public-one');
    expect(names).not.toContain('private-one');
    expect(names).not.toContain('community-one');
    expect((await http.get(`/v2/images/${mine.id}`)).status).toBe(404);
    expect(await images.find('private-one', caller)).toBeUndefined();
    expect((await images.find('community-one', caller))?.name).toBe('community-one');
  });
});

describe('discovery', () => {
  test('answers versions, schemas, import methods and stores', async () => {
    const root = await http.get('/');
    expect(root.status).toBe(300);
    expect(root.json.versions[0]).toMatchObject({ id: 'v2.16', status: 'CURRENT' });
    expect((await http.get('/versions')).status).toBe(200);
    expect((await http.get('/v2/schemas/image')).json.name).toBe('image');
    expect((await http.get('/v2/schemas/images')).json.properties.images.items.name).toBe('image');
    expect((await http.get('/v2/schemas/constructor')).status).toBe(404);
    expect((await http.get('/v2/info/import')).json['import-methods'].value).toEqual(['glance-direct', 'web-download']);
  });
});
