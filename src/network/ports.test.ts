// What ports and their addresses promise, also under many hands at once.
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import type { Caller } from '../openstack/index.ts';
import { serve, type TestServer } from '../openstack/testing/index.ts';
import { createNetwork, type Network } from './index.ts';

const { database, drop } = await testDatabase();
const admin: Caller = { userId: 'a', projectId: 'ops', roles: ['admin', 'manager', 'member', 'reader'] };
const member: Caller = { userId: 'm', projectId: 'garden', roles: ['member', 'reader'] };
const reader: Caller = { userId: 'r', projectId: 'garden', roles: ['reader'] };
let caller = admin;
let http: TestServer;
let network: Network;
beforeAll(async () => {
  network = createNetwork({ database });
  http = await serve(network.api, { caller: () => caller });
});
afterAll(async () => {
  await http.close();
  await drop();
});

async function makeNetwork(cidr: string, more: object = {}) {
  const made = (await http.post('/v2.0/networks', { network: { name: cidr, ...more } })).json.network;
  const answer = await http.post('/v2.0/subnets', { subnet: { network_id: made.id, ip_version: 4, cidr } });
  expect(answer.status).toBe(201);
  return { id: String(made.id), subnet: answer.json.subnet };
}

function as<T>(who: Caller, run: () => Promise<T>): Promise<T> {
  caller = who;
  return run().finally(() => {
    caller = admin;
  });
}

