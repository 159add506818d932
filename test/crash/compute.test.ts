// kill -9 of the server at every step of a build: another process goes on, and nothing is done twice.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, openDatabase, startEmbeddedPostgres } from '../../src/database/index.ts';
import { until } from '../harness/until.ts';
import { bundled } from './bundled.ts';
import { sample } from './points.ts';

const folder = mkdtempSync(join(tmpdir(), 'undercloud-build-'));
chmodSync(folder, 0o755);
const postgres = await startEmbeddedPostgres({ folder, unsafe: true });
const database = openDatabase(postgres.url, { maxConnections: 5 });
await migrate(database);
const program = await bundled('src/compute/testing/server.ts');
const children = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await database.destroy();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Server {
  readonly child: ChildProcess;
  readonly compute: string;
  readonly baremetal: string;
  readonly images: string;
  /** What it said on standard error. */
  said(): string;
}

async function startServer(pauseAt?: string): Promise<Server> {
  const child = spawn(process.execPath, [program, postgres.url, join(folder, 'data')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(pauseAt === undefined ? {} : { UNDERCLOUD_PAUSE_AT: pauseAt }) },
  });
  children.add(child);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [line] = await once(child.stdout, 'data');
  const [compute = '', baremetal = '', images = ''] = String(line).trim().split(' ');
  return { child, compute, baremetal, images, said: () => said };
}

async function kill({ child }: Server): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  children.delete(child);
}

// biome-ignore lint/suspicious/noExplicitAny: the test looks into answers of every shape.
async function call(method: string, url: string, body?: unknown): Promise<any> {
  const raw = body instanceof Uint8Array;
  const answer = await fetch(url, {
    method,
    headers: {
      'x-openstack-ironic-api-version': '1.82',
      ...(body === undefined ? {} : { 'content-type': raw ? 'application/octet-stream' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: raw ? Buffer.from(body) : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return answer.headers.get('content-type')?.includes('json') && text !== ''
    ? JSON.parse(text)
    : { status: answer.status };
}

let imageId = '';
let flavorId = '';
let nodeId = '';
beforeAll(async () => {
  const server = await startServer();
  const image = await call('POST', `${server.images}/v2/images`, { disk_format: 'raw', container_format: 'bare' });
  imageId = image.id;
  await call('PUT', `${server.images}/v2/images/${imageId}/file`, new Uint8Array(1000));
  const { flavor } = await call('POST', `${server.compute}/v2.1/flavors`, {
    flavor: { name: 'metal', ram: 1, vcpus: 1, disk: 1 },
  });
  flavorId = flavor.id;
  await call('POST', `${server.compute}/v2.1/flavors/${flavorId}/os-extra_specs`, {
    extra_specs: {
      'resources:VCPU': '0',
      'resources:MEMORY_MB': '0',
      'resources:DISK_GB': '0',
      'resources:CUSTOM_BAREMETAL': '1',
    },
  });
  const node = await call('POST', `${server.baremetal}/v1/nodes`, {
    name: 'one',
    driver: 'fake-hardware',
    driver_info: { fake_id: 'one' },
    resource_class: 'baremetal',
  });
  nodeId = node.uuid;
  await call('POST', `${server.baremetal}/v1/ports`, { node_uuid: nodeId, address: '52:54:00:00:00:01' });
  for (const [target, state] of [
    ['manage', 'manageable'],
    ['provide', 'available'],
  ]) {
    await call('PUT', `${server.baremetal}/v1/nodes/${nodeId}/states/provision`, { target });
    await until(`the node is ${state}`, async () => {
      const now = await call('GET', `${server.baremetal}/v1/nodes/${nodeId}`);
      return now.provision_state === state && now.reservation === null ? true : undefined;
    });
  }
  await kill(server);
});

const points = [
  'begin:before',
  'choose machine 1:before',
  'choose machine 1:unrecorded',
  'choose machine 1:after',
  'attach networks:before',
  'attach networks:unrecorded',
  'attach networks:after',
  'start the deployment:before',
  'start the deployment:unrecorded',
  'start the deployment:after',
  'settle:before',
  'settle:after',
];

test.each(sample(points))('killed at server.build/%s', async (point) => {
  const first = await startServer(`server.build/${point}`);
  const { server } = await call('POST', `${first.compute}/v2.1/servers`, {
    server: { name: 'web', imageRef: imageId, flavorRef: flavorId },
  });
  await until(`paused at ${point}`, async () => (first.said().includes('paused at') ? true : undefined));
  await kill(first);
  const second = await startServer();
  await until('the server is active', async () => {
    const shown = await call('GET', `${second.compute}/v2.1/servers/${server.id}`);
    if (shown.server.status === 'ERROR') throw new Error(shown.server.fault.message);
    return shown.server.status === 'ACTIVE' ? true : undefined;
  });
  const counts = await sql<{ deploys: number; ports: number; allocations: number }>`select
    (select count(*) from operations where kind = 'node.deploy' and parent_id = (select operation_id from compute_servers where id = ${server.id})) as deploys,
    (select count(*) from network_ports where device_id = ${server.id}) as ports,
    (select count(*) from placement_allocations where consumer_uuid = ${server.id}) as allocations`.execute(database);
  expect(counts.rows[0]).toEqual({ deploys: 1, ports: 1, allocations: 1 });
  await call('DELETE', `${second.compute}/v2.1/servers/${server.id}`);
  await until('the server is gone', async () => {
    const shown = await call('GET', `${second.compute}/v2.1/servers/${server.id}`);
    return shown.itemNotFound !== undefined;
  });
  await until('the node is free', async () => {
    const now = await call('GET', `${second.baremetal}/v1/nodes/${nodeId}`);
    return now.provision_state === 'available' && now.reservation === null ? true : undefined;
  });
  await kill(second);
});

test.each(sample(['before', 'unrecorded', 'after']))('killed at server.rebuild/start the rebuild:%s', async (phase) => {
  const first = await startServer(`server.rebuild/start the rebuild:${phase}`);
  const { server } = await call('POST', `${first.compute}/v2.1/servers`, {
    server: { name: 'web', imageRef: imageId, flavorRef: flavorId },
  });
  const shows = async (at: Server, status: string) =>
    until(`the server is ${status}`, async () => {
      const shown = await call('GET', `${at.compute}/v2.1/servers/${server.id}`);
      if (shown.server.status === 'ERROR') throw new Error(shown.server.fault.message);
      return shown.server.status === status ? true : undefined;
    });
  await shows(first, 'ACTIVE');
  await call('POST', `${first.compute}/v2.1/servers/${server.id}/action`, { rebuild: { imageRef: imageId } });
  await until(`paused ${phase}`, async () => (first.said().includes('paused at') ? true : undefined));
  await kill(first);
  const second = await startServer();
  await shows(second, 'ACTIVE');
  const { rows } = await sql<{ rebuilds: number }>`
    select count(*) as rebuilds from operations o join operations p on p.id = o.parent_id
    where o.kind = 'node.deploy' and p.kind = 'server.rebuild' and p.target = ${`server:${server.id}`}`.execute(
    database,
  );
  expect(rows).toEqual([{ rebuilds: 1 }]);
  await call('DELETE', `${second.compute}/v2.1/servers/${server.id}`);
  await until('the server is gone', async () => {
    const shown = await call('GET', `${second.compute}/v2.1/servers/${server.id}`);
    return shown.itemNotFound !== undefined;
  });
  await until('the node is free', async () => {
    const now = await call('GET', `${second.baremetal}/v1/nodes/${nodeId}`);
    return now.provision_state === 'available' && now.reservation === null ? true : undefined;
  });
  await kill(second);
});
