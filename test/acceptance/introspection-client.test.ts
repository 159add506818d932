// Introspection as its clients ask for it: openstacksdk, and request by request what the commands of
// python-ironic-inspector-client send. Debian 12's package of those commands (4.8.0-2) holds no program, so they are not run.
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cloudWithClient } from '../harness/cloud.ts';
import { until } from '../harness/until.ts';

const { cloud, openstack, close } = await cloudWithClient();
afterAll(close);
beforeAll(async () => {
  await openstack.ok('baremetal node create --driver fake-hardware --name n1');
  await openstack.ok('baremetal node manage n1 --wait 30');
});

/** What a program of openstacksdk prints, whose last line is JSON. */
async function program(...lines: readonly string[]): Promise<unknown> {
  const start = ['import json, openstack', 'api = openstack.connect(cloud="undercloud").baremetal_introspection'];
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', [...start, ...lines].join('\n')], {
    env: { ...process.env, OS_CLIENT_CONFIG_FILE: cloud.cloudsFile },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

test('openstacksdk finds the service, starts, waits, lists page by page, and reads the data', async () => {
  const told = await program(
    'started = api.start_introspection("n1")',
    'done = api.wait_for_introspection(started, timeout=60)',
    'pages = [one.id for one in api.introspections(limit=1)]',
    'data = api.get_introspection_data("n1")',
    'raw = api.get_introspection_data("n1", processed=False)',
    'api.abort_introspection(done)',
    'print(json.dumps([done.state, done.error, pages == [done.id], "macs" in data, "macs" in raw, list(raw)]))',
  );
  expect(told).toEqual(['finished', null, true, true, false, ['inventory', 'root_disk']]);
});

test('openstacksdk shows what is refused', async () => {
  const told = await program(
    'def said(ask):',
    '    try: ask()',
    '    except openstack.exceptions.HttpException as error: return [error.status_code, error.details]',
    'print(json.dumps([said(lambda: api.get_introspection("nobody")), said(lambda: api.abort_introspection("n1"))]))',
  );
  expect(told).toEqual([
    [404, expect.stringContaining('nobody')],
    [400, expect.stringContaining('No introspection of node')],
  ]);
});

const hex = (text: string) => Buffer.from(text).toString('hex');
const report = {
  inventory: {
    cpu: { count: 4, architecture: 'x86_64' },
    memory: { physical_mb: 8192 },
    disks: [],
    interfaces: [
      {
        name: 'eth0',
        mac_address: '52:54:00:00:00:01',
        lldp: [
          [1, '04112233aabbcc'],
          [2, `05${hex('Ethernet1/7')}`],
          [127, `0080c203006604${hex('blue')}`],
        ],
      },
    ],
  },
};
const uuid = '5d6a9a3e-6f7f-4d19-8a62-0d1b9c1c2d01';
const rule = {
  uuid,
  description: 'enough memory',
  conditions: [{ op: 'ge', field: 'memory_mb', value: 4096 }],
  actions: [{ action: 'set-capability', name: 'big', value: 'yes' }],
};

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  readonly answer?: unknown;
}

/** Command -> what it sends. In this order: each builds on those before it. */
const commands: Readonly<Record<string, Asked>> = {
  'baremetal introspection start': { method: 'POST', path: '/introspection/n1', status: 202 },
  'baremetal introspection status': {
    method: 'GET',
    path: '/introspection/n1',
    status: 200,
    answer: { finished: expect.any(Boolean), error: null, started_at: expect.any(String), links: [{ rel: 'self' }] },
  },
  'baremetal introspection list': {
    method: 'GET',
    path: '/introspection?limit=5',
    status: 200,
    answer: { introspection: [{ uuid: expect.any(String), error: null }] },
  },
  'baremetal introspection rule import': { method: 'POST', path: '/rules', body: rule, status: 200, answer: rule },
  'baremetal introspection rule list': {
    method: 'GET',
    path: '/rules',
    status: 200,
    answer: { rules: [{ uuid, description: 'enough memory' }] },
  },
  'baremetal introspection rule show': { method: 'GET', path: `/rules/${uuid}`, status: 200, answer: rule },
  'baremetal introspection reprocess': {
    method: 'POST',
    path: '/introspection/n1/data/unprocessed',
    body: report,
    status: 202,
  },
  'baremetal introspection data save': {
    method: 'GET',
    path: '/introspection/n1/data',
    status: 200,
    answer: { cpus: 4, memory_mb: 8192, inventory: report.inventory },
  },
  'baremetal introspection interface list': {
    method: 'GET',
    path: '/introspection/n1/data',
    status: 200,
    answer: { all_interfaces: { eth0: { mac: '52:54:00:00:00:01' } } },
  },
  'baremetal introspection interface show': {
    method: 'GET',
    path: '/introspection/n1/data',
    status: 200,
    answer: {
      all_interfaces: {
        eth0: {
          lldp_processed: {
            switch_chassis_id: '11:22:33:aa:bb:cc',
            switch_port_id: 'Ethernet1/7',
            switch_port_vlans: [{ id: 102, name: 'blue' }],
          },
        },
      },
    },
  },
  'baremetal introspection abort': {
    method: 'POST',
    path: '/introspection/n1/abort',
    status: 400,
    answer: { error: { message: expect.stringContaining('under way') } },
  },
  'baremetal introspection rule delete': { method: 'DELETE', path: `/rules/${uuid}`, status: 204 },
  'baremetal introspection rule purge': { method: 'DELETE', path: '/rules', status: 204 },
};
/** The client asks for the oldest version unless it is told another. */
const oldest = { 'x-openstack-ironic-inspector-api-version': '1.0' };

test('the client learns the range of versions from the service itself, without a token', async () => {
  const { headers } = await fetch(`${cloud.origin}/introspection`);
  expect(headers.get('x-openstack-ironic-inspector-api-minimum-version')).toBe('1.0');
  expect(headers.get('x-openstack-ironic-inspector-api-maximum-version')).toBe('1.18');
});

test.each(Object.entries(commands))('what `openstack %s` sends is answered', async (_name, asked) => {
  const answered = await cloud.call(asked.method, `/introspection/v1${asked.path}`, asked.body, oldest);
  expect(answered.status, JSON.stringify(answered.body)).toBe(asked.status);
  if (asked.answer !== undefined) expect(answered.body).toMatchObject(Object(asked.answer));
  await until('nothing is under way', async () => {
    const { body } = await cloud.call('GET', '/introspection/v1/introspection/n1', undefined, oldest);
    return body.finished;
  });
});

test('the rule has made its mark', async () => {
  const { properties } = await openstack.json('baremetal node show n1');
  expect(properties).toMatchObject({ capabilities: 'big:yes', memory_mb: 8192 });
});

const script =
  "from importlib.metadata import entry_points\nprint('\\n'.join(e.name for e in entry_points(group='openstack.baremetal_introspection.v1')))";
const installed = execFileSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean);

test.skipIf(installed.length === 0)(
  'every command of the client, where one is installed that has them, is among these',
  () => {
    expect(installed.map((name) => name.replaceAll('_', ' ')).filter((name) => !(name in commands))).toEqual([]);
  },
);
