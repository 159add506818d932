// A server's life over HTTP on the real services, with fake machines.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemCaller } from '../openstack/index.ts';
import { serve, testAdmin } from '../openstack/testing/index.ts';
import type { RequestedNetwork } from './server/server.ts';
import { startTestCompute, type TestCompute } from './testing/index.ts';

let t: TestCompute;
let node1: string;
beforeAll(async () => {
  t = await startTestCompute();
  node1 = await t.machine('node-1');
});
afterEach(() => t.become(testAdmin));
afterAll(() => t.stop());

const action = (id: string, body: unknown) => t.http.post(`/v2.1/servers/${id}/action`, body);
const remove = async (id: string) => {
  expect((await t.http.delete(`/v2.1/servers/${id}`)).status).toBe(204);
  await t.gone(id);
};

describe('a server', () => {
  test('is built on a machine of its flavor’s class, gets an address and goes away without a trace', async () => {
    const server = await t.server({ name: 'My Web.1', metadata: { role: 'web' } });
    expect(server).toMatchObject({
      status: 'ACTIVE',
      name: 'My Web.1',
      metadata: { role: 'web' },
      'OS-EXT-SRV-ATTR:hypervisor_hostname': node1,
      'OS-EXT-STS:power_state': 1,
      addresses: { ctlplane: [{ version: 4, addr: '192.168.24.10', 'OS-EXT-IPS-MAC:mac_addr': '52:54:00:00:00:01' }] },
    });
    expect(await t.node(node1)).toMatchObject({
      provision_state: 'active',
      instance_uuid: server.id,
      instance_info: { image_source: t.imageId, display_name: 'My Web.1' },
    });
    const [port] = await t.network.portsOfDevice(server.id);
    expect(port).toMatchObject({ deviceOwner: 'compute:nova', bindingHostId: node1, dnsName: 'my-web-1' });
    expect((await t.http.get(`/v2.1/servers/${server.id}/os-interface`)).json.interfaceAttachments).toMatchObject([
      { port_id: port?.id, mac_addr: '52:54:00:00:00:01', fixed_ips: [{ ip_address: '192.168.24.10' }] },
    ]);
    const { instanceActions } = (await t.http.get(`/v2.1/servers/${server.id}/os-instance-actions`)).json;
    expect(instanceActions).toMatchObject([{ action: 'create', message: null }]);
    const shown = await t.http.get(`/v2.1/servers/${server.id}/os-instance-actions/${instanceActions[0].request_id}`);
    expect(shown.json.instanceAction.events).toMatchObject([{ event: 'compute_create', result: 'Success' }]);
    await remove(server.id);
    expect(await t.network.portsOfDevice(server.id)).toEqual([]);
    expect(await t.node(node1)).toMatchObject({ provision_state: 'available', instance_uuid: null });
  });

  test('takes networks while its machine has network ports for them, and lets them go', async () => {
    const { id } = await t.server();
    const path = `/v2.1/servers/${id}/os-interface`;
    const ports = async () => (await t.http.get(path)).json.interfaceAttachments;
    const [first] = await ports();
    const full = await t.http.post(path, { interfaceAttachment: { net_id: t.networkId } });
    expect([full.status, full.json.conflictingRequest.message]).toEqual([
      409,
      expect.stringContaining('Machine node-1 has 1 network ports, and each carries a network already.'),
    ]);
    expect((await t.http.delete(`${path}/${first.port_id}`)).status).toBe(202);
    expect((await t.http.delete(`${path}/${first.port_id}`)).status).toBe(404);
    expect(await t.network.portsOfDevice(id)).toEqual([]);
    const wanted = { net_id: t.networkId, fixed_ips: [{ ip_address: '192.168.24.50' }] };
    const attached = await t.http.post(path, { interfaceAttachment: wanted });
    expect(attached.json.interfaceAttachment).toMatchObject({
      net_id: t.networkId,
      mac_addr: first.mac_addr,
      fixed_ips: [{ ip_address: '192.168.24.50' }],
    });
    expect((await t.http.get(`/v2.1/servers/${id}`)).json.server.addresses.ctlplane).toMatchObject([
      { addr: '192.168.24.50' },
    ]);
    const both = { net_id: t.networkId, port_id: first.port_id };
    expect((await t.http.post(path, { interfaceAttachment: both })).status).toBe(400);
    await remove(id);
    expect(await t.network.portsOfDevice(id)).toEqual([]);
  });

  test('gets its address from the subnet that is named, when it is made and later', async () => {
    const service = await serve(t.network.api);
    const subnet = async (name: string, cidr: string) =>
      (await service.post('/v2.0/subnets', { subnet: { network_id: t.networkId, name, cidr, ip_version: 4 } })).json
        .subnet.id;
    const [red, blue] = [await subnet('red', '198.51.100.0/24'), await subnet('blue', '203.0.113.0/24')];
    const order = { name: 'coloured', flavorId: t.flavorId, imageId: t.imageId };
    const provenance = { requestId: 'req-1' };
    const make = (networks: RequestedNetwork[]) =>
      t.compute.createServer({ ...order, networks }, testAdmin, provenance);
    await expect(make([{ subnetId: 'green' }])).rejects.toThrow('Subnet green could not be found.');
    const { id } = await make([{ subnetId: 'red' }]);
    const built = await t.until(id, 'ACTIVE');
    expect(built.addresses.ctlplane).toMatchObject([{ addr: expect.stringMatching(/^198\.51\.100\./) }]);
    const path = `/v2.1/servers/${id}/os-interface`;
    const [first] = (await t.http.get(path)).json.interfaceAttachments;
    expect(first.fixed_ips).toMatchObject([{ subnet_id: red }]);
    await t.http.delete(`${path}/${first.port_id}`);
    const wanted = { net_id: t.networkId, fixed_ips: [{ subnet_id: blue }] };
    const attached = await t.http.post(path, { interfaceAttachment: wanted });
    expect(attached.json.interfaceAttachment.fixed_ips).toMatchObject([{ subnet_id: blue }]);
    await remove(id);
    for (const one of [red, blue]) expect((await service.delete(`/v2.0/subnets/${one}`)).status).toBe(204);
    await service.close();
  });

  test('is stopped, started, rebooted and rebuilt', async () => {
    const { id } = await t.server();
    expect((await action(id, { 'os-start': null })).status).toBe(409);
    expect((await action(id, { 'os-stop': null })).status).toBe(202);
    expect((await t.until(id, 'SHUTOFF'))['OS-EXT-STS:power_state']).toBe(4);
    expect((await t.node(node1)).power_state).toBe('power off');
    expect((await action(id, { 'os-start': null })).status).toBe(202);
    await t.until(id, 'ACTIVE');
    expect((await action(id, { reboot: { type: 'HARD' } })).status).toBe(202);
    await t.until(id, 'ACTIVE');
    expect((await action(id, { rebuild: { imageRef: t.imageId, name: 'again' } })).status).toBe(202);
    expect((await t.until(id, 'ACTIVE')).name).toBe('again');
    expect((await action(id, { shelve: null })).status).toBe(501);
    expect((await action(id, { dance: null })).status).toBe(400);
    await remove(id);
  });

  test('is rescued with a password that is written down nowhere, and started again', async () => {
    const { id } = await t.server();
    expect((await action(id, { unrescue: null })).status).toBe(409);
    const image = await action(id, { rescue: { rescue_image_ref: t.imageId } });
    expect([image.status, image.text]).toEqual([400, expect.stringContaining('rescue_image_ref')]);
    const made = await action(id, { rescue: null });
    expect([made.status, made.json]).toEqual([200, { adminPass: expect.stringMatching(/^[\w-]{16}$/) }]);
    expect((await t.until(id, 'RESCUE'))['OS-EXT-STS:vm_state']).toBe('rescued');
    expect((await t.node(node1)).provision_state).toBe('rescue');
    expect((await action(id, { 'os-stop': null })).status).toBe(409);
    expect(JSON.stringify(await t.operations.list())).not.toContain(made.json.adminPass);
    expect((await action(id, { unrescue: null })).status).toBe(202);
    await t.until(id, 'ACTIVE');
    expect((await t.node(node1)).provision_state).toBe('active');
    expect((await action(id, { rescue: { adminPass: 'of my own' } })).json).toEqual({ adminPass: 'of my own' });
    await t.until(id, 'RESCUE');
    await remove(id);
  });

  test('whose machine does not come back from a rescue says why, and can be rescued again', async () => {
    const { id } = await t.server();
    await action(id, { rescue: null });
    await t.until(id, 'RESCUE');
    t.broken.add('node-1');
    expect((await action(id, { unrescue: null })).status).toBe(202);
    expect((await t.until(id, 'ERROR')).fault.message).toContain('the BMC does not answer');
    t.broken.clear();
    expect((await action(id, { rescue: null })).status).toBe(200);
    await t.until(id, 'RESCUE');
    await action(id, { unrescue: null });
    await t.until(id, 'ACTIVE');
    await remove(id);
  });

  test('whose machine is switched off beside compute shows it', async () => {
    const { id } = await t.server();
    await t.power(node1, 'power off');
    expect(await t.compute.syncPower()).toBe(1);
    expect((await t.http.get(`/v2.1/servers/${id}`)).json.server).toMatchObject({ status: 'SHUTOFF' });
    expect(await t.compute.syncPower()).toBe(0);
    await remove(id);
  });

  test('that is locked is left alone by its owner', async () => {
    const { id } = await t.server();
    expect((await action(id, { lock: null })).status).toBe(202);
    t.become({ ...testAdmin, roles: ['member', 'reader'] });
    expect((await t.http.delete(`/v2.1/servers/${id}`)).status).toBe(409);
    expect((await action(id, { 'os-stop': null })).status).toBe(409);
    expect((await action(id, { unlock: null })).status).toBe(202);
    await remove(id);
  });

  test('of another project is not there', async () => {
    const { id } = await t.server();
    t.become({ userId: 'u2', projectId: 'p2', roles: ['member', 'reader'] });
    expect((await t.http.get(`/v2.1/servers/${id}`)).status).toBe(404);
    expect((await t.http.delete(`/v2.1/servers/${id}`)).status).toBe(404);
    expect((await t.http.get('/v2.1/servers')).json.servers).toEqual([]);
    expect((await t.http.get('/v2.1/servers?all_tenants=1')).status).toBe(403);
    t.become(testAdmin);
    await remove(id);
  });

  test('keeps metadata and tags', async () => {
    const { id } = await t.server();
    const v = { 'openstack-api-version': 'compute 2.26' };
    expect((await t.http.post(`/v2.1/servers/${id}/metadata`, { metadata: { a: '1' } })).json).toEqual({
      metadata: { a: '1' },
    });
    expect((await t.http.put(`/v2.1/servers/${id}/metadata/b`, { meta: { b: '2' } })).status).toBe(200);
    expect((await t.http.delete(`/v2.1/servers/${id}/metadata/a`)).status).toBe(204);
    expect((await t.http.get(`/v2.1/servers/${id}/metadata`)).json).toEqual({ metadata: { b: '2' } });
    expect((await t.http.get(`/v2.1/servers/${id}/tags`)).status).toBe(404);
    expect((await t.http.put(`/v2.1/servers/${id}/tags/blue`, undefined, v)).status).toBe(201);
    expect((await t.http.get(`/v2.1/servers/${id}/tags`, v)).json).toEqual({ tags: ['blue'] });
    expect((await t.http.get('/v2.1/servers?tags=blue', v)).json.servers).toHaveLength(1);
    await remove(id);
  });
});

