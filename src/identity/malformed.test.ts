// Nonsense gets a refusal in Keystone's fault format and changes nothing; secrets of a request never come back in it.
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { malformedRequests } from '../openstack/testing/malformed.ts';
import { adminPassword, adminScope, testIdentity } from './testing/index.ts';

const cloud = await testIdentity();
afterAll(() => cloud.drop());

/** The number of the next transaction that writes: it stands still as long as nobody even tries to. */
async function nextWrite(): Promise<string> {
  const { rows } = await sql<{ next: string }>`select pg_snapshot_xmax(pg_current_snapshot())::text as next`.execute(
    cloud.database,
  );
  return rows[0]?.next ?? '';
}

/** What identity's tables hold, as one digest; without the count of failed logins, which refusals are there to raise. */
async function contents(): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`select tablename as name from pg_tables
    where tablename like 'identity\_%' and tablename not in ('identity_generation', 'identity_used_passcodes') order by 1`.execute(
    cloud.database,
  );
  const digests = tables.map(
    ({
      name,
    }) => sql`select md5(coalesce(string_agg((to_jsonb(t) - 'failed_auths' - 'failed_auth_at')::text, ',' order by t::text), '')) as digest
      from ${sql.table(name)} t`,
  );
  const { rows } = await sql<{ digest: string }>`${sql.join(digests, sql` union all `)}`.execute(cloud.database);
  return rows.map(({ digest }) => digest).join(' ');
}

test('5,000 malformed requests are refused in the fault format of identity, and a refusal changes nothing', async () => {
  const admin = await cloud.as('admin', adminPassword, adminScope);
  let [write, known, refused] = [await nextWrite(), await contents(), 0];
  for (const { method, path, body } of malformedRequests(cloud.identity.api, { seed: 11, count: 5_000 })) {
    const headers = body === undefined ? admin : { ...admin, 'content-type': 'application/json' };
    const answer = await cloud.http.request(method, path, { headers, ...(body === undefined ? {} : { body }) });
    const said = `${method} ${path} ${body}: ${answer.status} ${answer.text}`;
    expect(answer.status, said).toBeLessThan(500);
    const now = await nextWrite();
    // Reading the tables takes its time: only where something was written, be it undone.
    const after = now === write ? known : await contents();
    if (answer.status >= 400) {
      refused++;
      expect(after, said).toBe(known);
      if (method !== 'HEAD') {
        expect(answer.json?.error, said).toMatchObject({ code: answer.status, title: expect.any(String) });
        expect(answer.json.error.message, said).toBeTypeOf('string');
      }
    }
    [write, known] = [now, after];
  }
  expect(refused).toBeGreaterThan(3_500);
  expect((await cloud.login('admin', adminPassword, adminScope)).status).toBe(201);
}, 300_000);

test('a refused login does not repeat the password', async () => {
  const bodies = [
    { auth: { identity: { methods: ['password'], password: { user: { name: 'admin', password: 'sesame-1' } } } } },
    { auth: { identity: { methods: 'password', password: { user: { name: 'admin', password: 'sesame-2' } } } } },
    { auth: { identity: { methods: ['password'], password: { user: { name: 'admin', password: ['sesame-3'] } } } } },
  ];
  for (const body of bodies) expect((await cloud.http.post('/v3/auth/tokens', body)).text).not.toContain('sesame');
});
