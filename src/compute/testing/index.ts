// Compute on the real services below it, with fake machines, served on loopback, for tests.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBaremetal } from '../../baremetal/index.ts';
import type { Database } from '../../database/index.ts';
import { testDatabase } from '../../database/testing/index.ts';
import { createFakeHardware, type HardwareDriver } from '../../hardware/index.ts';
import { createImages, type Images } from '../../image/index.ts';
import { createNetwork, type Network } from '../../network/index.ts';
import type { Caller } from '../../openstack/index.ts';
import { serve, type TestAnswer, type TestServer, testAdmin } from '../../openstack/testing/index.ts';
import { createOperations, type Operations } from '../../operations/index.ts';
import { createPlacement } from '../../placement/index.ts';
import { type Compute, createCompute, machinesOf, networksOf } from '../index.ts';

export interface TestCompute {
  readonly compute: Compute;
  readonly database: Database;
  readonly operations: Operations;
  readonly network: Network;
  readonly http: TestServer;
  readonly images: Images;
  /** Id of an active image. */
  readonly imageId: string;
  /** Id of a flavor that takes one machine of class `baremetal`. */
  readonly flavorId: string;
  readonly networkId: string;
  /** The caller of requests to compute. */
  become(caller: Caller): void;
  /** Enrols a fake machine and makes it available; answers its UUID. */
  machine(name: string, more?: Record<string, unknown>): Promise<string>;
  /** Machines whose BMC refuses every change of power. */
  readonly broken: Set<string>;
  node(uuid: string): Promise<TestAnswer['json']>;
  /** Changes a machine's power through bare metal and waits for it. */
  power(uuid: string, target: 'power on' | 'power off'): Promise<void>;
  /** Creates a server and waits until its status is none of a building one. */
  server(more?: Record<string, unknown>, headers?: Record<string, string>): Promise<TestAnswer['json']>;
  /** Waits until the server's status is this. */
  until(id: string, status: string): Promise<TestAnswer['json']>;
  gone(id: string): Promise<void>;
  stop(): Promise<void>;
}

export const testNetwork = {
  name: 'ctlplane',
  cidr: '192.168.24.0/24',
  gateway: '192.168.24.1',
  dhcpStart: '192.168.24.10',
  dhcpEnd: '192.168.24.99',
  dns: ['192.168.24.1'],
};

const ironic = { 'x-openstack-ironic-api-version': '1.82' };

/** Compute and the services below it on a database and a folder; nothing runs yet. */
export function composeCompute({ database, url, folder }: { database: Database; url: string; folder: string }) {
  const operations = createOperations({ database, url });
  const placement = createPlacement({ database });
  const images = createImages({ database, folder });
  const network = createNetwork({ database });
  const broken = new Set<string>();
  const baremetal = createBaremetal({
    database,
    operations,
    placement,
    images,
    hardware: [breakable(broken)],
    boot: {
      machinesUrl: undefined,
      deployKernel: 'k',
      deployRamdisk: 'r',
      cacheFolder: join(folder, 'boot'),
      kernelArguments: '',
    },
    config: { automatedClean: false, agentPollMs: 20 },
    secret: Buffer.alloc(32, 7),
  });
  const compute = createCompute({
    database,
    operations,
    placement,
    machines: machinesOf(baremetal, operations),
    networks: networksOf(network),
    images,
    host: 'test-host',
  });
  return { operations, placement, images, network, broken, baremetal, compute };
}

