// Nonsense gets a refusal in Heat's fault format and changes nothing.
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { malformedRequests } from '../openstack/testing/malformed.ts';
import { chain, startTestStacks } from './testing/stacks.ts';

const t = await startTestStacks();
afterAll(t.stop);

test('5,000 malformed requests are refused, none with a server error, and what is there stays', async () => {
  const stack = await t.create('kept', chain('one'));
  await t.until('kept', 'CREATE_COMPLETE');
  const before = await t.resources(stack);
  // To let go of a stack takes no more than its name: there is no wrong way to ask for it.
  const routes = t.api.routes.filter((route) => !route.path.endsWith('/abandon'));
  for (const { method, path, body } of malformedRequests({ ...t.api, routes }, { seed: 7, count: 5_000 })) {
    // Most reach into a project and a stack that exist, or they would all end at the first name.
    const reaching = path
      .replace(/^\/v1\/[^/?]+/, '/v1/admin-project')
      .replace(/\/stacks\/[^/?]+\/[^/?]+(?=\/)/, stack.slice('/v1/admin-project'.length));
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await t.http.request(method, reaching, { headers, ...(body === undefined ? {} : { body }) });
    const said = `${method} ${reaching} ${body}: ${answer.status} ${answer.text}`;
    expect(answer.status, said).toBeLessThan(500);
    if (answer.status >= 400 && method !== 'HEAD') expect(answer.json?.error?.message, said).toBeTypeOf('string');
  }
  expect(await t.resources(stack)).toEqual(before);
  const stacks = await sql<{ name: string }>`select name from stacks where deletion_time is null`.execute(t.database);
  expect(stacks.rows).toEqual([{ name: 'kept' }]);
}, 240_000);