describe('deleting a server', () => {
  test('that is being built stops the build and frees the machine', async () => {
    const made = await t.http.post('/v2.1/servers', {
      server: { name: 'short', imageRef: t.imageId, flavorRef: t.flavorId, networks: [{ uuid: t.networkId }] },
    });
    await remove(made.json.server.id);
    await expect.poll(async () => (await t.node(node1)).provision_state).toBe('available');
    expect(await t.network.portsOfDevice(made.json.server.id)).toEqual([]);
    const next = await t.server();
    expect(next.status).toBe('ACTIVE');
    await remove(next.id);
  });

  test('twice is harmless', async () => {
    const { id } = await t.server();
    const answers = await Promise.all([1, 2, 3].map(() => t.http.delete(`/v2.1/servers/${id}`)));
    for (const { status } of answers) expect([204, 404]).toContain(status);
    await t.gone(id);
  });

  test('gives a port back that was there before it', async () => {
    const port = await t.database
      .transaction()
      .execute((tx) => t.network.createPort(tx, { networkId: t.networkId, projectId: 'admin-project' }));
    const server = await t.server({ networks: [{ port: port.id }] });
    expect(server.addresses.ctlplane[0].addr).toBe(port.fixedIps[0]?.ipAddress);
    const second = await t.http.post('/v2.1/servers', {
      server: { name: 'x', imageRef: t.imageId, flavorRef: t.flavorId, networks: [{ port: port.id }] },
    });
    expect(second.json.badRequest.message).toContain(`is still in use by ${server.id}`);
    await remove(server.id);
    expect(await t.network.getPort(port.id)).toMatchObject({ deviceId: '', bindingHostId: '' });
  });
});

