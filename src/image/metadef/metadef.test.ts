// Metadata definitions over HTTP, on a real database.
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Caller } from '../../openstack/index.ts';
import { testAdmin } from '../../openstack/testing/index.ts';
import { startTestImages } from '../testing/images.ts';

const service = await startTestImages();
const { http } = service;
afterEach(() => {
  service.caller = testAdmin;
});
afterAll(() => service.stop());

const all = '/v2/metadefs/namespaces';
const reader: Caller = { userId: 'user', projectId: 'other', roles: ['reader'] };

test('a namespace comes back with everything that it was made with', async () => {
  const made = await http.post(all, {
    namespace: 'OS::Compute::CPU',
    visibility: 'public',
    resource_type_associations: [{ name: 'OS::Nova::Flavor', prefix: 'hw:' }],
    properties: { cores: { title: 'Cores', type: 'integer', minimum: 1 } },
    objects: [{ name: 'Pinning', properties: { policy: { title: 'Policy', type: 'string' } } }],
    tags: [{ name: 'numa' }],
  });
  expect(made.status).toBe(201);
  expect(made.headers.get('location')).toBe(`${http.url}${all}/OS%3A%3ACompute%3A%3ACPU`);
  const shown = await http.get(`${all}/OS::Compute::CPU`);
  expect(shown.json).toEqual(made.json);
  expect(shown.json).toMatchObject({
    namespace: 'OS::Compute::CPU',
    protected: false,
    owner: 'admin-project',
    resource_type_associations: [{ name: 'OS::Nova::Flavor', prefix: 'hw:' }],
    properties: { cores: { title: 'Cores', type: 'integer', minimum: 1 } },
    objects: [{ name: 'Pinning', properties: { policy: { title: 'Policy' } } }],
    tags: [{ name: 'numa' }],
  });
  const asFlavor = await http.get(`${all}/OS::Compute::CPU?resource_type=OS::Nova::Flavor`);
  expect(Object.keys(asFlavor.json.properties)).toEqual(['hw:cores']);
  expect(Object.keys(asFlavor.json.objects[0].properties)).toEqual(['hw:policy']);
  const one = await http.get(`${all}/OS::Compute::CPU/properties/hw:cores?resource_type=OS::Nova::Flavor`);
  expect(one.json).toEqual({ name: 'hw:cores', title: 'Cores', type: 'integer', minimum: 1 });
});

test.each([
  ['properties', { name: 'a', title: 'A', type: 'string' }, { name: 'b', title: 'B', type: 'integer' }],
  ['objects', { name: 'a', description: 'first' }, { name: 'b', description: 'second' }],
  ['tags', { name: 'a' }, { name: 'b' }],
])('%s are added, changed, renamed and removed', async (kind, first, second) => {
  const path = `${all}/of-${kind}`;
  await http.post(all, { namespace: `of-${kind}` });
  const add =
    kind === 'tags' ? () => http.post(`${path}/tags/a`, undefined) : () => http.post(`${path}/${kind}`, first);
  expect((await add()).status).toBe(201);
  expect((await add()).status).toBe(409);
  expect((await http.get(`${path}/${kind}/a`)).json).toMatchObject(first);
  const changed = await http.put(`${path}/${kind}/a`, second);
  expect(changed.json).toMatchObject(second);
  expect((await http.get(`${path}/${kind}/a`)).status).toBe(404);
  await add();
  expect((await http.put(`${path}/${kind}/a`, second)).status).toBe(409);
  expect((await http.put(`${path}/${kind}/none`, second)).status).toBe(404);
  expect((await http.delete(`${path}/${kind}/a`)).status).toBe(204);
  expect((await http.delete(`${path}/${kind}/a`)).status).toBe(404);
  expect((await http.delete(`${path}/${kind}`)).status).toBe(204);
  expect(Object.keys((await http.get(`${path}/${kind}`)).json[kind])).toEqual([]);
});

test('tags are replaced together, or added to those that are there', async () => {
  await http.post(all, { namespace: 'tagged' });
  const names = async () => (await http.get(`${all}/tagged/tags`)).json.tags.map((tag: { name: string }) => tag.name);
  await http.post(`${all}/tagged/tags`, { tags: [{ name: 'one' }, { name: 'two' }] });
  expect((await http.post(`${all}/tagged/tags`, { tags: [{ name: 'three' }, { name: 'three' }] })).status).toBe(409);
  expect((await names()).sort()).toEqual(['one', 'two']);
  await http.post(`${all}/tagged/tags`, { tags: [{ name: 'three' }] }, { 'x-openstack-append': 'True' });
  expect((await names()).sort()).toEqual(['one', 'three', 'two']);
  await http.post(`${all}/tagged/tags`, { tags: [{ name: 'four' }] });
  expect(await names()).toEqual(['four']);
});

