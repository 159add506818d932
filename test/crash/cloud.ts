// What the crash tests ask of a server: an image, a flavor, a machine, a stack with one server, and how each stands.

import type { MachineOnMemory } from '../harness/machine-on-memory.ts';
import type { Undercloud } from '../harness/undercloud.ts';
import { until } from '../harness/until.ts';

const headers = { 'openstack-api-version': 'baremetal 1.80' };
const node = 'crash';
const stack = 'crash';

async function must(cloud: Undercloud, method: string, path: string, body?: unknown) {
  const answer = await cloud.call(method, path, body, headers);
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function upload(cloud: Undercloud, name: string, content: Buffer): Promise<void> {
  const image = await must(cloud, 'POST', '/image/v2/images', { name, disk_format: 'raw', container_format: 'bare' });
  const answer = await fetch(`${cloud.origin}/image/v2/images/${image.id}/file`, {
    method: 'PUT',
    headers: { 'x-auth-token': await cloud.token(), 'content-type': 'application/octet-stream' },
    body: new Uint8Array(content),
  });
  if (answer.status !== 204) throw new Error(`upload of ${name}: ${answer.status}`);
}

async function provision(cloud: Undercloud, target: string, state: string): Promise<void> {
  await must(cloud, 'PUT', `/baremetal/v1/nodes/${node}/states/provision`, { target });
  await nodeIs(cloud, state);
}

async function nodeIs(cloud: Undercloud, state: string): Promise<void> {
  await until(`the node is ${state}`, async () => {
    const now = await must(cloud, 'GET', `/baremetal/v1/nodes/${node}`);
    if (/fail|error/.test(now.provision_state)) throw new Error(`${now.provision_state}: ${now.last_error}`);
    return now.provision_state === state;
  });
}

/** Registers everything that a stack with one server needs. */
export async function prepare(cloud: Undercloud, machine: MachineOnMemory): Promise<void> {
  for (const name of ['deploy-kernel', 'deploy-ramdisk', 'disk']) await upload(cloud, name, Buffer.alloc(70_000, name));
  const { flavor } = await must(cloud, 'POST', '/compute/v2.1/flavors', {
    flavor: { name: 'metal', ram: 1024, vcpus: 1, disk: 0 },
  });
  await must(cloud, 'POST', `/compute/v2.1/flavors/${flavor.id}/os-extra_specs`, {
    extra_specs: {
      'resources:CUSTOM_BAREMETAL': '1',
      'resources:VCPU': '0',
      'resources:MEMORY_MB': '0',
      'resources:DISK_GB': '0',
    },
  });
  const { uuid } = await must(cloud, 'POST', '/baremetal/v1/nodes', {
    name: node,
    driver: 'redfish',
    resource_class: 'baremetal',
    driver_info: machine.driverInfo,
  });
  await must(cloud, 'POST', '/baremetal/v1/ports', { node_uuid: uuid, address: machine.mac });
  await provision(cloud, 'manage', 'manageable');
  await provision(cloud, 'provide', 'available');
}

async function stacks(cloud: Undercloud): Promise<string> {
  const { token } = await must(cloud, 'GET', '/identity/v3/projects?name=admin').then(({ projects }) => ({
    token: projects[0].id,
  }));
  return `/orchestration/v1/${token}/stacks`;
}

/** Asks for a stack with one server. */
export async function deploy(cloud: Undercloud): Promise<void> {
  await must(cloud, 'POST', await stacks(cloud), {
    stack_name: stack,
    template: {
      heat_template_version: '2018-08-31',
      resources: {
        secret: { type: 'OS::Heat::RandomString' },
        server: {
          type: 'OS::Nova::Server',
          properties: {
            name: stack,
            image: 'disk',
            flavor: 'metal',
            networks: [{ network: 'ctlplane' }],
            metadata: { secret: { get_attr: ['secret', 'value'] } },
          },
        },
      },
    },
    timeout_mins: 10,
  });
}

/** Waits for the end of the stack's creation. Throws with its reason when it is not complete. */
export async function deployed(cloud: Undercloud): Promise<void> {
  const path = await stacks(cloud);
  const { stack_status: status, stack_status_reason: reason } = await until(
    'the stack has come to an end',
    async () => {
      const { stacks: all } = await must(cloud, 'GET', path);
      return all.find((one: { stack_status: string }) => !one.stack_status.endsWith('IN_PROGRESS'));
    },
    { withinMs: 120_000 },
  ).catch(async (error: unknown) => {
    const open = (await must(cloud, 'GET', '/operations?limit=20')).operations;
    throw new Error(`${String(error)}; operations: ${JSON.stringify(open, null, 1)}`);
  });
  if (status !== 'CREATE_COMPLETE') throw new Error(`${status}: ${reason}`);
  // The stack is complete a moment before the operation that completed it.
  await until('no operation is open', async () => {
    const { operations } = await must(cloud, 'GET', '/operations?limit=100');
    return operations.every((one: { finished_at: string | null }) => one.finished_at !== null);
  });
}

/** What must be true after a deployment, in whatever way it was interrupted. */
export async function endState(cloud: Undercloud) {
  const { servers } = await must(cloud, 'GET', '/compute/v2.1/servers/detail');
  const { nodes } = await must(cloud, 'GET', '/baremetal/v1/nodes/detail');
  const { operations } = await must(cloud, 'GET', '/operations?limit=100');
  const { ports } = await must(cloud, 'GET', '/network/v2.0/ports');
  return {
    servers: servers.map((server: { status: string }) => server.status),
    nodes: nodes.map((one: Record<string, unknown>) => [
      one.provision_state,
      one.power_state,
      one.instance_uuid === servers[0]?.id,
      one.maintenance,
    ]),
    ports: ports.length,
    unfinished: operations.filter((one: { state: string }) => !['done', 'cancelled'].includes(one.state)),
  };
}

/** Deletes the stack and waits until the node is free again. */
export async function removed(cloud: Undercloud): Promise<void> {
  const path = await stacks(cloud);
  const { stacks: all } = await must(cloud, 'GET', path);
  for (const one of all) await must(cloud, 'DELETE', `${path}/${one.stack_name}/${one.id}`);
  await until('the stack is gone', async () => (await must(cloud, 'GET', path)).stacks.length === 0);
  await nodeIs(cloud, 'available');
}