describe('a machine for a server', () => {
  test('that nobody can give ends in ERROR, with the reason for each machine', async () => {
    const taken = await t.server();
    const none = await t.server({ name: 'second' });
    expect(none.status).toBe('ERROR');
    expect(none.fault.message).toContain('No valid host was found.');
    expect(none.fault.message).toContain(`node-1: it runs instance ${taken.id}`);
    await remove(none.id);
    await remove(taken.id);
  });

  test('without the trait that the flavor requires is passed over by name', async () => {
    const { flavor } = (await t.http.post('/v2.1/flavors', { flavor: { name: 'gpu', ram: 1, vcpus: 1, disk: 10 } }))
      .json;
    await t.http.post(`/v2.1/flavors/${flavor.id}/os-extra_specs`, {
      extra_specs: {
        'resources:VCPU': '0',
        'resources:MEMORY_MB': '0',
        'resources:DISK_GB': '0',
        'resources:CUSTOM_BAREMETAL': '1',
        'trait:CUSTOM_GPU': 'required',
      },
    });
    const server = await t.server({ flavorRef: flavor.id });
    expect(server.fault.message).toContain('node-1: it lacks the trait CUSTOM_GPU');
    await remove(server.id);
  });

  test('that fails is left for another', async () => {
    const node2 = await t.machine('node-2');
    // The machine that placement offers first fails, whichever it is.
    const probe = await t.server();
    const first = probe['OS-EXT-SRV-ATTR:hypervisor_hostname'];
    await remove(probe.id);
    t.broken.add(first === node1 ? 'node-1' : 'node-2');
    const server = await t.server();
    expect(server.status).toBe('ACTIVE');
    expect(server['OS-EXT-SRV-ATTR:hypervisor_hostname']).toBe(first === node1 ? node2 : node1);
    expect(server.addresses.ctlplane).toHaveLength(1);
    await expect.poll(async () => (await t.node(first)).instance_uuid).toBeNull();
    await remove(server.id);
    t.broken.clear();
  });

  test('that fails and is the only one parks the build, which goes on when the server is asked for again', async () => {
    const uuid = await t.machine('lone', { resource_class: 'rare' });
    const { flavor } = (await t.http.post('/v2.1/flavors', { flavor: { name: 'rare', ram: 1, vcpus: 1, disk: 10 } }))
      .json;
    const extra_specs = {
      'resources:VCPU': '0',
      'resources:MEMORY_MB': '0',
      'resources:DISK_GB': '0',
      'resources:CUSTOM_RARE': '1',
    };
    await t.http.post(`/v2.1/flavors/${flavor.id}/os-extra_specs`, { extra_specs });
    t.broken.add('lone');
    const server = await t.server({ flavorRef: flavor.id });
    expect(server.status).toBe('ERROR');
    expect(server.fault.message).toContain('lone: ');
    expect(server.fault.message).toContain('the BMC does not answer');
    const { operationId } = (await t.compute.getServer(server.id)) ?? {};
    expect((await t.operations.get(operationId ?? ''))?.state).toBe('parked');
    t.broken.clear();
    const again = { id: server.id, name: 'web', flavorId: flavor.id, imageId: t.imageId, networks: 'none' as const };
    expect(await t.compute.createServer(again, testAdmin, { requestId: 'req-2' })).toEqual({
      id: server.id,
      operationId,
    });
    const active = await t.until(server.id, 'ACTIVE');
    expect(active['OS-EXT-SRV-ATTR:hypervisor_hostname']).toBe(uuid);
    await remove(server.id);
  });
});

