// Who may see and do what where only the scope of a token counts.
import { expect, test } from 'vitest';
import { scoped } from './testing/access.data.ts';
import { as, testAccess } from './testing/access.ts';

const place = testAccess(scoped);
const node = '/v1/nodes/n1';

test('a lessee reads nothing of the infrastructure, in a node, in its states and in a list', async () => {
  const { api } = place();
  const rule = (field: string) => `baremetal:node:get:${field} permission. **`;
  const hidden = {
    driver_info: { content: `** Redacted - requires ${rule('driver_info')}` },
    driver_internal_info: { content: `** Redacted - Requires ${rule('driver_internal_info')}` },
    last_error: `** Value Redacted - Requires ${rule('last_error')}`,
    reservation: `** Redacted - requires ${rule('reservation')}`,
  };
  expect((await api.get(node, as('owner reader'))).json.driver_info).toMatchObject({ address: '10.0.0.1' });
  expect((await api.get(node, as('lessee admin'))).json).toMatchObject(hidden);
  expect((await api.get('/v1/nodes/detail', as('lessee admin'))).json.nodes[0]).toMatchObject(hidden);
  const { json } = await api.get(`${node}?fields=driver_info`, as('lessee admin'));
  expect(json.driver_info).toEqual(hidden.driver_info);
  expect((await api.get(`${node}/states`, as('lessee admin'))).json.last_error).toBe(hidden.last_error);
});

test('the secrets of a volume are shown to administrators and to those who see all', async () => {
  const { api, uuids } = place();
  const properties = async (name: string) =>
    (await api.get(`/v1/volume/targets/${uuids.mine_target}`, as(name))).json.properties;
  expect(await properties('system reader')).toEqual({ secret: 1 });
  expect(await properties('lessee admin')).toEqual({ secret: 1 });
  expect(await properties('owner member')).toEqual({
    redacted_contents: expect.stringMatching(/view_target_properties/),
  });
});

test('who may not add to a node hears so, whether the node is there or not', async () => {
  const { api, uuids } = place();
  const address = '52:54:00:00:00:99';
  for (const node_uuid of [uuids.mine, uuids.nothing]) {
    expect((await api.post('/v1/ports', { node_uuid, address }, as('third admin'))).status).toBe(403);
  }
  expect((await api.post('/v1/ports', { node_uuid: uuids.mine, address }, as('owner admin'))).status).toBe(201);
});

test('an administrator of a project enrols and forgets nodes of that project', async () => {
  const { api } = place();
  const mine = { name: 'third-node', driver: 'fake-hardware' };
  expect((await api.post('/v1/nodes', { ...mine, owner: 'owner' }, as('third admin'))).status).toBe(400);
  expect((await api.post('/v1/nodes', mine, as('owner member'))).status).toBe(403);
  expect((await api.post('/v1/nodes', mine, as('third admin'))).json.owner).toBe('third');
  expect((await api.delete('/v1/nodes/third-node', as('owner admin'))).status).toBe(404);
  expect((await api.delete('/v1/nodes/third-node', as('third admin'))).status).toBe(204);
});

test('an allocation of a project belongs to it, whoever asks', async () => {
  const { api } = place();
  const wanted = { resource_class: 'none' };
  expect((await api.post('/v1/allocations', wanted, as('third admin'))).json.owner).toBe('third');
  expect((await api.post('/v1/allocations', wanted, as('system admin'))).json.owner).toBeNull();
});
