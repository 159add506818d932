// The bytes of images over HTTP: uploads, downloads, ranges, imports.
import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { testAdmin } from '../openstack/testing/index.ts';
import { octets, startTestImages, testMember } from './testing/images.ts';

const service = await startTestImages();
const { http, machines, made, put } = service;
afterEach(() => {
  service.caller = testAdmin;
});
afterAll(() => service.stop());

const bytesAt = async (url: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(url, { headers });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
};

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
    service.caller = testMember('p1');
    expect((await http.get(`/v2/images/${id}/file`)).status).toBe(403);
    service.caller = testAdmin;
    expect((await http.get(`/v2/images/${id}/file`)).text).toBe('x');
    expect((await http.post(`/v2/images/${id}/actions/reactivate`, undefined)).status).toBe(204);
  });
});
