// Servers, flavors, key pairs, aggregates and quotas as the `openstack` command drives them, on machines without hardware.
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cloudWithClient } from '../harness/cloud.ts';
import { finishCommand } from '../harness/undercloud.ts';
import { until } from '../harness/until.ts';

const { cloud, openstack, close } = await cloudWithClient(['--os-compute-api-version', '2.91']);
afterAll(close);

const disk = join(cloud.folder, 'disk.raw');
writeFileSync(disk, Buffer.alloc(1 << 20, 7));
const nodes = join(cloud.folder, 'nodes.json');
writeFileSync(
  nodes,
  JSON.stringify({
    nodes: [
      {
        name: 'one',
        driver: 'fake-hardware',
        resource_class: 'baremetal',
        properties: { cpus: 4, memory_mb: 8192, local_gb: 100, cpu_arch: 'x86_64' },
        ports: [{ address: '52:54:00:11:22:33' }, { address: '52:54:00:11:22:34' }],
      },
    ],
  }),
);
for (const words of [
  `image create disk --disk-format raw --container-format bare --file ${disk}`,
  'network create office',
  'subnet create office --network office --subnet-range 192.0.2.0/24',
  'network create attic',
  'subnet create attic --network attic --subnet-range 198.51.100.0/24',
  'port create --network attic spare',
])
  await openstack.ok(words);
await finishCommand(['node', 'import', nodes], {
  env: { OS_CLIENT_CONFIG_FILE: cloud.cloudsFile, OS_CLOUD: 'undercloud' },
});

/** What a command prints (with `-f value` and columns), or the words of its refusal. */
type Step = readonly [words: string, prints: string | RegExp];

async function walk(steps: readonly Step[]): Promise<void> {
  for (const [words, prints] of steps) {
    const done = await openstack.run(words);
    const said = done.status === 0 ? done.stdout.trim() : done.stderr.trim();
    expect(`${words}: ${said}`).toMatch(prints instanceof RegExp ? prints : new RegExp(`: ${prints}$`, 's'));
  }
}
const shown = (column: string) => `server show web -f value -c ${column}`;

describe('the openstack command', () => {
  test('drives a server from its creation to its end', () =>
    walk([
      ['server create web --image disk --flavor baremetal --network office --wait -f value -c status', 'ACTIVE'],
      ['server list -f value -c Name -c Status -c Networks', "web ACTIVE {'office': \\['192.0.2.2'\\]}"],
      ['server set web --property role=db --tag blue --description Accounts', ''],
      [shown('properties'), "{'role': 'db'}"],
      [shown('tags'), /blue/],
      ['server unset web --property role --tag blue --description', ''],
      [shown('description'), /: (None)?$/],
      ['server lock web --reason upkeep', ''],
      [shown('locked_reason'), 'upkeep'],
      ['server unlock web', ''],
      ['server add network web attic', ''],
      [shown('addresses'), /'attic': \['198\.51\.100\.\d+'\]/],
      ['server add port web spare', /each carries a network already/],
      ['server remove network web attic', ''],
      ['server add port web spare', ''],
      ['port show spare -f value -c device_owner', 'compute:nova'],
      ['server remove port web spare', ''],
      ['port show spare -f value -c device_owner', ''],
      ['server reboot --hard --wait web', /Complete/],
      ['server rebuild --image disk --wait web', /ACTIVE|Complete/],
      ['server event list web -f value -c Action', /rebuild.*reboot.*detach_interface.*attach_interface.*create$/s],
      ['server volume list web -f value', ''],
      ['server migration list -f value', ''],
      ['server delete web --wait', /100|: $/],
      ['server list -f value', ''],
      ['port list --network office -f value', ''],
    ]));

  test('rescues a server and starts it again', async () => {
    await openstack.ok('server create web --image disk --flavor baremetal --network office --wait');
    const is = async (status: string) => (await openstack.run(shown('status'))).stdout.trim() === status;
    await openstack.ok('server rescue --password gold web');
    await until('the server is in rescue', () => is('RESCUE'));
    await openstack.ok('server unrescue web');
    await until('the server runs its own system', () => is('ACTIVE'));
    await openstack.ok('server delete web --wait');
  });

  test('is told what a machine cannot do', async () => {
    await openstack.ok('server create web --image disk --flavor baremetal --network office --wait');
    const notOffered = /501.*not offered for bare-metal servers|not offered for bare-metal servers.*501/;
    await walk([
      ['server pause web', notOffered],
      ['server suspend web', notOffered],
      ['server shelve web', notOffered],
      ['server resize --flavor baremetal web', notOffered],
      ['server image create web', notOffered],
      ['server dump create web', notOffered],
      ['console log show web', notOffered],
      ['console url show web', notOffered],
      ['server start web', /409.*vm_state active|vm_state active.*409/],
      ['server delete web --wait', /100|: $/],
    ]);
  });

  test('keeps flavors, key pairs, groups and aggregates', () =>
    walk([
      [
        'flavor create --private --ram 1024 --vcpus 2 --disk 5 --property trait:X=required mine -f value -c name',
        'mine',
      ],
      ['flavor set mine --property a=b --description Small', ''],
      ['flavor show mine -f value -c properties', "{'a': 'b', 'trait:X': 'required'}"],
      ['flavor unset mine --property a', ''],
      ['flavor list --all -f value -c Name', /mine/],
      ['flavor delete mine', ''],
      [`keypair create key --private-key ${join(cloud.folder, 'key')} -f value -c name`, 'key'],
      ['keypair show --public-key key', /ssh-ed25519/],
      ['keypair delete key', ''],
      ['server group create --policy affinity pair -f value -c policy', 'affinity'],
      ['server group list -f value -c Name', 'pair'],
      ['server group delete pair', ''],
      ['aggregate create --zone nova --property a=b rack -f value -c name', 'rack'],
      [`aggregate add host rack ${hostname()} -f value -c hosts`, new RegExp(hostname())],
      ['aggregate set rack --property c=d --name row', ''],
      ['aggregate unset row --property a', ''],
      ['aggregate show row -f value -c properties', /'c': 'd'|c='d'/],
      [`aggregate remove host row ${hostname()} -f value -c hosts`, /: (\[\])?$/],
      ['aggregate delete row', ''],
    ]));

  test('sees what stands behind compute, and limits it', () =>
    walk([
      ['hypervisor list -f value -c State', 'up'],
      ['compute service list --service nova-compute -f value -c Status -c State', 'enabled up'],
      ['availability zone list --compute -f value', 'nova available'],
      ['quota set --instances 5 --cores 7 admin', ''],
      ['limits show --absolute -f value', /maxTotalInstances 5/],
      ['quota set --instances -1 --cores -1 admin', ''],
      ['limits show --absolute -f value', /maxTotalInstances -1/],
    ]));
});
