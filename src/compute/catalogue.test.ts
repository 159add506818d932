// Flavors, key pairs, groups and hosts over HTTP.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Caller } from '../openstack/index.ts';
import { testAdmin } from '../openstack/testing/index.ts';
import { startTestCompute, type TestCompute } from './testing/index.ts';

let t: TestCompute;
beforeAll(async () => {
  t = await startTestCompute();
});
afterEach(() => t.become(testAdmin));
afterAll(() => t.stop());

const at = (version: string) => ({ 'openstack-api-version': `compute ${version}` });
const stranger: Caller = { userId: 'u2', projectId: 'p2', roles: ['member', 'reader'] };
const flavor = async (more: Record<string, unknown> = {}, headers = {}) =>
  t.http.post(
    '/v2.1/flavors',
    { flavor: { name: `f${Math.random()}`, ram: 512, vcpus: 1, disk: 1, ...more } },
    headers,
  );

describe('flavors', () => {
  test('show what their microversion knows', async () => {
    const old = (await flavor({ swap: 0 })).json.flavor;
    expect(old).toMatchObject({ ram: 512, swap: '', 'os-flavor-access:is_public': true });
    expect(old).not.toHaveProperty('description');
    const shown = (await t.http.get(`/v2.1/flavors/${old.id}`, at('2.75'))).json.flavor;
    expect(shown).toMatchObject({ swap: 0, description: null, extra_specs: {} });
  });

  test.each([
    [{ ram: 0 }, 400],
    [{ ram: 'much' }, 400],
    [{ vcpus: 2147483648 }, 400],
    [{ disk: -1 }, 400],
    [{ name: ' padded ' }, 400],
    [{ name: 'a\0b' }, 400],
    [{ description: 'too early' }, 400],
    [{ color: 'red' }, 400],
    [{ name: 'metal' }, 409],
  ])('refuse %j with %i', async (more, status) => {
    expect((await flavor(more)).status).toBe(status);
  });

  test('that are private are for those with access', async () => {
    const { id } = (await flavor({ 'os-flavor-access:is_public': false, disk: '20' })).json.flavor;
    t.become(stranger);
    expect((await t.http.get(`/v2.1/flavors/${id}`)).status).toBe(404);
    expect((await t.http.post('/v2.1/flavors', { flavor: { name: 'x', ram: 1, vcpus: 1, disk: 1 } })).status).toBe(403);
    t.become(testAdmin);
    const added = await t.http.post(`/v2.1/flavors/${id}/action`, { addTenantAccess: { tenant: 'p2' } });
    expect(added.json.flavor_access).toContainEqual({ flavor_id: id, tenant_id: 'p2' });
    expect((await t.http.post(`/v2.1/flavors/${id}/action`, { addTenantAccess: { tenant: 'p2' } })).status).toBe(409);
    t.become(stranger);
    expect((await t.http.get(`/v2.1/flavors/${id}`)).status).toBe(200);
  });

  test('keep extra specs', async () => {
    const { id } = (await flavor()).json.flavor;
    const path = `/v2.1/flavors/${id}/os-extra_specs`;
    expect((await t.http.post(path, { extra_specs: { 'a:b': '1', c: 2 } })).json.extra_specs).toEqual({
      'a:b': '1',
      c: '2',
    });
    expect((await t.http.put(`${path}/c`, { c: '3' })).json).toEqual({ c: '3' });
    expect((await t.http.put(`${path}/c`, { d: '3' })).status).toBe(400);
    expect((await t.http.delete(`${path}/c`)).status).toBe(200);
    expect((await t.http.delete(`${path}/c`)).status).toBe(404);
    expect((await t.http.get(path)).json.extra_specs).toEqual({ 'a:b': '1' });
    expect((await t.http.post(path, { extra_specs: { 'a?': 'x' } })).status).toBe(400);
  });

  test('page and sort', async () => {
    const { flavors } = (await t.http.get('/v2.1/flavors?sort_key=name&sort_dir=asc')).json;
    const seen: string[] = [];
    let path: string | undefined = '/v2.1/flavors?sort_key=name&sort_dir=asc&limit=2';
    while (path !== undefined) {
      const page: { flavors: { id: string }[]; flavors_links?: { href: string }[] } = (await t.http.get(path)).json;
      seen.push(...page.flavors.map(({ id }) => id));
      path = page.flavors_links?.[0]?.href.slice(t.http.url.length);
    }
    expect(seen).toEqual(flavors.map(({ id }: { id: string }) => id));
    expect((await t.http.get('/v2.1/flavors?marker=none')).status).toBe(400);
    expect((await t.http.get('/v2.1/flavors?sort_key=colour')).status).toBe(400);
    expect((await t.http.get('/v2.1/flavors?limit=-1')).status).toBe(400);
  });
});

