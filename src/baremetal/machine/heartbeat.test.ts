// What a ramdisk is answered when it asks who it is and says that it lives, where Ironic would refuse it.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tables } from '../store.ts';
import { ramdiskImages } from '../testing/images.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { simulatedMachine } from '../testing/simulated-machine.ts';

let bm: TestBaremetal;
let uuid: string;
let token: string;
const machine = simulatedMachine({ apiUrl: () => '', mac: '52:54:00:00:00:01' });
const at = (version: string) => ({ 'x-openstack-ironic-api-version': version });

beforeAll(async () => {
  machine.stuck = true;
  bm = await startTestBaremetal({
    hardware: [machine.driver],
    images: ramdiskImages,
  });
  await bm.http.post('/v1/nodes', { name: 'm1', driver: 'redfish' });
  uuid = (await bm.http.get('/v1/nodes/m1')).json.uuid;
  await bm.http.post('/v1/ports', { node_uuid: uuid, address: machine.mac });
  await bm.provision('m1', 'manage', 'manageable');
});
afterAll(() => bm.stop());

const nobody = '0e3c5a3c-0000-4000-8000-000000000000';

test.each([
  ['no address and no UUID', '', 400, "At least one of 'addresses' and 'node_uuid' parameters is required"],
  [
    'addresses that are none',
    '?addresses=x,y',
    400,
    "At least one of 'addresses' and 'node_uuid' parameters is required",
  ],
  ['a UUID that is none', '?node_uuid=x', 400, 'Expected UUID for node_uuid: x'],
  ['an unknown machine', '?addresses=52:54:00:00:00:99', 404, 'could not be found'],
  ['an unknown node', `?node_uuid=${nobody}`, 404, 'could not be found'],
  ['a node at rest', '?addresses=52:54:00:00:00:01', 404, 'could not be found'],
])('a lookup by %s is refused', async (_what, query, status, message) => {
  const answer = await bm.http.get(`/v1/lookup${query}`, at('1.72'));
  expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(message)]);
});

test('a lookup of a node that waits for its ramdisk tells the token once, bad addresses notwithstanding', async () => {
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'inspect' });
  await bm.until('m1', (node) => node.provision_state === 'inspect wait');
  const first = await bm.http.get(`/v1/lookup?addresses=nonsense,${machine.mac}`, at('1.72'));
  token = first.json.config.agent_token;
  expect(token).toMatch(/^[\w-]{43}$/);
  expect((await bm.http.get(`/v1/lookup?node_uuid=${uuid}`, at('1.72'))).json.config.agent_token).toBe('******');
  expect((await bm.http.get(`/v1/lookup?node_uuid=${uuid}`, at('1.21'))).status).toBe(404);
});

const callback_url = 'http://127.0.0.1:9999';
const whole = () => ({ callback_url, agent_version: '9.4.0', agent_token: token });

test.each([
  ['1.21', {}, 404, ''],
  ['1.35', {}, 400, 'Field "agent_version" not recognised'],
  ['1.67', { agent_verify_ca: 'PEM' }, 400, 'Field "agent_verify_ca" not recognised in this version'],
  ['1.71', { agent_status: 'start' }, 400, 'Fields "agent_status" and "agent_status_message" not recognised.'],
  ['1.72', { agent_status: 'bored' }, 400, 'Agent status is invalid. Valid states are start,end,error.'],
  ['1.72', { agent_token: null }, 400, 'Agent token is required for heartbeat processing.'],
  ['1.72', { agent_token: 'other' }, 400, 'Invalid or missing agent token received.'],
  ['1.72', { agent_version: undefined }, 400, 'Agent did not transmit a version, and a version is required.'],
  ['1.72', { callback_url: 'ftp://127.0.0.1' }, 400, 'is no HTTP URL'],
  ['1.72', { callback_url: undefined }, 400, 'callback_url'],
])('at %s a heartbeat with %o is answered %i', async (version, change, status, message) => {
  const answer = await bm.http.post(`/v1/heartbeat/${uuid}`, { ...whole(), ...change }, at(version));
  // A fault is JSON within JSON.
  expect([answer.status, answer.text.replaceAll('\\', '')]).toEqual([status, expect.stringContaining(message)]);
});

test('a heartbeat that is under way while the next ramdisk gets its token is not taken for that one', async () => {
  const waiting = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  const before = await tables(bm.database).selectFrom('baremetal_agents').selectAll().executeTakeFirstOrThrow();
  const { late } = await bm.database.transaction().execute(async (tx) => {
    await tables(tx)
      .updateTable('baremetal_agents')
      .set({ token: Buffer.from('the next') })
      .execute();
    const asked = bm.http.post('/v1/heartbeat/m1', whole(), at('1.72'));
    await expect.poll(async () => (await waiting.execute(bm.database)).rows.length).toBe(1);
    return { late: asked };
  });
  expect((await late).status).toBe(400);
  await tables(bm.database).updateTable('baremetal_agents').set({ token: before.token }).execute();
  expect(await tables(bm.database).selectFrom('baremetal_agents').selectAll().executeTakeFirst()).toEqual(before);
});

test('a heartbeat of an unknown node is 404; of the right one 202, and from then on it keeps its address', async () => {
  expect((await bm.http.post(`/v1/heartbeat/${nobody}`, whole(), at('1.72'))).status).toBe(404);
  const first = await bm.http.post('/v1/heartbeat/m1', whole(), at('1.62'));
  expect([first.status, first.text]).toEqual([202, '']);
  const moved = await bm.http.post('/v1/heartbeat/m1', { ...whole(), callback_url: 'http://127.0.0.1:1' }, at('1.72'));
  expect([moved.status, moved.text]).toEqual([400, expect.stringContaining('Detected change in ramdisk provided')]);
  expect((await bm.http.post('/v1/heartbeat/m1', whole(), at('1.72'))).status).toBe(202);
});