test('a protected namespace stays until it is protected no more', async () => {
  await http.post(all, { namespace: 'kept', protected: true });
  expect((await http.delete(`${all}/kept`)).status).toBe(403);
  expect((await http.put(`${all}/kept`, { namespace: 'kept' })).json).toMatchObject({ protected: false });
  expect((await http.delete(`${all}/kept`)).status).toBe(204);
  expect((await http.get(`${all}/kept`)).status).toBe(404);
});

test('a namespace takes no name that another has, neither new nor by a change', async () => {
  await http.post(all, { namespace: 'taken' });
  await http.post(all, { namespace: 'free' });
  expect((await http.post(all, { namespace: 'taken' })).status).toBe(409);
  expect((await http.put(`${all}/free`, { namespace: 'taken' })).status).toBe(409);
});

test('a resource type is associated once and can be taken away', async () => {
  await http.post(all, { namespace: 'typed' });
  const path = `${all}/typed/resource_types`;
  expect((await http.post(path, { name: 'OS::Mine::Thing', prefix: 'my_' })).status).toBe(201);
  expect((await http.post(path, { name: 'OS::Mine::Thing' })).status).toBe(409);
  expect((await http.get(path)).json.resource_type_associations).toMatchObject([
    { name: 'OS::Mine::Thing', prefix: 'my_' },
  ]);
  const types = (await http.get('/v2/metadefs/resource_types')).json.resource_types;
  expect(types.map((type: { name: string }) => type.name)).toContain('OS::Mine::Thing');
  expect((await http.delete(`${path}/OS::Mine::Thing`)).status).toBe(204);
  expect((await http.delete(`${path}/OS::Mine::Thing`)).status).toBe(404);
});

test('others read what is public, see nothing of what is private, and write nothing', async () => {
  await http.post(all, { namespace: 'open', visibility: 'public' });
  await http.post(all, { namespace: 'secret', visibility: 'private' });
  service.caller = reader;
  const listed = (await http.get(all)).json.namespaces.map((one: { namespace: string }) => one.namespace);
  expect(listed).toContain('open');
  expect(listed).not.toContain('secret');
  expect((await http.get(`${all}/open`)).status).toBe(200);
  expect((await http.get(`${all}/secret`)).status).toBe(404);
  expect((await http.get(`${all}/secret/tags`)).status).toBe(404);
  expect((await http.delete(`${all}/secret`)).status).toBe(404);
  expect((await http.delete(`${all}/open`)).status).toBe(403);
  expect((await http.post(all, { namespace: 'mine' })).status).toBe(403);
  expect((await http.post(`${all}/open/tags/x`, undefined)).status).toBe(403);
});

test('namespaces are listed by pages, in the order and of the kind asked for', async () => {
  for (const name of ['p1', 'p2', 'p3'])
    await http.post(all, { namespace: name, resource_type_associations: [{ name: 'OS::Page' }] });
  const page = (query: string) => http.get(`${all}?resource_types=OS::Page&sort_key=namespace&sort_dir=asc&${query}`);
  const first = (await page('limit=2')).json;
  expect(first.namespaces.map((one: { namespace: string }) => one.namespace)).toEqual(['p1', 'p2']);
  const second = (await http.get(first.next)).json;
  expect(second.namespaces.map((one: { namespace: string }) => one.namespace)).toEqual(['p3']);
  expect(second.next).toBeUndefined();
  for (const bad of ['limit=-1', 'marker=none', 'sort_dir=up', 'sort_key=id', 'visibility=shared'])
    expect((await http.get(`${all}?${bad}`)).status, bad).toBe(400);
});

test('every schema is published under its name', async () => {
  const names = {
    namespace: 'namespace',
    namespaces: 'namespaces',
    resource_type: 'resource_type_association',
    tags: 'tags',
  };
  for (const [path, name] of Object.entries(names))
    expect((await http.get(`/v2/schemas/metadefs/${path}`)).json.name).toBe(name);
  expect((await http.get('/v2/schemas/metadefs/none')).status).toBe(404);
});
