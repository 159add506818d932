// Who may see and do what, by system and project scope: the defaults of Ironic's policy with scopes enforced.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../openstack/index.ts';
import { serve, type TestServer } from '../openstack/testing/index.ts';
import { startTestBaremetal, type TestBaremetal } from './testing/index.ts';

const implied = { admin: ['admin', 'manager', 'member', 'reader'], manager: ['manager', 'member', 'reader'] };
const roles = { ...implied, member: ['member', 'reader'], reader: ['reader'], service: ['service'] };
type Role = keyof typeof roles;
const inSystem = (role: Role): Caller => ({ userId: role, roles: roles[role], systemScope: 'all' });
const inProject = (projectId: string, role: Role): Caller => ({ userId: role, roles: roles[role], projectId });

/** In the order of the columns below. */
const personas: readonly (readonly [string, Caller])[] = [
  ['system admin', inSystem('admin')],
  ['system member', inSystem('member')],
  ['system reader', inSystem('reader')],
  ['owner admin', inProject('owner', 'admin')],
  ['owner manager', inProject('owner', 'manager')],
  ['owner member', inProject('owner', 'member')],
  ['owner reader', inProject('owner', 'reader')],
  ['lessee admin', inProject('lessee', 'admin')],
  ['lessee manager', inProject('lessee', 'manager')],
  ['lessee member', inProject('lessee', 'member')],
  ['lessee reader', inProject('lessee', 'reader')],
  ['third admin', inProject('third', 'admin')],
  ['owner service', inProject('owner', 'service')],
];

const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }];
const add = (path: string, value: unknown) => [{ op: 'add', path, value }];
const node = '/v1/nodes/n1';

/** Request, then one status for each persona. */
const cases: readonly (readonly [request: string, body: unknown, statuses: string])[] = [
  //                                                    admin      owner               lessee              third service
  [`GET ${node}`, undefined, '                          200 200 200 200 200 200 200 200 200 200 200 404 200'],
  [`GET ${node}/states`, undefined, '                   200 200 200 200 200 200 200 200 200 200 200 404 200'],
  [`GET ${node}/history`, undefined, '                  200 200 200 200 200 200 200 403 403 403 403 404 200'],
  [`GET ${node}/traits`, undefined, '                   200 200 200 200 200 200 200 200 200 200 200 404 200'],
  [`GET ${node}/vifs`, undefined, '                     200 200 200 200 200 200 200 200 200 200 200 404 200'],
  [`GET ${node}/ports`, undefined, '                    200 200 200 200 200 200 200 200 200 200 200 404 200'],
  [`GET ${node}/validate`, undefined, '                 200 200 403 200 200 200 403 200 200 403 403 404 200'],
  [`GET ${node}/states/console`, undefined, '           200 200 403 200 200 200 403 403 403 403 403 404 200'],
  [`GET ${node}/management/boot_device`, undefined, '   200 200 403 200 200 403 403 403 403 403 403 404 200'],
  [`GET ${node}/vendor_passthru/methods`, undefined, '  200 403 403 403 403 403 403 403 403 403 403 404 403'],
  [`PATCH ${node}`, add('/extra/a', 1), '               200 200 403 200 200 200 403 200 200 200 403 404 403'],
  [`PATCH ${node}`, add('/instance_info/a', 1), '       200 200 403 200 200 200 403 200 200 403 403 404 200'],
  [`PATCH ${node}`, add('/driver_info/a', 1), '         200 200 403 200 200 200 403 403 403 403 403 404 200'],
  [`PATCH ${node}`, add('/properties/a', 1), '          200 200 403 200 200 200 403 403 403 403 403 404 200'],
  [`PATCH ${node}`, replace('/owner', 'owner'), '       200 200 403 403 403 403 403 403 403 403 403 404 403'],
  [`PATCH ${node}`, replace('/lessee', 'lessee'), '     200 200 403 200 200 200 403 403 403 403 403 404 200'],
  [`PATCH ${node}`, replace('/shard', 's'), '           200 403 403 403 403 403 403 403 403 403 403 404 403'],
  [`PATCH ${node}`, replace('/description', 'd'), '     200 200 403 200 200 200 403 200 200 200 403 404 403'],
  [`PATCH ${node}`, replace('/automated_clean', false), '200 403 403 403 403 403 403 403 403 403 403 404 403'],
  [`PATCH ${node}`, replace('/power_interface', 'fake'), '200 200 403 200 200 403 403 403 403 403 403 404 200'],
  [`PUT ${node}/maintenance`, { reason: 'x' }, '        202 202 403 202 202 202 403 202 202 403 403 404 202'],
  [`PUT ${node}/traits`, { traits: ['CUSTOM_A'] }, '    204 204 403 204 204 403 403 403 403 403 403 404 204'],
  [`PUT ${node}/states/boot_mode`, { target: 'uefi' }, '202 202 403 202 202 202 403 202 202 202 403 404 403'],
  [`PUT ${node}/states/raid`, {}, '                     204 204 403 204 204 204 403 403 403 403 403 404 204'],
  ['GET /v1/nodes?owner=owner', undefined, '            200 200 200 200 200 200 200 403 403 403 403 403 200'],
  ['GET /v1/portgroups/g1', undefined, '                200 200 200 200 200 200 200 200 200 200 200 404 200'],
  ['PATCH /v1/portgroups/g1', add('/extra/a', 1), '     200 200 403 200 200 403 403 403 403 403 403 404 200'],
  ['GET /v1/chassis', undefined, '                      200 200 200 403 403 403 403 403 403 403 403 403 403'],
  ['POST /v1/chassis', {}, '                            201 403 403 403 403 403 403 403 403 403 403 403 403'],
  ['GET /v1/drivers', undefined, '                      200 200 200 403 403 403 403 403 403 403 403 403 403'],
  ['GET /v1/conductors', undefined, '                   200 200 200 403 403 403 403 403 403 403 403 403 403'],
  ['GET /v1/deploy_templates', undefined, '             200 200 200 403 403 403 403 403 403 403 403 403 403'],
  ['GET /v1/shards', undefined, '                       200 200 200 403 403 403 403 403 403 403 403 403 403'],
  [
    'POST /v1/events',
    {
      events: [
        {
          event: 'network.bind_port',
          port_id: '11111111-1111-4111-8111-111111111111',
          mac_address: '52:54:00:00:00:01',
          status: 'ACTIVE',
        },
      ],
    },
    '                                                   204 403 403 403 403 403 403 403 403 403 403 403 403',
  ],
  ['GET /v1/allocations/a1', undefined, '               200 200 200 200 200 200 200 404 404 404 404 404 404'],
  ['PATCH /v1/allocations/a1', add('/extra/a', 1), '    200 200 403 200 200 200 403 404 404 404 404 404 404'],
];

