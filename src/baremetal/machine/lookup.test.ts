// Who is told which node it runs on: with restrict_lookup off every machine of a node, once with a token.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';

let bm: TestBaremetal;
let uuid: unknown;
const mac = '52:54:00:00:00:09';

beforeAll(async () => {
  bm = await startTestBaremetal({ config: { restrictLookup: false } });
  const { json } = await bm.http.post('/v1/nodes', { name: 'n', driver: 'fake-hardware' });
  uuid = json.uuid;
  await bm.http.post('/v1/ports', { node_uuid: uuid, address: mac });
});
afterAll(() => bm.stop());

test('a machine whose node waits for no ramdisk is told who it is; its token is told once', async () => {
  const first = await bm.machines.get(`/v1/lookup?addresses=${mac}`);
  expect([first.status, first.json.node]).toMatchObject([200, { uuid }]);
  expect(first.json.config).toMatchObject({ agent_token: expect.stringMatching(/^[\w-]{43}$/) });
  const second = await bm.machines.get(`/v1/lookup?addresses=${mac}`);
  expect(second.json.config).toMatchObject({ agent_token: '******' });
});

test('a machine of no node is told nothing', async () => {
  expect((await bm.machines.get('/v1/lookup?addresses=52:54:00:00:00:0a')).status).toBe(404);
});
