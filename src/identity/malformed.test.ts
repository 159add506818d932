// Nonsense gets a refusal in Keystone's fault format; secrets of a request never come back in it.
import { afterAll, expect, test } from 'vitest';
import { malformedRequests } from '../openstack/testing/malformed.ts';
import { adminPassword, adminScope, testIdentity } from './testing/index.ts';

const cloud = await testIdentity();
afterAll(() => cloud.drop());

test('1,000 malformed requests are refused, none with a server error', async () => {
  const admin = await cloud.as('admin', adminPassword, adminScope);
  for (const { method, path, body } of malformedRequests(cloud.identity.api, { seed: 11, count: 1_000 })) {
    const headers = body === undefined ? admin : { ...admin, 'content-type': 'application/json' };
    const answer = await cloud.http.request(method, path, { headers, ...(body === undefined ? {} : { body }) });
    expect(answer.status, `${method} ${path} ${body}: ${answer.text}`).toBeLessThan(500);
    if (answer.status >= 400 && method !== 'HEAD')
      expect(answer.json?.error?.message, `${method} ${path}: ${answer.text}`).toBeTypeOf('string');
  }
  expect((await cloud.login('admin', adminPassword, adminScope)).status).toBe(201);
});

test('a refused login does not repeat the password', async () => {
  const bodies = [
    { auth: { identity: { methods: ['password'], password: { user: { name: 'admin', password: 'sesame-1' } } } } },
    { auth: { identity: { methods: 'password', password: { user: { name: 'admin', password: 'sesame-2' } } } } },
    { auth: { identity: { methods: ['password'], password: { user: { name: 'admin', password: ['sesame-3'] } } } } },
  ];
  for (const body of bodies) expect((await cloud.http.post('/v3/auth/tokens', body)).text).not.toContain('sesame');
});
