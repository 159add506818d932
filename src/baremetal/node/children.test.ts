// Nodes inside of nodes: where they may stand, who sees them and who may have steps run on them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../../openstack/index.ts';
import { serve, type TestServer } from '../../openstack/testing/index.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';

const newest = { 'x-openstack-ironic-api-version': '1.96' };
const owner: Caller = { userId: 'u', roles: ['admin', 'manager', 'member', 'reader'], projectId: 'owner' };
let bm: TestBaremetal;
/** As an administrator of the project owner, to which the host belongs and one of its cards. */
let owners: TestServer;
const uuids: Record<string, string> = {};

async function enrol(name: string, more: object = {}): Promise<void> {
  const { status, text, json } = await bm.http.post('/v1/nodes', { name, driver: 'fake-hardware', ...more }, newest);
  expect(status, text).toBe(201);
  uuids[name] = json.uuid;
}

beforeAll(async () => {
  bm = await startTestBaremetal({ config: { strictScopes: true } });
  owners = await serve(bm.baremetal.api, { caller: () => owner });
  await enrol('host', { owner: 'owner' });
  await enrol('mine', { parent_node: uuids.host, owner: 'owner' });
  await enrol('foreign', { parent_node: uuids.host });
  for (const name of ['host', 'mine', 'foreign']) await bm.provision(name, 'manage', 'manageable');
});
afterAll(async () => {
  await owners.close();
  await bm.stop();
});

const within = (node: string, parent: string | null) =>
  bm.http.patch(`/v1/nodes/${node}`, [{ op: 'replace', path: '/parent_node', value: parent }], newest);

test('a node stands neither inside of itself nor of a node inside of it', async () => {
  for (const parent of ['host', 'mine'])
    expect((await within('host', uuids[parent] ?? '')).text).toMatch(/can not be inside of itself/);
  await enrol('deep', { parent_node: uuids.mine });
  expect((await within('host', uuids.deep ?? '')).status).toBe(400);
  expect((await bm.http.delete('/v1/nodes/deep', newest)).status).toBe(204);
});

test('a node with others inside of it is not deleted', async () => {
  const refused = await bm.http.delete('/v1/nodes/host', newest);
  expect([refused.status, refused.text]).toEqual([409, expect.stringContaining(uuids.mine ?? '')]);
});

test('they are listed by their parent, whose name serves as well as its UUID', async () => {
  const names = async (parent: string) =>
    (await bm.http.get(`/v1/nodes?parent_node=${parent}`, newest)).json.nodes.map(({ name }: { name: string }) => name);
  expect(await names(uuids.host ?? '')).toEqual(['mine', 'foreign']);
  expect(await names('host')).toEqual(['mine', 'foreign']);
  expect(await names('nobody')).toEqual([]);
  expect((await bm.http.get('/v1/nodes?parent_node=x%20y', newest)).status).toBe(400);
});

test('who owns the parent sees only those inside of it that belong to the same project', async () => {
  expect((await bm.http.get('/v1/nodes/host/children', newest)).json.children).toEqual([uuids.mine, uuids.foreign]);
  expect((await owners.get('/v1/nodes/host/children', newest)).json.children).toEqual([uuids.mine]);
});

test('who may not ask for states of a node has no step run on it from its parent', async () => {
  const clean = (...children: string[]) => ({
    target: 'clean',
    clean_steps: [
      {
        interface: 'bios',
        step: 'factory_reset',
        execute_on_child_nodes: true,
        ...(children.length > 0 ? { limit_child_node_execution: children } : {}),
      },
    ],
  });
  const ask = (body: object) => owners.put('/v1/nodes/host/states/provision', body, newest);
  expect((await ask(clean())).status).toBe(403);
  expect((await ask(clean('foreign'))).status).toBe(403);
  expect((await ask(clean('mine'))).status).toBe(202);
  await bm.until('host', ({ provision_state: state }) => state === 'manageable');
});
