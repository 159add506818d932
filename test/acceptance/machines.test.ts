// Nodes, servers and stacks on fake hardware, as the `openstack` command sees them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cloudWithClient } from '../harness/cloud.ts';
import { until } from '../harness/until.ts';

const { cloud, openstack, close } = await cloudWithClient([
  '--os-placement-api-version',
  '1.29',
  '--os-compute-api-version',
  '2.90',
]);
afterAll(close);

const fake = '--driver fake-hardware --resource-class baremetal';
const groupTemplate = join(cloud.folder, 'group.yaml');
writeFileSync(
  groupTemplate,
  `heat_template_version: 2018-08-31
parameters:
  count: {type: number, default: 2}
resources:
  secret: {type: OS::Heat::RandomString, properties: {length: 12}}
  greeting: {type: OS::Heat::Value, properties: {type: string, value: {list_join: ['-', [hello, {get_attr: [secret, value]}]]}}}
  workers:
    type: OS::Heat::ResourceGroup
    properties:
      count: {get_param: count}
      resource_def:
        type: OS::Nova::Server
        properties: {name: worker-%index%, image: disk, flavor: metal, networks: [{network: office}]}
outputs:
  greeting: {value: {get_attr: [greeting, value]}}
  names: {value: {get_attr: [workers, name]}}
`,
);

const serverNames = async (): Promise<string[]> =>
  (await openstack.json('server list')).map((row: { Name: string }) => row.Name).sort();

const provisionState = async (node = 'n0'): Promise<string> =>
  (await openstack.json(`baremetal node show ${node} --fields provision_state`)).provision_state;
/** Quicker than the command's own `--wait`, which looks again only after five seconds. */
async function move(node: string, verb: string, state: string): Promise<void> {
  await openstack.ok(`baremetal node ${verb} ${node}`);
  await until(`${node} is ${state} after ${verb}`, async () => (await provisionState(node)) === state);
}

describe('a node on fake hardware', () => {
  test('is enrolled, made manageable, inspected and provided', async () => {
    await openstack.ok(`baremetal node create ${fake} --name n0`);
    expect(await provisionState()).toBe('enroll');
    await openstack.ok('baremetal node manage n0 --wait 60');
    expect(await provisionState()).toBe('manageable');
    await move('n0', 'inspect', 'manageable');
    await move('n0', 'provide', 'available');
  });

  test('is deployed and undeployed', async () => {
    await openstack.ok('baremetal node set n0 --instance-info image_source=http://127.0.0.1/none');
    await openstack.ok('baremetal node deploy n0 --wait 60');
    expect(await provisionState()).toBe('active');
    expect((await openstack.json('baremetal node show n0 --fields power_state')).power_state).toBe('power on');
    await move('n0', 'undeploy', 'available');
  });

  test.each(['deploy', 'rebuild', 'rescue'])('refuses to %s where the state does not allow it', async (verb) => {
    if ((await provisionState()) !== 'manageable') await move('n0', 'manage', 'manageable');
    const words = verb === 'rescue' ? 'baremetal node rescue n0 --rescue-password x' : `baremetal node ${verb} n0`;
    expect(await openstack.refused(words)).toMatch(/not.*(valid|allowed|possible)|can not|cannot/i);
    expect(await provisionState()).toBe('manageable');
  });

  test('refuses a verb that does not exist with 400', async () => {
    const answer = await cloud.call(
      'PUT',
      '/baremetal/v1/nodes/n0/states/provision',
      { target: 'dance' },
      { 'openstack-api-version': 'baremetal 1.80' },
    );
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('dance');
    await move('n0', 'provide', 'available');
  });

  test('refuses a second port with the same hardware address', async () => {
    const { uuid } = await openstack.json('baremetal node show n0 --fields uuid');
    await openstack.ok(`baremetal port create 52:54:00:aa:bb:01 --node ${uuid}`);
    // Over HTTP: the command asks five times more before it gives a conflict up.
    const again = await cloud.call(
      'POST',
      '/baremetal/v1/ports',
      { node_uuid: uuid, address: '52:54:00:AA:BB:01' },
      { 'openstack-api-version': 'baremetal 1.80' },
    );
    expect(again.status).toBe(409);
    expect(again.body.error_message).toContain('52:54:00:aa:bb:01');
    expect(await openstack.json('baremetal port list')).toHaveLength(1);
  });
});

