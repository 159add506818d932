// Wrong input: a clear error where it can be known, with field and fix, and nothing half-made behind it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cloudWithClient } from '../harness/cloud.ts';
import { type MachineOnMemory, machineOnMemory } from '../harness/machine-on-memory.ts';
import { finishCommand } from '../harness/undercloud.ts';

const { cloud, openstack, close } = await cloudWithClient();
const machines: MachineOnMemory[] = [];
afterAll(async () => {
  await close();
  for (const machine of machines) await machine.close();
});
const client = { OS_CLIENT_CONFIG_FILE: cloud.cloudsFile, OS_CLOUD: 'undercloud' };

const disk = join(cloud.folder, 'disk.raw');
writeFileSync(disk, Buffer.alloc(1 << 20, 7));
await openstack.ok(`image create disk --disk-format raw --container-format bare --file ${disk}`);
await openstack.ok(`image create large --disk-format raw --container-format bare --min-disk 50 --file ${disk}`);
await openstack.ok('flavor create metal --ram 1024 --vcpus 1 --disk 5 --property resources:CUSTOM_BAREMETAL=1');
await openstack.ok('network create office');

function template(resources: string): string {
  const file = join(cloud.folder, 'bad.yaml');
  writeFileSync(file, `heat_template_version: 2018-08-31\nresources:\n${resources}`);
  return file;
}
const server = (properties: string) => `  s: {type: OS::Nova::Server, properties: {${properties}}}\n`;

test.each<[string, string, RegExp]>([
  ['a resource type that does not exist', '  s: {type: OS::Nova::Sever}\n', /OS::Nova::Sever/],
  ['a property that does not exist', server('image: disk, flavor: metal, flavour: metal'), /flavour/],
  ['a reference to nothing', server('image: disk, flavor: metal, name: {get_resource: t}'), /\bt\b/],
  ['an unknown parameter', server('image: disk, flavor: metal, name: {get_param: size}'), /size/],
  ['an image that does not exist', server('image: disc, flavor: metal'), /disc/],
  ['a flavor that does not exist', server('image: disk, flavor: mettle'), /mettle/],
  [
    'resources that wait for each other',
    '  a: {type: OS::Heat::Value, properties: {value: {get_attr: [b, value]}}}\n  b: {type: OS::Heat::Value, properties: {value: {get_attr: [a, value]}}}\n',
    /[Cc]ircular/,
  ],
])('a template with %s is refused before anything is made', async (_what, resources, named) => {
  const file = template(resources);
  expect(await openstack.refused(`stack create bad -t ${file}`)).toMatch(named);
  expect(await openstack.json('stack list')).toEqual([]);
  expect(await openstack.json('server list')).toEqual([]);
});

test('a plan names the same fault, and nothing is planned', async () => {
  const file = template(server('image: disc, flavor: metal'));
  await expect(finishCommand(['plan', 'bad', '-t', file], { env: client })).rejects.toThrow(/disc/);
});

test.each([
  ['an unknown image', '--image disc --flavor metal', /disc/],
  ['an unknown flavor', '--image disk --flavor mettle', /mettle/],
  ['an image that needs a larger disk than the flavor has', '--image large --flavor metal', /disk.*(small|50)/i],
])('a server with %s is refused and none is left behind', async (_what, words, named) => {
  expect(await openstack.refused(`server create s ${words} --network office`)).toMatch(named);
  expect(await openstack.json('server list')).toEqual([]);
  expect(await openstack.json('port list')).toEqual([]);
});

test('an import whose hardware address is taken leaves no node behind', async () => {
  const nodes = (name: string) => ({
    nodes: [{ name, driver: 'fake-hardware', ports: [{ address: '52:54:00:11:22:33' }] }],
  });
  const [first, second] = ['first', 'second'].map((name) => {
    const file = join(cloud.folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(nodes(name)));
    return file;
  });
  await finishCommand(['node', 'import', first ?? '', '--no-provide'], { env: client });
  await expect(finishCommand(['node', 'import', second ?? '', '--no-provide'], { env: client })).rejects.toThrow(
    /52:54:00:11:22:33/,
  );
  const names = (await openstack.json('baremetal node list')).map((row: { Name: string }) => row.Name);
  expect(names).toEqual(['first']);
});

test('a wrong password of a BMC is named where the machine is enrolled, and the right one then works', async () => {
  const machine = await machineOnMemory('http://127.0.0.1:1');
  machines.push(machine);
  const file = join(cloud.folder, 'nodes.json');
  const entry = (password: string | undefined) => ({
    nodes: [
      {
        name: 'locked',
        driver: 'redfish',
        driver_info: { ...machine.driverInfo, ...(password === undefined ? {} : { redfish_password: password }) },
        ports: [{ address: machine.mac }],
      },
    ],
  });
  writeFileSync(file, JSON.stringify(entry('wrong')));
  await expect(finishCommand(['node', 'import', file, '--no-provide'], { env: client })).rejects.toThrow(
    /password|credentials|401/i,
  );
  expect((await openstack.json('baremetal node show locked')).provision_state).toBe('enroll');
  const right = machine.driverInfo.redfish_password ?? '';
  await openstack.ok(`baremetal node set locked --driver-info redfish_password=${right}`);
  await openstack.ok('baremetal node manage locked --wait 60');
});

test('image content of the wrong media type leaves the image as it was', async () => {
  const made = await cloud.call('POST', '/image/v2/images', {
    name: 'cut',
    disk_format: 'raw',
    container_format: 'bare',
  });
  const answer = await fetch(`${cloud.origin}/image/v2/images/${made.body.id}/file`, {
    method: 'PUT',
    headers: { 'x-auth-token': await cloud.token(), 'content-type': 'application/json' },
    body: 'x',
  });
  expect(answer.status).toBe(415);
  expect((await cloud.call('GET', `/image/v2/images/${made.body.id}`)).body.status).toBe('queued');
});
