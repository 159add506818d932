// Nonsense gets a refusal in Nova's fault format and changes no server.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { malformedRequests } from '../openstack/testing/malformed.ts';
import { startTestCompute, type TestCompute } from './testing/index.ts';

let t: TestCompute;
beforeAll(async () => {
  t = await startTestCompute();
  await t.machine('node-1');
});
afterAll(() => t.stop());

/** The keys that Nova wraps its faults in, by status. */
const wrappers: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  501: 'notImplemented',
};

test('5,000 malformed requests are refused, none with a server error, and no server is touched', async () => {
  const { id } = await t.server();
  const before = (await t.http.get(`/v2.1/servers/${id}`)).json;
  const versions = ['2.1', '2.37', '2.95'];
  for (const [index, { method, path, body }] of malformedRequests(t.compute.api, { seed: 7, count: 5_000 }).entries()) {
    // Most reach a server that exists, or they would all end at its name.
    const reaching = index % 4 === 0 ? path : path.replace(/\/servers\/(?!detail)[^/?]+(?=\/)/, `/servers/${id}`);
    const headers: Record<string, string> = { 'x-openstack-nova-api-version': versions[index % 3] ?? '2.1' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const answer = await t.http.request(method, reaching, { headers, ...(body === undefined ? {} : { body }) });
    const said = `${method} ${reaching} ${body}: ${answer.status} ${answer.text}`;
    // What a machine cannot do is said with 501.
    expect(answer.status === 501 ? 400 : answer.status, said).toBeLessThan(500);
    if (answer.status >= 400 && method !== 'HEAD')
      expect(answer.json?.[wrappers[answer.status] ?? '']?.message, said).toBeTypeOf('string');
  }
  const { server } = (await t.http.get(`/v2.1/servers/${id}`)).json;
  expect(server.status).toBe('ACTIVE');
  expect([server.id, server.name, server.addresses]).toEqual([id, before.server.name, before.server.addresses]);
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from compute_servers`.execute(t.database);
  expect(rows[0]?.count).toBe(1);
}, 240_000);
