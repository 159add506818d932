// Why a node is where it is, over HTTP.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tables } from '../store.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { whyOf } from './why.ts';

let bm: TestBaremetal;
beforeAll(async () => {
  bm = await startTestBaremetal();
  await bm.http.post('/v1/nodes', { name: 'n1', driver: 'fake-hardware' });
  await bm.provision('n1', 'manage', 'manageable');
});
afterAll(() => bm.stop());
const why = async () => (await bm.http.get('/v1/nodes/n1/why')).json;

test('a node at rest says what one can do with it', async () => {
  const { can, ...rest } = await why();
  expect(rest).toMatchObject({ provision_state: 'manageable', waiting_for: null, until: null, problems: [] });
  expect(can).toContainEqual({ verb: 'provide', effect: 'clean it and offer it for use' });
});

test('a node that holds says what it waits for and until when', async () => {
  await bm.http.put('/v1/nodes/n1/states/provision', { target: 'clean', clean_steps: [{ step: 'hold' }] });
  await bm.until('n1', ({ provision_state: state }) => state === 'clean hold');
  const held = await why();
  expect(held).toMatchObject({ step: 'clean power.hold', waiting_for: expect.stringMatching(/unhold/) });
  expect(Date.parse(held.until) - Date.now()).toBeGreaterThan(6 * 86_400_000);
  expect(held.can.map(({ verb }: { verb: string }) => verb)).toEqual(['abort', 'unhold']);
});

test('a node that failed says why', async () => {
  await bm.http.put('/v1/nodes/n1/states/provision', { target: 'abort' });
  const failed = await why();
  expect(failed.problems).toEqual([expect.stringMatching(/^Aborted by .* in state "clean hold"/)]);
});

test('what the BMC refused is told once: by itself, or by the problem that it led to', async () => {
  const node = await tables(bm.database)
    .selectFrom('baremetal_nodes')
    .selectAll()
    .where('name', '=', 'n1')
    .executeTakeFirstOrThrow();
  const call = { at: '2026-01-01T00:00:00.000Z', method: 'GET', path: '/redfish/v1', duration_ms: 5, times: 2 };
  const calls = [
    { ...call, status: 503, said: 'busy' },
    { ...call, status: 200, said: null },
  ];
  expect(whyOf(node, undefined, calls).bmc).toBe('2026-01-01T00:00:00.000Z GET /redfish/v1: 503 (2 times): busy');
  const failed = { ...node, last_error: 'The BMC is busy.' };
  expect(whyOf(failed, undefined, calls)).toMatchObject({ bmc: null, problems: ['The BMC is busy.'] });
});