describe('creating servers', () => {
  test.each([
    ['an unknown flavor', { flavorRef: 'nothing' }, 'Flavor nothing could not be found.'],
    ['an unknown image', { imageRef: '5b9e0a48-0c75-4bb4-9b5e-000000000000' }, 'Can not find requested image'],
    ['no image', { imageRef: undefined }, 'Invalid imageRef provided'],
    ['an unknown network', { networks: [{ uuid: 'nowhere' }] }, 'Network nowhere could not be found.'],
    ['an unknown port', { networks: [{ port: '5b9e0a48-0c75-4bb4-9b5e-000000000000' }] }, 'could not be found'],
    ['an unknown key', { key_name: 'none' }, 'Invalid key_name provided.'],
    ['user data that is no base 64', { user_data: 'x' }, 'User data needs to be valid base 64.'],
    ['too much user data', { user_data: 'A'.repeat(65536) }, 'User data too large.'],
    ['an unknown zone', { availability_zone: 'mars' }, 'availability zone is not available'],
    [
      'volumes',
      { block_device_mapping_v2: [{ source_type: 'volume', uuid: 'x', boot_index: 0 }] },
      'volumes are not offered',
    ],
    ['an attribute of a later version', { tags: ['a'] }, 'Additional properties are not allowed'],
    ['an attribute that does not exist', { colour: 'red' }, 'must NOT have additional properties'],
    ['no name', { name: '' }, 'name'],
    ['more than it can be', { min_count: 3, max_count: 2 }, 'min_count must be <= max_count'],
  ])('refuses %s and writes nothing', async (_what, more, words) => {
    const answer = await t.http.post('/v2.1/servers', {
      server: { name: 'bad', imageRef: t.imageId, flavorRef: t.flavorId, networks: [{ uuid: t.networkId }], ...more },
    });
    expect(answer.status).toBe(400);
    expect(answer.json.badRequest.message).toContain(words);
    expect((await t.http.get('/v2.1/servers?name=bad')).json.servers).toEqual([]);
  });

  test('refuses an image that the flavor’s disk cannot hold', async () => {
    const { flavor } = (await t.http.post('/v2.1/flavors', { flavor: { name: 'small', ram: 1, vcpus: 1, disk: 4 } }))
      .json;
    const answer = await t.http.post('/v2.1/servers', {
      server: { name: 'bad', imageRef: t.imageId, flavorRef: flavor.id },
    });
    expect(answer.json.badRequest.message).toContain('Flavor disk is 4 GiB, minimum size is 5 GiB.');
  });

  test('twice under one id makes one server', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    const order = { id, name: 'once', flavorId: t.flavorId, imageId: t.imageId, networks: 'none' as const };
    const provenance = { requestId: 'req-1' };
    const first = await t.compute.createServer(order, testAdmin, provenance);
    expect(await t.compute.createServer(order, testAdmin, provenance)).toEqual(first);
    await t.operations.wait(first.operationId, { timeoutMs: 20_000 });
    expect((await t.compute.getServer(id))?.status).toBe('ACTIVE');
    const removal = await t.compute.deleteServer(id, systemCaller, provenance);
    await t.operations.wait(removal ?? '', { timeoutMs: 20_000 });
    expect(await t.compute.getServer(id)).toBeUndefined();
    expect(await t.compute.deleteServer(id, systemCaller, provenance)).toBeUndefined();
  });
});