describe('servers and stacks', () => {
  test('get what they need: flavor, key pair, image, network, nodes that are candidates', async () => {
    const disk = join(cloud.folder, 'disk.raw');
    writeFileSync(disk, Buffer.alloc(1 << 20, 7));
    await openstack.ok(`image create disk --disk-format raw --container-format bare --file ${disk}`);
    await openstack.ok('flavor create metal --ram 1024 --vcpus 1 --disk 5');
    await openstack.ok(
      'flavor set metal --property resources:CUSTOM_BAREMETAL=1 --property resources:VCPU=0 --property resources:MEMORY_MB=0 --property resources:DISK_GB=0',
    );
    await openstack.ok(`keypair create operator --private-key ${cloud.folder}/key`);
    await openstack.ok('network create office');
    await openstack.ok('subnet create office-v4 --network office --subnet-range 10.9.0.0/24');
    for (const [index, name] of ['n1', 'n2', 'n3'].entries()) {
      const { uuid } = await openstack.json(`baremetal node create ${fake} --name ${name}`);
      await openstack.ok(`baremetal port create 52:54:00:aa:bb:1${index} --node ${uuid}`);
      await move(name, 'manage', 'manageable');
      await move(name, 'provide', 'available');
    }
    const providers = await until('four nodes offer their class', async () => {
      const rows = await openstack.json('allocation candidate list --resource CUSTOM_BAREMETAL=1');
      return rows.length === 4 && rows;
    });
    expect(providers).toHaveLength(4);
    expect(await openstack.json('resource provider list')).toHaveLength(4);
  });

  test('a server becomes active on a node, with an address, and gives the node back when it is deleted', async () => {
    await openstack.ok('server create web --image disk --flavor metal --network office --key-name operator --wait');
    const server = await openstack.json('server show web');
    expect(server).toMatchObject({ status: 'ACTIVE', key_name: 'operator' });
    expect(JSON.stringify(server.addresses)).toMatch(/10\.9\.0\./);
    const nodes = await openstack.json('baremetal node list --fields name instance_uuid provision_state');
    expect(nodes.filter((row: Record<string, string>) => row['Instance UUID'] === server.id)).toEqual([
      expect.objectContaining({ 'Provisioning State': 'active' }),
    ]);
    await openstack.ok('server delete web --wait');
    expect(await serverNames()).toEqual([]);
    await until('the node is available again', async () => {
      const rows = await openstack.json('baremetal node list --fields name provision_state instance_uuid');
      return rows.every(
        (row: Record<string, string | null>) => row['Provisioning State'] === 'available' && !row['Instance UUID'],
      );
    });
    expect(await openstack.json('port list --network office')).toEqual([]);
  });

  test('a stack of a group, a random string and a value is created with its outputs', async () => {
    await openstack.ok(`stack create farm -t ${groupTemplate} --wait --poll 1`);
    expect((await openstack.json('stack show farm')).stack_status).toBe('CREATE_COMPLETE');
    expect(await serverNames()).toEqual(['worker-0', 'worker-1']);
    const greeting = (await openstack.json('stack output show farm greeting')).output_value;
    expect(greeting).toMatch(/^hello-[A-Za-z0-9]{12}$/);
    expect(JSON.stringify((await openstack.json('stack output show farm names')).output_value)).toContain('worker-1');
  });

  test('an update adds and removes members of the group and leaves the rest alone', async () => {
    const before = (await openstack.json('server show worker-0')).id;
    const greeting = (await openstack.json('stack output show farm greeting')).output_value;
    await openstack.ok(`stack update farm -t ${groupTemplate} --parameter count=3 --wait`);
    expect(await serverNames()).toEqual(['worker-0', 'worker-1', 'worker-2']);
    await openstack.ok(`stack update farm -t ${groupTemplate} --parameter count=1 --wait`);
    expect(await serverNames()).toEqual(['worker-0']);
    expect((await openstack.json('server show worker-0')).id).toBe(before);
    expect((await openstack.json('stack output show farm greeting')).output_value).toBe(greeting);
  });

  test('a stack tells its events in their order', async () => {
    const events: { resource_status: string; resource_name: string }[] = await openstack.json(
      'stack event list farm --nested-depth 3',
    );
    const told = events.map((event) => `${event.resource_name} ${event.resource_status}`);
    expect(told.indexOf('farm CREATE_IN_PROGRESS')).toBe(0);
    expect(told.indexOf('secret CREATE_COMPLETE')).toBeLessThan(told.indexOf('farm CREATE_COMPLETE'));
    expect(told.indexOf('farm CREATE_COMPLETE')).toBeLessThan(told.indexOf('farm UPDATE_COMPLETE'));
  });

  test('a deleted stack takes its servers with it', async () => {
    await openstack.ok('stack delete farm --yes --wait');
    expect(await openstack.json('stack list')).toEqual([]);
    expect(await serverNames()).toEqual([]);
    expect(await openstack.json('port list --network office')).toEqual([]);
  });
});