export async function startTestCompute(): Promise<TestCompute> {
  const { database, url, drop } = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'compute-'));
  const { operations, placement, images, network, broken, baremetal, compute } = composeCompute({
    database,
    url,
    folder,
  });
  let caller: Caller = testAdmin;
  const http = await serve(compute.api, { caller: () => caller });
  const nodes = await serve(baremetal.api);
  const imageHttp = await serve(images.api);
  await operations.launch();
  const { networkId } = await network.ensureProvisioningNetwork(testNetwork);
  const imageId = await activeImage(imageHttp);
  const flavorId = (await http.post('/v2.1/flavors', { flavor: { name: 'metal', ram: 1024, vcpus: 1, disk: 10 } })).json
    .flavor.id;
  await http.post(`/v2.1/flavors/${flavorId}/os-extra_specs`, {
    extra_specs: {
      'resources:VCPU': '0',
      'resources:MEMORY_MB': '0',
      'resources:DISK_GB': '0',
      'resources:CUSTOM_BAREMETAL': '1',
    },
  });
  let count = 0;

  async function until<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`${what}: not in time`);
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }
  const show = async (id: string) => (await http.get(`/v2.1/servers/${id}`)).json?.server;

  return {
    compute,
    database,
    operations,
    network,
    http,
    images,
    imageId,
    flavorId,
    networkId,
    broken,
    become: (other) => {
      caller = other;
    },
    async machine(name, more = {}) {
      const made = await nodes.post(
        '/v1/nodes',
        {
          name,
          driver: 'fake-hardware',
          driver_info: { fake_id: name },
          resource_class: 'baremetal',
          properties: { cpus: 4, memory_mb: 8192, local_gb: 100, cpu_arch: 'x86_64' },
          ...more,
        },
        ironic,
      );
      const uuid: string = made.json.uuid;
      count++;
      const address = `52:54:00:00:00:${count.toString(16).padStart(2, '0')}`;
      await nodes.post('/v1/ports', { node_uuid: uuid, address }, ironic);
      for (const [target, state] of [
        ['manage', 'manageable'],
        ['provide', 'available'],
      ] as const) {
        await nodes.put(`/v1/nodes/${uuid}/states/provision`, { target }, ironic);
        await until(`${name} ${state}`, async () => {
          const { json } = await nodes.get(`/v1/nodes/${uuid}`, ironic);
          return json.provision_state === state && json.reservation === null ? true : undefined;
        });
      }
      return uuid;
    },
    async power(uuid, target) {
      await nodes.put(`/v1/nodes/${uuid}/states/power`, { target }, ironic);
      await until(`${uuid} ${target}`, async () => {
        const { json } = await nodes.get(`/v1/nodes/${uuid}`, ironic);
        return json.power_state === target && json.target_power_state === null ? true : undefined;
      });
    },
    node: async (uuid) => (await nodes.get(`/v1/nodes/${uuid}`, ironic)).json,
    async server(more = {}, headers = {}) {
      const made = await http.post(
        '/v2.1/servers',
        { server: { name: 'web', imageRef: imageId, flavorRef: flavorId, networks: [{ uuid: networkId }], ...more } },
        headers,
      );
      if (made.status !== 202) throw new Error(`${made.status} ${made.text}`);
      const { id } = made.json.server;
      return until(`server ${id}`, async () => {
        const server = await show(id);
        return server.status === 'BUILD' ? undefined : server;
      });
    },
    until: (id, status) =>
      until(`server ${id} ${status}`, async () => {
        const server = await show(id);
        return server?.status === status && server['OS-EXT-STS:task_state'] === null ? server : undefined;
      }),
    async gone(id) {
      await until(`server ${id} gone`, async () =>
        (await http.get(`/v2.1/servers/${id}`)).status === 404 ? true : undefined,
      );
    },
    async stop() {
      for (const server of [http, nodes, imageHttp]) await server.close();
      await baremetal.stop();
      await operations.shutdown();
      placement.close();
      await drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function breakable(broken: ReadonlySet<string>): HardwareDriver {
  const fake = createFakeHardware();
  return {
    ...fake,
    machine(info) {
      const machine = fake.machine(info);
      const isBroken = typeof info.fake_id === 'string' && broken.has(info.fake_id);
      if (!isBroken) return machine;
      return {
        ...machine,
        power: {
          ...machine.power,
          change: async () => {
            throw new Error('the BMC does not answer');
          },
        },
      };
    },
  };
}

async function activeImage(http: TestServer): Promise<string> {
  const made = await http.post('/v2/images', {
    name: 'debian',
    disk_format: 'raw',
    container_format: 'bare',
    visibility: 'public',
    min_disk: 5,
  });
  const { id } = made.json;
  await http.put(`/v2/images/${id}/file`, Buffer.from('image'), { 'content-type': 'application/octet-stream' });
  return id;
}