describe('addresses', () => {
  test('are chosen without collisions by many at once, until the last one', async () => {
    const { id } = await makeNetwork('10.20.0.0/26');
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => http.post('/v2.0/ports', { port: { network_id: id } })),
    );
    const made = answers.filter((answer) => answer.status === 201);
    expect(made).toHaveLength(61);
    expect(new Set(made.map((answer) => answer.json.port.fixed_ips[0].ip_address)).size).toBe(61);
    const refused = answers.filter((answer) => answer.status === 409);
    expect(refused).toHaveLength(3);
    expect(refused[0]?.json.NeutronError.type).toBe('IpAddressGenerationFailure');
  });

  test('come back when their port goes, however ports come and go', async () => {
    const { id } = await makeNetwork('10.21.0.0/29');
    const make = async () => (await http.post('/v2.0/ports', { port: { network_id: id } })).json.port;
    const ports = [await make(), await make(), await make(), await make(), await make()];
    expect((await http.post('/v2.0/ports', { port: { network_id: id } })).status).toBe(409);
    await Promise.all([1, 3, 2].map((index) => http.delete(`/v2.0/ports/${ports[index].id}`)));
    const again = await Promise.all([make(), make(), make()]);
    expect(again.map((port) => port.fixed_ips[0].ip_address).sort()).toEqual(['10.21.0.3', '10.21.0.4', '10.21.0.5']);
  });

  test('that are taken are refused with their owner', async () => {
    const { id } = await makeNetwork('10.22.0.0/24');
    const wanted = {
      network_id: id,
      name: 'first',
      fixed_ips: [{ ip_address: '10.22.0.9' }],
      mac_address: '52:54:00:00:00:01',
    };
    const first = await http.post('/v2.0/ports', { port: wanted });
    expect(first.json.port.fixed_ips[0].ip_address).toBe('10.22.0.9');
    const second = await http.post('/v2.0/ports', { port: { ...wanted, mac_address: '52:54:00:00:00:02' } });
    expect([second.status, second.json.NeutronError.type]).toEqual([409, 'IpAddressInUse']);
    expect(second.json.NeutronError.message).toContain(`${first.json.port.id} (first)`);
    const third = await http.post('/v2.0/ports', { port: { network_id: id, mac_address: '52:54:00:00:00:01' } });
    expect([third.status, third.json.NeutronError.type]).toEqual([409, 'MacAddressInUse']);
    expect(third.json.NeutronError.message).toContain(first.json.port.id);
  });

  test.each(['slaac', 'dhcpv6-stateless'])('of %s leave their ports with the subnet, others keep it', async (mode) => {
    const { id } = (await http.post('/v2.0/networks', { network: {} })).json.network;
    const six = { network_id: id, ip_version: 6, cidr: 'fd00:1::/64', ipv6_ra_mode: mode, ipv6_address_mode: mode };
    const subnet = (await http.post('/v2.0/subnets', { subnet: six })).json.subnet;
    const port = (await http.post('/v2.0/ports', { port: { network_id: id } })).json.port;
    expect(port.fixed_ips).toMatchObject([{ subnet_id: subnet.id }]);
    expect((await http.delete(`/v2.0/subnets/${subnet.id}`)).status).toBe(204);
    const left = (await http.get(`/v2.0/ports/${port.id}`)).json.port;
    expect([left.fixed_ips, left.revision_number]).toEqual([[], port.revision_number + 1]);
    expect((await http.delete(`/v2.0/networks/${id}`)).json.NeutronError.type).toBe('NetworkInUse');
  });

  test('outside of the pools can be named, those outside of the subnet cannot', async () => {
    const { id, subnet } = await makeNetwork('10.23.0.0/24');
    await http.put(`/v2.0/subnets/${subnet.id}`, {
      subnet: { allocation_pools: [{ start: '10.23.0.100', end: '10.23.0.110' }] },
    });
    const named = await http.post('/v2.0/ports', {
      port: { network_id: id, fixed_ips: [{ ip_address: '10.23.0.5' }] },
    });
    expect(named.status).toBe(201);
    const any = await http.post('/v2.0/ports', { port: { network_id: id } });
    expect(any.json.port.fixed_ips[0].ip_address).toBe('10.23.0.100');
    const far = await http.post('/v2.0/ports', { port: { network_id: id, fixed_ips: [{ ip_address: '10.99.0.5' }] } });
    expect([far.status, far.json.NeutronError.type]).toEqual([400, 'InvalidIpForNetwork']);
  });

  test('are taken in a full /16 as fast as in an empty one', async () => {
    const { id, subnet } = await makeNetwork('10.24.0.0/16');
    const port = (await http.post('/v2.0/ports', { port: { network_id: id, fixed_ips: [] } })).json.port;
    await sql`insert into network_addresses (subnet_id, address, port_id)
      select ${subnet.id}, '10.24.0.0'::inet + n, ${port.id} from generate_series(2, 65533) n`.execute(database);
    await sql`select network_rebuild_free_ranges(${subnet.id})`.execute(database);
    const started = performance.now();
    const last = await http.post('/v2.0/ports', { port: { network_id: id } });
    expect(last.json.port.fixed_ips[0].ip_address).toBe('10.24.255.254');
    expect((await http.post('/v2.0/ports', { port: { network_id: id } })).status).toBe(409);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('of 300 ports are given in one call', async () => {
    const { id } = await makeNetwork('10.25.0.0/23');
    const ports = Array.from({ length: 300 }, (_, index) => ({ network_id: id, name: `p${index}` }));
    const answer = await http.post('/v2.0/ports', { ports });
    expect(answer.status).toBe(201);
    expect(answer.json.ports.map((port: { name: string }) => port.name)).toEqual(ports.map((port) => port.name));
  });

  test('of a bulk create that fails in the middle are all given back', async () => {
    const { id } = await makeNetwork('10.26.0.0/29');
    const answer = await http.post('/v2.0/ports', { ports: Array.from({ length: 6 }, () => ({ network_id: id })) });
    expect(answer.status).toBe(409);
    expect((await http.get(`/v2.0/ports?network_id=${id}`)).json.ports).toEqual([]);
    expect(
      (await http.post('/v2.0/ports', { ports: Array.from({ length: 5 }, () => ({ network_id: id })) })).status,
    ).toBe(201);
  });
});

describe('the provisioning network', () => {
  const wanted = {
    name: 'ctlplane',
    cidr: '192.168.24.0/24',
    gateway: '192.168.24.1',
    dhcpStart: '192.168.24.5',
    dhcpEnd: '192.168.24.24',
    dns: ['192.168.24.1'],
  };

  test('is made once, though several start at the same time', async () => {
    const made = await Promise.all([1, 2, 3].map(() => network.ensureProvisioningNetwork(wanted)));
    expect(new Set(made.map((one) => one.networkId)).size).toBe(1);
    const [subnet] = await network.subnetsOf(made[0]?.networkId ?? '');
    expect(subnet?.allocationPools).toEqual([{ start: '192.168.24.5', end: '192.168.24.24' }]);
  });

  test('gives ports to machines and their leases to DHCP', async () => {
    const { networkId } = await network.ensureProvisioningNetwork(wanted);
    const port = await database
      .transaction()
      .execute((tx) =>
        network.createPort(tx, { networkId, macAddress: '52:54:00:AA:00:01', deviceId: 'node-1', name: 'node-1' }),
      );
    expect(port.fixedIps[0]?.ipAddress).toBe('192.168.24.5');
    expect((await network.portsOfDevice('node-1')).map((one) => one.id)).toEqual([port.id]);
    expect(await network.leases(networkId)).toMatchObject([
      { macAddress: '52:54:00:aa:00:01', addresses: ['192.168.24.5'] },
    ]);
    const bound = await database
      .transaction()
      .execute((tx) => network.updatePort(tx, port.id, { bindingHostId: 'rack-1' }));
    expect(bound.status).toBe('ACTIVE');
    await database.transaction().execute((tx) => network.deletePort(tx, port.id));
    expect(await network.leases(networkId)).toEqual([]);
  });
});

