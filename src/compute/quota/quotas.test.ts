// Quotas and aggregates over HTTP.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { testAdmin } from '../../openstack/testing/index.ts';
import { startTestCompute, type TestCompute } from '../testing/index.ts';

let t: TestCompute;
beforeAll(async () => {
  t = await startTestCompute();
});
afterEach(() => t.become(testAdmin));
afterAll(() => t.stop());
const project = testAdmin.projectId ?? '';
const member = { ...testAdmin, roles: ['member', 'reader'] };
const newest = { 'x-openstack-nova-api-version': '2.95' };

describe('quotas', () => {
  const path = `/v2.1/os-quota-sets/${project}`;

  test('are unlimited until they are set, and each microversion names what it knows', async () => {
    expect((await t.http.get(path, newest)).json.quota_set).toEqual({
      id: project,
      instances: -1,
      cores: -1,
      ram: -1,
      key_pairs: -1,
      metadata_items: 128,
      server_groups: -1,
      server_group_members: -1,
    });
    expect((await t.http.get(path)).json.quota_set).toMatchObject({ floating_ips: -1, injected_files: 0 });
  });

  test('keep a project from having more, go back to the defaults, and are an administrator’s to set', async () => {
    const order = {
      server: { name: 'more', imageRef: t.imageId, flavorRef: t.flavorId, networks: 'none', min_count: 2 },
    };
    t.become(member);
    expect((await t.http.put(path, { quota_set: { instances: 9 } })).status).toBe(403);
    t.become(testAdmin);
    expect((await t.http.put(path, { quota_set: { instances: '1', key_pairs: 0 } })).json.quota_set).toMatchObject({
      instances: 1,
      key_pairs: 0,
    });
    const refused = await t.http.post('/v2.1/servers', order, newest);
    expect([refused.status, refused.json.forbidden.message]).toEqual([
      403,
      expect.stringContaining('Quota exceeded for instances: Requested 2, but already used 0 of 1 instances'),
    ]);
    expect((await t.http.get('/v2.1/servers')).json.servers).toEqual([]);
    expect((await t.http.post('/v2.1/os-keypairs', { keypair: { name: 'one' } })).status).toBe(403);
    expect((await t.http.get(`${path}/detail`)).json.quota_set.instances).toEqual({ limit: 1, in_use: 0, reserved: 0 });
    expect((await t.http.delete(path)).status).toBe(202);
    await t.http.put('/v2.1/os-quota-class-sets/default', { quota_class_set: { server_groups: 0 } });
    const group = { server_group: { name: 'g', policies: ['affinity'] } };
    expect((await t.http.post('/v2.1/os-server-groups', group)).status).toBe(403);
    await t.http.put(path, { quota_set: { server_groups: -1 } });
    expect((await t.http.post('/v2.1/os-server-groups', group)).status).toBe(200);
    expect((await t.http.put(path, { quota_set: { server_groups: 0 } })).status).toBe(400);
    expect((await t.http.put(path, { quota_set: { server_groups: 0, force: true } })).status).toBe(200);
    expect((await t.http.put(path, { quota_set: { dreams: 1 } })).status).toBe(400);
  });
});

test('aggregates group the host, carry metadata and are deleted when they are empty', async () => {
  const made = await t.http.post('/v2.1/os-aggregates', { aggregate: { name: 'rack', availability_zone: 'nova' } });
  const path = `/v2.1/os-aggregates/${made.json.aggregate.id}`;
  const act = async (body: unknown) => t.http.post(`${path}/action`, body);
  expect(made.json.aggregate).toMatchObject({ name: 'rack', availability_zone: 'nova', deleted: false });
  expect((await t.http.post('/v2.1/os-aggregates', { aggregate: { name: 'rack' } })).status).toBe(409);
  expect(
    (await t.http.post('/v2.1/os-aggregates', { aggregate: { name: 'x', availability_zone: 'mars' } })).status,
  ).toBe(400);
  expect((await act({ add_host: { host: 'nowhere' } })).status).toBe(404);
  expect((await act({ add_host: { host: 'test-host' } })).json.aggregate.hosts).toEqual(['test-host']);
  expect((await act({ add_host: { host: 'test-host' } })).status).toBe(409);
  await act({ set_metadata: { metadata: { ssd: 'true', old: 'x' } } });
  expect((await act({ set_metadata: { metadata: { old: null } } })).json.aggregate.metadata).toEqual({
    availability_zone: 'nova',
    ssd: 'true',
  });
  expect((await t.http.delete(path)).status).toBe(400);
  expect((await act({ remove_host: { host: 'test-host' } })).json.aggregate.hosts).toEqual([]);
  expect((await act({ remove_host: { host: 'test-host' } })).status).toBe(404);
  expect((await t.http.put(path, { aggregate: { name: 'row' } })).json.aggregate.name).toBe('row');
  expect((await t.http.get(path, newest)).json.aggregate.uuid).toMatch(/^[0-9a-f-]{36}$/);
  expect((await t.http.delete(path)).status).toBe(200);
  expect((await t.http.get(path)).status).toBe(404);
});
