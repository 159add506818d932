// A fake node's life over HTTP, from enrolment to deletion, on the real operations engine.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestBaremetal, type TestBaremetal } from './testing/index.ts';

let bm: TestBaremetal;
beforeAll(async () => {
  bm = await startTestBaremetal();
});
afterAll(() => bm.stop());

test('a node goes from enrolment to active and back, and placement follows', async () => {
  const made = await bm.http.post('/v1/nodes', {
    name: 'n1',
    driver: 'fake-hardware',
    resource_class: 'baremetal',
    automated_clean: false,
    driver_info: { ipmi_password: 'geheim', ipmi_username: 'u' },
    properties: { cpus: 4, memory_mb: 8192, local_gb: 100 },
  });
  expect([made.status, made.json.provision_state, made.json.driver_info]).toEqual([
    201,
    'enroll',
    { ipmi_password: '******', ipmi_username: 'u' },
  ]);
  expect(await bm.providers()).toEqual([]);
  await bm.provision('n1', 'manage', 'manageable');
  expect(await bm.providers()).toEqual([{ name: 'n1', reserved: 1, total: 1 }]);
  await bm.provision('n1', 'inspect', 'manageable');
  expect((await bm.http.get('/v1/nodes/n1')).json.properties).toMatchObject({
    cpus: 4,
    memory_mb: 8192,
    local_gb: 100,
    vendor: 'Undercloud',
  });
  await bm.provision('n1', 'provide', 'available');
  expect(await bm.providers()).toEqual([{ name: 'n1', reserved: 0, total: 1 }]);
  await bm.provision('n1', 'active', 'active');
  expect((await bm.http.get('/v1/nodes/n1')).json).toMatchObject({
    power_state: 'power on',
    target_provision_state: null,
    reservation: null,
  });
  await bm.provision('n1', 'deleted', 'available');
  expect((await bm.http.get('/v1/nodes/n1')).json.power_state).toBe('power off');
  expect((await bm.http.delete('/v1/nodes/n1')).status).toBe(204);
  expect(await bm.providers()).toEqual([]);
  expect((await bm.http.get('/v1/nodes/n1')).status).toBe(404);
});

test('an illegal verb is 400 and says what is legal', async () => {
  await bm.http.post('/v1/nodes', { name: 'n2', driver: 'fake-hardware' });
  const answer = await bm.http.put('/v1/nodes/n2/states/provision', { target: 'active' });
  expect([answer.status, JSON.parse(answer.json.error_message).faultstring]).toEqual([
    400,
    expect.stringMatching(
      /^The requested action "active" can not be performed on node ".*" while it is in state "enroll". From there one can: manage/,
    ),
  ]);
});

test.each([
  ['provision', 'fly', /while it is in state "enroll"\. From there one can: manage/],
  ['power', 'fly', /while it is in state "unknown"\. From there one can: power on, /],
])('a target that is none of %s is 400 and says what is one', async (kind, target, says) => {
  const answer = await bm.http.put(`/v1/nodes/n2/states/${kind}`, { target });
  expect([answer.status, JSON.parse(answer.json.error_message).faultstring]).toEqual([
    400,
    expect.stringMatching(says),
  ]);
});

test('every move leaves an event', async () => {
  const { rows } = await bm.events('n2');
  expect(rows).toEqual(['baremetal.node.created']);
});
