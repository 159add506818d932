// On which nodes a runbook may run, and for whom.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../../openstack/index.ts';
import { serve, type TestServer } from '../../openstack/testing/index.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';

const newest = { 'x-openstack-ironic-api-version': '1.96' };
let bm: TestBaremetal;
/** As a member of the project that owns one of the nodes. */
let member: TestServer;

beforeAll(async () => {
  bm = await startTestBaremetal({ config: { strictScopes: true } });
  const caller: Caller = { userId: 'm', roles: ['member', 'reader'], projectId: 'owner' };
  member = await serve(bm.baremetal.api, { caller: () => caller });
  for (const [name, owner] of Object.entries({ own: 'owner', other: 'somebody' })) {
    await bm.http.post('/v1/nodes', { name, driver: 'fake-hardware', owner }, newest);
    await bm.provision(name, 'manage', 'manageable');
    await bm.http.put(`/v1/nodes/${name}/traits`, { traits: ['CUSTOM_OWN', 'CUSTOM_ALL', 'CUSTOM_SYSTEM'] });
  }
  const steps = [{ interface: 'bios', step: 'factory_reset', order: 1 }];
  for (const more of [
    { name: 'CUSTOM_OWN', owner: 'owner' },
    { name: 'CUSTOM_ALL', public: true },
    { name: 'CUSTOM_SYSTEM' },
  ])
    expect((await bm.http.post('/v1/runbooks', { steps, ...more }, newest)).status).toBe(201);
});
afterAll(async () => {
  await member.close();
  await bm.stop();
});

test.each([
  ['member', 'CUSTOM_OWN', 'own', 202],
  ['member', 'CUSTOM_ALL', 'own', 202],
  ['member', 'CUSTOM_SYSTEM', 'own', 404],
  ['member', 'CUSTOM_ALL', 'other', 404],
  ['system', 'CUSTOM_OWN', 'own', 202],
  ['system', 'CUSTOM_OWN', 'other', 400],
  ['system', 'CUSTOM_SYSTEM', 'other', 202],
])('%s runs %s on the node %s: %d', async (who, runbook, node, status) => {
  const server = who === 'member' ? member : bm.http;
  const body = { target: 'clean', runbook };
  const answer = await server.put(`/v1/nodes/${node}/states/provision`, body, newest);
  expect(answer.status, answer.text).toBe(status);
  if (status === 202) await bm.until(node, ({ provision_state: state }) => state === 'manageable');
});
