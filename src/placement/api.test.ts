// What the API answers beyond the conversations that the reference's own suite holds with it.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import type { Caller } from '../openstack/index.ts';
import { serve, type TestServer, testAdmin } from '../openstack/testing/index.ts';
import { createPlacement } from './index.ts';

const { database, drop } = await testDatabase();
const placement = createPlacement({ database, config: { maxCandidates: 12_000 } });
let http: TestServer;
const newest = { 'openstack-api-version': 'placement 1.39' };
beforeAll(async () => {
  http = await serve(placement.api);
});
afterAll(async () => {
  await http.close();
  placement.close();
  await drop();
});

async function provider(inventories: object, parent?: string): Promise<string> {
  const uuid = randomUUID();
  const body = { uuid, name: uuid, ...(parent ? { parent_provider_uuid: parent } : {}) };
  expect((await http.post('/resource_providers', body, newest)).status).toBe(200);
  const put = { resource_provider_generation: 0, inventories };
  expect((await http.put(`/resource_providers/${uuid}/inventories`, put, newest)).status).toBe(200);
  return uuid;
}

describe('placement over HTTP', () => {
  test('cuts an exploding request at the bound, says so in a Warning, and stays valid JSON', async () => {
    const root = await provider({ CUSTOM_X: { total: 1 } }).catch(() => undefined);
    expect(root).toBeUndefined();
    const host = await provider({ VCPU: { total: 4 } });
    for (let at = 0; at < 8; at++) await provider({ SRIOV_NET_VF: { total: 8 } }, host);
    const groups = Array.from({ length: 6 }, (_, at) => `resources${at}=SRIOV_NET_VF:1`).join('&');
    const answer = await http.get(`/allocation_candidates?${groups}&group_policy=none`, newest);
    expect(answer.status).toBe(200);
    expect(answer.json.allocation_requests).toHaveLength(12_000);
    expect(Object.keys(answer.json.provider_summaries)).toHaveLength(9);
    expect(answer.headers.get('warning')).toMatch(/^299 placement "cut at 12000 allocation candidates/);
    const few = await http.get(`/allocation_candidates?${groups}&group_policy=none&limit=7`, newest);
    expect([few.json.allocation_requests.length, few.headers.get('warning')]).toEqual([7, null]);
  });

  test('an allocation request can be put as it came, with its mappings', async () => {
    const host = await provider({ DISK_GB: { total: 100 } });
    await provider({ PCPU: { total: 4 } }, host);
    const query = `resources=DISK_GB:10&in_tree=${host}&resources_CPU=PCPU:2`;
    const found = await http.get(`/allocation_candidates?${query}`, newest);
    const [request] = found.json.allocation_requests;
    const consumer = randomUUID();
    const body = { ...request, project_id: 'p', user_id: 'u', consumer_generation: null, consumer_type: 'INSTANCE' };
    expect((await http.put(`/allocations/${consumer}`, body, newest)).status).toBe(204);
    const held = await http.get(`/allocations/${consumer}`, newest);
    expect(held.json).toMatchObject({ project_id: 'p', consumer_generation: 1, consumer_type: 'INSTANCE' });
    const again = await http.put(`/allocations/${consumer}`, body, newest);
    expect([again.status, again.json.errors[0].code]).toEqual([409, 'placement.concurrent_update']);
  });

  test('moves inventory and its allocations to a new child in one stroke', async () => {
    const host = await provider({ VGPU: { total: 4 } });
    const child = await provider({}, host);
    const consumer = randomUUID();
    const held = { project_id: 'p', user_id: 'u', consumer_type: 'INSTANCE' };
    const claim = { ...held, consumer_generation: null, allocations: { [host]: { resources: { VGPU: 3 } } } };
    expect((await http.put(`/allocations/${consumer}`, claim, newest)).status).toBe(204);
    const reshape = (generation: number) => ({
      inventories: {
        [host]: { resource_provider_generation: generation, inventories: {} },
        [child]: { resource_provider_generation: 1, inventories: { VGPU: { total: 4 } } },
      },
      allocations: {
        [consumer]: { ...held, consumer_generation: 1, allocations: { [child]: { resources: { VGPU: 3 } } } },
      },
    });
    const stale = await http.post('/reshaper', reshape(1), newest);
    expect([stale.status, stale.json.errors[0].code]).toEqual([409, 'placement.concurrent_update']);
    expect((await http.post('/reshaper', reshape(2), newest)).status).toBe(204);
    expect((await http.get(`/resource_providers/${host}/inventories`, newest)).json.inventories).toEqual({});
    expect((await http.get(`/resource_providers/${child}/usages`, newest)).json.usages).toEqual({ VGPU: 3 });
  });

  test('explains a request that nothing serves', async () => {
    const host = await provider({ FPGA: { total: 2 } });
    const answer = await http.get('/explain?resources=FPGA:3', newest);
    expect(answer.json.serving).toEqual([]);
    expect(answer.json.nearest[0]).toMatchObject({
      root_provider_uuid: host,
      rule: 'capacity',
      numbers: { requested: 3, free: 2 },
    });
    expect((await http.get('/explain?resources=NO_SUCH_CLASS:1', newest)).status).toBe(400);
  });
});

describe('placement with scopes enforced', () => {
  test('lets system readers read, system admins write, and a project see its own usage', async () => {
    const scoped = createPlacement({ database, config: { enforceScope: true } });
    let caller: Caller = testAdmin;
    const server = await serve(scoped.api, { caller: () => caller });
    const status = async (path: string) => (await server.get(path, newest)).status;
    caller = { userId: 'u', projectId: 'p', roles: ['admin', 'member', 'reader'] };
    expect(await status('/resource_providers')).toBe(403);
    expect([await status('/usages?project_id=p'), await status('/usages?project_id=q')]).toEqual([200, 403]);
    caller = { userId: 'u', systemScope: 'all', roles: ['reader'] };
    expect([await status('/resource_providers'), await status('/usages?project_id=q')]).toEqual([200, 200]);
    expect((await server.post('/resource_providers', { name: 'x' }, newest)).status).toBe(403);
    caller = { userId: 'u', systemScope: 'all', roles: ['admin', 'member', 'reader'] };
    expect((await server.post('/resource_providers', { name: 'x' }, newest)).status).toBe(200);
    await server.close();
    scoped.close();
  });
});