describe('key pairs', () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAjU9SWPKUT0ztwgIZP6R/T8/5LpkVECS1f5V+37CRld me';

  test('are imported, and made where no public key is given', async () => {
    const imported = await t.http.post('/v2.1/os-keypairs', { keypair: { name: 'mine', public_key: key } }, at('2.2'));
    expect(imported.status).toBe(201);
    expect(imported.json.keypair).toMatchObject({
      name: 'mine',
      type: 'ssh',
      fingerprint: '4d:1c:a6:b3:2f:12:8c:43:db:f8:8b:98:bf:30:63:1a',
    });
    expect(imported.json.keypair).not.toHaveProperty('private_key');
    const made = await t.http.post('/v2.1/os-keypairs', { keypair: { name: 'new' } });
    expect(made.json.keypair.private_key).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----/);
    expect((await t.http.post('/v2.1/os-keypairs', { keypair: { name: 'mine', public_key: key } })).status).toBe(409);
    expect((await t.http.post('/v2.1/os-keypairs', { keypair: { name: 'late' } }, at('2.92'))).status).toBe(400);
  });

  test.each([
    ['no key', 'hello'],
    ['another type than its bytes', key.replace('ssh-ed25519', 'ssh-rsa')],
    ['two lines', `${key}\n${key}`],
  ])('that are %s are refused', async (_what, public_key) => {
    const answer = await t.http.post('/v2.1/os-keypairs', { keypair: { name: 'bad', public_key } });
    expect(answer.status).toBe(400);
    expect(answer.json.badRequest.message).toContain('Keypair data is invalid');
  });

  test('belong to their user', async () => {
    t.become(stranger);
    expect((await t.http.get('/v2.1/os-keypairs')).json.keypairs).toEqual([]);
    expect((await t.http.get('/v2.1/os-keypairs/mine')).status).toBe(404);
    expect((await t.http.get('/v2.1/os-keypairs?user_id=admin-user', at('2.10'))).status).toBe(403);
    t.become(testAdmin);
    expect((await t.http.delete('/v2.1/os-keypairs/mine', at('2.2'))).status).toBe(204);
    expect((await t.http.delete('/v2.1/os-keypairs/mine')).status).toBe(404);
  });
});

describe('groups and hosts', () => {
  test('a group has policies before 2.64 and a policy since', async () => {
    const made = await t.http.post('/v2.1/os-server-groups', {
      server_group: { name: 'g', policies: ['anti-affinity'] },
    });
    expect(made.json.server_group).toMatchObject({ policies: ['anti-affinity'], members: [] });
    const path = `/v2.1/os-server-groups/${made.json.server_group.id}`;
    expect((await t.http.get(path, at('2.64'))).json.server_group.policy).toBe('anti-affinity');
    expect((await t.http.delete(path)).status).toBe(204);
    expect((await t.http.get(path)).status).toBe(404);
  });

  test('nodes are the hypervisors', async () => {
    const uuid = await t.machine('host-1');
    const [one] = (await t.http.get('/v2.1/os-hypervisors/detail', at('2.53'))).json.hypervisors;
    expect(one).toMatchObject({
      id: uuid,
      hypervisor_hostname: uuid,
      hypervisor_type: 'ironic',
      vcpus: 4,
      memory_mb: 8192,
    });
    expect((await t.http.get(`/v2.1/os-hypervisors/${uuid}/search`)).json.hypervisors).toHaveLength(1);
    expect((await t.http.get(`/v2.1/os-hypervisors/${uuid}/search`, at('2.53'))).status).toBe(404);
    t.become(stranger);
    expect((await t.http.get('/v2.1/os-hypervisors')).status).toBe(403);
    expect((await t.http.get('/v2.1/os-availability-zone')).json.availabilityZoneInfo[0].zoneName).toBe('nova');
  });

  test('the version document says what is offered', async () => {
    expect((await t.http.get('/')).json.versions[0]).toMatchObject({ id: 'v2.1', min_version: '2.1', version: '2.95' });
    expect((await t.http.get('/v2.1/')).json.version.status).toBe('CURRENT');
    expect((await t.http.get('/v2.1/servers', at('2.99'))).status).toBe(406);
    expect((await t.http.get('/v2.1/servers', at('latest'))).headers.get('openstack-api-version')).toBe('compute 2.95');
    expect(
      (await t.http.get('/v2.1/servers', { 'x-openstack-nova-api-version': '2.60' })).headers.get(
        'x-openstack-nova-api-version',
      ),
    ).toBe('2.60');
  });

  test.each(['name=(', 'sort_key=colour', 'sort_dir=up', 'limit=x', 'marker=none', 'changes-since=now', 'name=a%00'])(
    'a server list with %s is 400',
    async (query) => {
      expect((await t.http.get(`/v2.1/servers/detail?${query}`)).status).toBe(400);
    },
  );
});