describe('policy', () => {
  test('hides the networks of others and lets readers only read', async () => {
    const { id } = await makeNetwork('10.30.0.0/24');
    const shared = await makeNetwork('10.31.0.0/24', { shared: true });
    const seen = await as(member, () => http.get('/v2.0/networks'));
    const ids = seen.json.networks.map((one: { id: string }) => one.id);
    expect([ids.includes(id), ids.includes(shared.id)]).toEqual([false, true]);
    expect('provider:network_type' in seen.json.networks[0]).toBe(false);
    expect((await as(member, () => http.get(`/v2.0/networks/${id}`))).status).toBe(404);
    expect((await as(member, () => http.delete(`/v2.0/networks/${shared.id}`))).status).toBe(403);
    expect((await as(reader, () => http.post('/v2.0/networks', { network: {} }))).status).toBe(403);
    expect((await as(member, () => http.post('/v2.0/networks', { network: { shared: true } }))).status).toBe(403);
    expect((await as(member, () => http.post('/v2.0/ports', { port: { network_id: shared.id } }))).status).toBe(201);
  });
});

describe('a trunk', () => {
  test('is named when its parent port is to be deleted', async () => {
    const { id } = await makeNetwork('10.40.0.0/24');
    const port = (await http.post('/v2.0/ports', { port: { network_id: id } })).json.port;
    const child = (await http.post('/v2.0/ports', { port: { network_id: id } })).json.port;
    const trunk = (await http.post('/v2.0/trunks', { trunk: { port_id: port.id } })).json.trunk;
    const added = await http.put(`/v2.0/trunks/${trunk.id}/add_subports`, {
      sub_ports: [{ port_id: child.id, segmentation_type: 'vlan', segmentation_id: 7 }],
    });
    expect(added.json.sub_ports).toHaveLength(1);
    expect((await http.get(`/v2.0/ports/${port.id}`)).json.port.trunk_details.trunk_id).toBe(trunk.id);
    const refused = await http.delete(`/v2.0/ports/${port.id}`);
    expect([refused.status, refused.json.NeutronError.type]).toEqual([409, 'PortInUseAsTrunkParent']);
    expect(refused.json.NeutronError.message).toContain(trunk.id);
    expect((await http.delete(`/v2.0/ports/${child.id}`)).json.NeutronError.type).toBe('PortInUseAsSubPort');
    expect((await http.delete(`/v2.0/trunks/${trunk.id}`)).status).toBe(204);
    expect((await http.delete(`/v2.0/ports/${port.id}`)).status).toBe(204);
  });
});

test('pages sorted by a field that may be empty hold every resource once', async () => {
  const scope = await http.post('/v2.0/address-scopes', { address_scope: { name: 'scope', ip_version: 4 } });
  const made: string[] = [];
  for (const [index, more] of [{}, { address_scope_id: scope.json.address_scope.id }, {}].entries()) {
    const pool = { name: `pool-${index}`, prefixes: [`10.${index}.0.0/16`], default_prefixlen: 24, ...more };
    const { json } = await http.post('/v2.0/subnetpools', { subnetpool: pool });
    made.push(json.subnetpool.id);
  }
  for (const direction of ['asc', 'desc']) {
    const seen: string[] = [];
    for (let marker = ''; seen.length <= made.length; ) {
      const query = `limit=1&sort_key=address_scope_id&sort_dir=${direction}${marker}`;
      const [pool] = (await http.get(`/v2.0/subnetpools?${query}`)).json.subnetpools;
      if (!pool) break;
      seen.push(pool.id);
      marker = `&marker=${pool.id}`;
    }
    expect(seen.toSorted()).toEqual(made.toSorted());
  }
});
