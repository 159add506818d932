// Bare metal on a real database and engine, served on loopback, for tests.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { createAuthority, issueCertificate } from '../../agent/index.ts';
import type { Database } from '../../database/index.ts';
import { testDatabase } from '../../database/testing/index.ts';
import { createFakeHardware, type HardwareDriver } from '../../hardware/index.ts';
import { serve, type TestServer } from '../../openstack/testing/index.ts';
import { createOperations, type Operations } from '../../operations/index.ts';
import { createPlacement } from '../../placement/index.ts';
import { type Baremetal, type BaremetalConfig, type BootOptions, createBaremetal } from '../index.ts';
import { imagesOf, type TestImage } from './images.ts';

export interface TestBaremetal {
  readonly baremetal: Baremetal;
  readonly operations: Operations;
  readonly database: Database;
  readonly http: TestServer;
  /** The introspection API. */
  readonly introspection: TestServer;
  /** The machines' listener. */
  readonly machines: TestServer;
  /** The same over TLS, where the kernel command line sends agents with `tls`. */
  readonly agents: TestServer;
  /** Asks for a verb and waits until the node has reached the state. Fails with last_error when it reaches another one at rest. */
  provision(node: string, target: string, state: string, body?: object): Promise<void>;
  /** Waits until the node shows this. */
  until(node: string, shown: (node: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  providers(): Promise<unknown[]>;
  /** Kinds of a node's events, in order. */
  events(node: string): Promise<{ rows: string[] }>;
  stop(): Promise<void>;
}

const version = { 'x-openstack-ironic-api-version': '1.82' };

export interface TestBaremetalOptions {
  readonly hardware?: readonly HardwareDriver[];
  readonly images?: readonly TestImage[];
  readonly config?: Partial<BaremetalConfig>;
  readonly boot?: Partial<BootOptions>;
  readonly tls?: boolean;
}

export async function startTestBaremetal(options: TestBaremetalOptions = {}): Promise<TestBaremetal> {
  const { database, url, drop } = await testDatabase();
  const operations = createOperations({ database, url });
  const placement = createPlacement({ database });
  const folder = mkdtempSync(join(tmpdir(), 'baremetal-'));
  let machinesUrl = '';
  let agentsAt: BootOptions['agents'];
  const boot: BootOptions = {
    get machinesUrl() {
      return machinesUrl;
    },
    get agents() {
      return agentsAt;
    },
    deployKernel: 'deploy-kernel',
    deployRamdisk: 'deploy-ramdisk',
    cacheFolder: join(folder, 'boot'),
    kernelArguments: '',
    ...options.boot,
  };
  const baremetal = createBaremetal({
    database,
    operations,
    placement,
    images: imagesOf(options.images ?? []),
    hardware: options.hardware ?? [createFakeHardware()],
    boot,
    config: { automatedClean: false, agentPollMs: 20, ...options.config },
    secret: Buffer.alloc(32, 7),
  });
  const machines = await serve(baremetal.machineApi, { caller: () => undefined });
  machinesUrl = machines.url;
  const authority = createAuthority('undercloud');
  const { key, certificate } = issueCertificate(authority, 'machines', ['127.0.0.1']);
  const agents = await serve(baremetal.machineApi, { caller: () => undefined, tls: { key, cert: certificate } });
  if (options.tls) agentsAt = { url: agents.url, authority: authority.certificate };
  const plain = await serve(baremetal.api);
  const introspection = await serve(baremetal.introspectionApi);
  const http: TestServer = {
    ...plain,
    request: (method, path, { body, headers } = {}) =>
      plain.request(method, path, { ...(body === undefined ? {} : { body }), headers: { ...version, ...headers } }),
    get: (path, headers = {}) => plain.get(path, { ...version, ...headers }),
    post: (path, body, headers = {}) => plain.post(path, body, { ...version, ...headers }),
    put: (path, body, headers = {}) => plain.put(path, body, { ...version, ...headers }),
    patch: (path, body, headers = {}) => plain.patch(path, body, { ...version, ...headers }),
    delete: (path, headers = {}) => plain.delete(path, { ...version, ...headers }),
  };
  await operations.launch();

  const until: TestBaremetal['until'] = async (node, shown) => {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const { json } = await http.get(`/v1/nodes/${node}`);
      if (shown(json)) return json;
      if (Date.now() > deadline) throw new Error(`node ${node} stays ${json.provision_state}: ${json.last_error}`);
      await new Promise((wake) => setTimeout(wake, 10));
    }
  };
  return {
    baremetal,
    operations,
    database,
    http,
    introspection,
    machines,
    agents,
    until,
    async provision(node, target, state, body = {}) {
      const answer = await http.put(`/v1/nodes/${node}/states/provision`, { target, ...body });
      if (answer.status !== 202) throw new Error(`${target}: ${answer.status} ${answer.text}`);
      const end = await until(
        node,
        (now) => now.target_provision_state === null || /failed|error/.test(String(now.provision_state)),
      );
      if (end.provision_state !== state)
        throw new Error(`node ${node} is ${end.provision_state}, not ${state}: ${end.last_error}`);
    },
    async providers() {
      const found = await sql<{ name: string; total: number; reserved: number }>`
        select p.name, i.total, i.reserved from placement_providers p join placement_inventories i on i.provider_id = p.id order by p.name`.execute(
        database,
      );
      return found.rows;
    },
    async events(node) {
      const { json } = await http.get(`/v1/nodes/${node}`);
      const found = await sql<{
        kind: string;
      }>`select kind from events where subject = ${`node:${json.uuid}`} order by id`.execute(database);
      return { rows: found.rows.map(({ kind }) => kind) };
    },
    async stop() {
      await plain.close();
      await introspection.close();
      await machines.close();
      await agents.close();
      await baremetal.stop();
      await operations.shutdown();
      placement.close();
      await drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
