// Nodes that are not to be given away: protected ones keep what they run, retired ones leave the pool.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';

let bm: TestBaremetal;
beforeAll(async () => {
  bm = await startTestBaremetal();
  await bm.http.post('/v1/nodes', { name: 'n', driver: 'fake-hardware' });
  await bm.provision('n', 'manage', 'manageable');
});
afterAll(() => bm.stop());

const set = async (...fields: (readonly [field: string, value: unknown])[]) =>
  bm.http.patch(
    '/v1/nodes/n',
    fields.map(([field, value]) =>
      value === null ? { op: 'remove', path: `/${field}` } : { op: 'replace', path: `/${field}`, value },
    ),
  );
const ask = async (target: string) => (await bm.http.put('/v1/nodes/n/states/provision', { target })).status;
const remove = async () => (await bm.http.delete('/v1/nodes/n')).status;

test('only what runs is protected, and a reason needs the flag', async () => {
  expect((await set(['protected', true])).status).toBe(409);
  expect((await set(['protected_reason', 'mine'])).status).toBe(400);
});

test('a protected node is not undeployed, rebuilt or deleted; its instance counts first', async () => {
  const instance = '11111111-1111-4111-8111-111111111111';
  await bm.provision('n', 'provide', 'available');
  await bm.provision('n', 'active', 'active');
  expect((await set(['instance_uuid', instance], ['protected', true], ['protected_reason', 'mine'])).status).toBe(200);
  for (const target of ['deleted', 'rebuild']) expect(await ask(target)).toBe(403);
  expect(await remove()).toBe(409);
  await set(['instance_uuid', null]);
  expect(await remove()).toBe(403);
  expect((await set(['protected', false])).json).toMatchObject({ protected: false, protected_reason: null });
});

test('a retired node is manageable after its last use, and not provided until it is retired no more', async () => {
  await set(['retired', true], ['retired_reason', 'old']);
  await bm.provision('n', 'deleted', 'manageable');
  expect(await ask('provide')).toBe(409);
  expect((await set(['retired', false])).json.retired_reason).toBeNull();
  await bm.provision('n', 'provide', 'available');
  expect((await set(['retired', true])).status).toBe(409);
});
