// Seconds per stage of deploying machines, from the request to the first report of the machine to its stack, and the
// rate of the write beside plain programs in the same guest.
// usage: npx tsx bench/deploy/run.ts [--data DIR] [--image cloud-node] [--machines 1,4]
// Needs a server with as many available machines (see the tutorial); leaves none of its stacks behind.
import { parseArgs } from 'node:util';
import { createClient, findCloud } from '../../src/cli/client/index.ts';
import { plainWrite } from './plain-write.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: process.env.UNDERCLOUD_DATA ?? '/var/lib/undercloud' },
    image: { type: 'string', default: 'cloud-node' },
    flavor: { type: 'string', default: 'baremetal' },
    machines: { type: 'string', default: '1,4' },
  },
});
const client = createClient(findCloud(process.env, values.data));

interface Step {
  readonly name: string;
  readonly started_at: string;
  readonly finished_at: string | null;
}

/** Steps of node.deploy by the stage they belong to. */
const stages: readonly (readonly [stage: string, step: RegExp])[] = [
  ['prepare', /^(checking|switching the machine off|choosing the ramdisk)/],
  ['firmware and ramdisk', /^(switching the machine on|waiting for the ramdisk)/],
  ['write', /^(waiting for the agent|writing)/],
  ['restart', /^(choosing the disk|starting the new system|switching)/],
];

const template = (count: number) => ({
  heat_template_version: '2018-08-31',
  resources: {
    config: { type: 'OS::Heat::SoftwareConfig', properties: { group: 'script', config: '#!/bin/sh\ntrue\n' } },
    servers: {
      type: 'OS::Heat::ResourceGroup',
      properties: {
        count,
        resource_def: {
          type: 'OS::Nova::Server',
          properties: {
            image: values.image,
            flavor: values.flavor,
            networks: [{ network: 'ctlplane' }],
            user_data_format: 'SOFTWARE_CONFIG',
          },
        },
      },
    },
    report: {
      type: 'OS::Heat::SoftwareDeploymentGroup',
      properties: { config: { get_resource: 'config' }, servers: { get_attr: ['servers', 'refs_map'] } },
    },
  },
});

/** Seconds that the write took, on average. */
async function deploy(count: number): Promise<number> {
  const name = `bench-deploy-${process.pid}-${count}`;
  const began = Date.now();
  const { stack } = await client.post('orchestration', '/stacks', { stack_name: name, template: template(count) });
  const path = `/stacks/${name}/${stack.id}`;
  try {
    for (;;) {
      const { stack: now } = await client.get('orchestration', path);
      if (/COMPLETE$/.test(now.stack_status)) break;
      if (/FAILED$/.test(now.stack_status)) throw new Error(now.stack_status_reason);
      await new Promise((again) => setTimeout(again, 200));
    }
    const total = (Date.now() - began) / 1000;
    const { operations } = await client.get('operations', '?kind=node.deploy&limit=100');
    const mine = operations.filter(
      (operation: { created_at: string }) => Date.parse(operation.created_at) >= began - 1000,
    );
    const rows: Record<string, number>[] = [];
    let restarted = 0;
    for (const { id } of mine) {
      const { operation } = await client.get('operations', `/${id}`);
      rows.push(secondsByStage(operation.steps));
      restarted = Math.max(restarted, Date.parse(operation.finished_at));
    }
    const mean = (stage: string) => rows.reduce((sum, row) => sum + (row[stage] ?? 0), 0) / Math.max(1, rows.length);
    const line = [...stages.map(([stage]) => stage)].map((stage) => `${stage} ${mean(stage).toFixed(1)}`);
    console.log(
      `machines ${count}: ${line.join(', ')}, boot and configure ${((began + total * 1000 - restarted) / 1000).toFixed(1)}; request to report ${total.toFixed(1)} s`,
    );
    return mean('write');
  } finally {
    await client.call('orchestration', 'DELETE', path);
  }
}

function secondsByStage(steps: readonly Step[]): Record<string, number> {
  const seconds: Record<string, number> = {};
  for (const step of steps) {
    const stage = stages.find(([, pattern]) => pattern.test(step.name))?.[0] ?? 'other';
    seconds[stage] =
      (seconds[stage] ?? 0) + (Date.parse(step.finished_at ?? step.started_at) - Date.parse(step.started_at)) / 1000;
  }
  return seconds;
}

/** The stage also holds the start of the agent's work: the check of the image and the table of partitions. */
async function compareWrite(writeS: number): Promise<void> {
  const plain = await plainWrite(client, values.image);
  const rate = (seconds: number) => `${(plain.rawBytes / seconds / 1e6).toFixed(0)} MB/s`;
  const line = (what: string, seconds: number) =>
    `  ${what}: ${seconds.toFixed(1)} s, ${rate(seconds)}; the deploy takes ${(writeS / seconds).toFixed(2)} of its time`;
  console.log(
    `write of ${(plain.rawBytes / 1e6).toFixed(0)} MB from ${(plain.compressedBytes / 1e6).toFixed(0)} MB: ${rate(writeS)}`,
  );
  console.log(line('dd of the raw image from another disk', plain.ddS));
  console.log(line('zstd -d of the image from another disk', plain.decodeS));
}

async function untilAvailable(count: number): Promise<void> {
  for (;;) {
    const { nodes } = await client.get('baremetal', '/v1/nodes?limit=1000&fields=provision_state');
    if (nodes.filter((node: { provision_state: string }) => node.provision_state === 'available').length >= count)
      return;
    if (nodes.length < count) throw new Error(`${count} machines are needed, ${nodes.length} are enrolled`);
    await new Promise((again) => setTimeout(again, 500));
  }
}

for (const count of values.machines.split(',').map(Number)) {
  await untilAvailable(count);
  const writeS = await deploy(count);
  if (count === 1) await compareWrite(writeS);
}
process.exit(0);