let bm: TestBaremetal;
let api: TestServer;
const as = (name: string) => ({ 'x-persona': name, 'x-openstack-ironic-api-version': '1.82' });

beforeAll(async () => {
  bm = await startTestBaremetal({ config: { strictScopes: true } });
  const callers = new Map(personas);
  api = await serve(bm.baremetal.api, { authenticate: async (headers) => callers.get(String(headers['x-persona'])) });
  const { json } = await bm.http.post('/v1/nodes', {
    name: 'n1',
    driver: 'fake-hardware',
    owner: 'owner',
    lessee: 'lessee',
    driver_info: { address: '10.0.0.1' },
  });
  await bm.http.post('/v1/nodes', { name: 'other', driver: 'fake-hardware' });
  await bm.http.post('/v1/portgroups', { name: 'g1', node_uuid: json.uuid });
  await bm.http.post('/v1/allocations', { name: 'a1', resource_class: 'none', owner: 'owner' });
});
afterAll(async () => {
  await api.close();
  await bm.stop();
});

test.each(cases)('%s answers each persona as the policy says', async (request, body, statuses) => {
  const [method = '', path = ''] = request.split(' ');
  const answers: string[] = [];
  for (const [name] of personas) {
    const { status } = await api.request(method, path, {
      headers: as(name),
      ...(body === undefined ? {} : { body }),
    });
    answers.push(`${name} ${status}`);
  }
  const expected = statuses.trim().split(/\s+/);
  expect(answers).toEqual(personas.map(([name], index) => `${name} ${expected[index]}`));
});

test('lists show a project its own and lent nodes only', async () => {
  const names = async (persona: string) =>
    (await api.get('/v1/nodes', as(persona))).json.nodes.map((one: { name: string }) => one.name);
  expect(await names('system reader')).toEqual(['n1', 'other']);
  expect(await names('owner reader')).toEqual(['n1']);
  expect(await names('lessee reader')).toEqual(['n1']);
  expect(await names('third admin')).toEqual([]);
});

test('a lessee reads nothing of the infrastructure, in a node and in a list', async () => {
  const words = '** Redacted - requires baremetal:node:get:driver_info permission. **';
  expect((await api.get(node, as('owner reader'))).json.driver_info).toMatchObject({ address: '10.0.0.1' });
  expect((await api.get(node, as('lessee admin'))).json.driver_info).toEqual({ content: words });
  const { json } = await api.get('/v1/nodes/detail', as('lessee admin'));
  expect(json.nodes[0].driver_info).toEqual({ content: words });
  expect(json.nodes[0].last_error).toMatch(/Redacted/);
});

test('who may not add to a node hears so, whether the node is there or not', async () => {
  const address = '52:54:00:00:00:99';
  const { uuid } = (await bm.http.get(node)).json;
  for (const node_uuid of [uuid, '11111111-1111-4111-8111-111111111111']) {
    expect((await api.post('/v1/ports', { node_uuid, address }, as('third admin'))).status).toBe(403);
  }
  expect((await api.post('/v1/ports', { node_uuid: uuid, address }, as('owner admin'))).status).toBe(201);
});

test('an administrator of a project enrols and forgets nodes of that project', async () => {
  const mine = { name: 'mine', driver: 'fake-hardware' };
  expect((await api.post('/v1/nodes', { ...mine, owner: 'owner' }, as('third admin'))).status).toBe(403);
  expect((await api.post('/v1/nodes', mine, as('owner member'))).status).toBe(403);
  expect((await api.post('/v1/nodes', mine, as('third admin'))).json.owner).toBe('third');
  expect((await api.delete('/v1/nodes/mine', as('owner admin'))).status).toBe(404);
  expect((await api.delete('/v1/nodes/mine', as('third admin'))).status).toBe(204);
});
