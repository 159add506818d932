// Nonsense gets a refusal in Neutron's fault format and changes nothing.
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import { serve } from '../openstack/testing/index.ts';
import { malformedRequests } from '../openstack/testing/malformed.ts';
import { createNetwork } from './index.ts';

const { database, drop } = await testDatabase();
const { api } = createNetwork({ database });
const http = await serve(api);
afterAll(async () => {
  await http.close();
  await drop();
});

test('5,000 malformed requests are refused, none with a server error', async () => {
  const member = (path: string) =>
    (path.split('/')[2] ?? '').replaceAll('-', '_').replace(/ies$/, 'y').replace(/s$/, '');
  for (const { method, path, body } of malformedRequests(api, { seed: 7, count: 5_000, member })) {
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await http.request(method, path, { headers, ...(body === undefined ? {} : { body }) });
    expect(answer.status, `${method} ${path} ${body}: ${answer.text}`).toBeLessThan(500);
    if (answer.status >= 400 && method !== 'HEAD')
      expect(answer.json?.NeutronError?.message, `${method} ${path}: ${answer.text}`).toBeTypeOf('string');
  }
  const kept = await sql<{ count: number }>`select count(*) as count from network_ports`.execute(database);
  expect(kept.rows[0]?.count).toBe(0);
}, 180_000);
