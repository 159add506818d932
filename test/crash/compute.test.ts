// kill -9 at every durable point of Compute's own work in a server's life: another process goes on, and nothing is done twice.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, openDatabase, startEmbeddedPostgres } from '../../src/database/index.ts';
import { until } from '../harness/until.ts';
import { bundled } from './bundled.ts';
import { type Killable, killAll, startKillable } from './killable.ts';
import { pausePoints, sample } from './points.ts';

const folder = mkdtempSync(join(tmpdir(), 'undercloud-build-'));
chmodSync(folder, 0o755);
const postgres = await startEmbeddedPostgres({ folder, unsafe: true });
const database = openDatabase(postgres.url, { maxConnections: 5 });
await migrate(database);
const program = await bundled('src/compute/testing/server.ts');
const pauseFile = join(folder, 'pauses');
afterAll(async () => {
  killAll();
  await database.destroy();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Server extends Killable {
  readonly compute: string;
  readonly baremetal: string;
  readonly images: string;
}

async function startServer(): Promise<Server> {
  const run = await startKillable(program, [postgres.url, join(folder, 'data')], {
    UNDERCLOUD_PAUSE_AT: `@${pauseFile}`,
    UNDERCLOUD_PAUSE_LIST: '1',
  });
  const [compute = '', baremetal = '', images = ''] = run.told.split(' ');
  return { ...run, compute, baremetal, images };
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

let server: Server;
let imageId = '';
let flavorId = '';
let nodeId = '';
beforeAll(async () => {
  writeFileSync(pauseFile, '');
  server = await startServer();
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
});

interface Work {
  readonly name: string;
  /** The action; undefined creates the server. */
  readonly action?: Readonly<Record<string, unknown>>;
  /** The status that shows that it is done; undefined: the server is gone. */
  readonly ends: string | undefined;
}

/** A server's life, each work on what the one before has left. */
const works: readonly Work[] = [
  { name: 'build', ends: 'ACTIVE' },
  { name: 'rebuild', action: { rebuild: {} }, ends: 'ACTIVE' },
  { name: 'stop', action: { 'os-stop': null }, ends: 'SHUTOFF' },
  { name: 'start', action: { 'os-start': null }, ends: 'ACTIVE' },
  { name: 'rescue', action: { rescue: null }, ends: 'RESCUE' },
  { name: 'unrescue', action: { unrescue: null }, ends: 'ACTIVE' },
  { name: 'delete', action: { forceDelete: null }, ends: undefined },
];

const shown = async (id: string) => (await call('GET', `${server.compute}/v2.1/servers/${id}`)).server;

/** The server's id. */
async function begin(work: Work, id: string): Promise<string> {
  if (!work.action) {
    const wanted = { name: 'web', imageRef: imageId, flavorRef: flavorId };
    return (await call('POST', `${server.compute}/v2.1/servers`, { server: wanted })).server.id;
  }
  const body = work.name === 'rebuild' ? { rebuild: { imageRef: imageId } } : work.action;
  await call('POST', `${server.compute}/v2.1/servers/${id}/action`, body);
  return id;
}

async function end(work: Work, id: string): Promise<void> {
  await until(`the ${work.name} is over`, async () => {
    const now = await shown(id);
    if (now?.status === 'ERROR') throw new Error(`${work.name}: ${now.fault.message}`);
    return now?.status === work.ends && !now?.['OS-EXT-STS:task_state'];
  });
  // A server that is gone no longer shows that its machine is still being freed.
  await until(`what was begun for the ${work.name} is over`, async () => {
    const { operations } = await found(id);
    return operations.every(({ state }) => !['queued', 'running', 'waiting'].includes(state));
  });
  if (work.ends !== undefined) return;
  await until('the node is free', async () => {
    const now = await call('GET', `${server.baremetal}/v1/nodes/${nodeId}`);
    return now.provision_state === 'available' && now.reservation === null;
  });
}

/** What there is of a server and of all that was begun for it. */
async function found(id: string) {
  const { rows: operations } = await sql<{ kind: string; state: string; count: number }>`
    with own as (select * from operations where target = ${`server:${id}`})
    select kind, state, count(*)::integer as count
    from (select * from own union select o.* from operations o join own on o.parent_id = own.id) as begun
    group by kind, state order by kind, state`.execute(database);
  const { rows: held } = await sql<{ ports: number; allocations: number }>`select
    (select count(*) from network_ports where device_id = ${id}) as ports,
    (select count(*) from placement_allocations where consumer_uuid = ${id}) as allocations`.execute(database);
  return { operations, held: held[0] };
}

interface Undisturbed {
  readonly points: readonly string[];
  readonly found: Awaited<ReturnType<typeof found>>;
}

/** Work by work in the order of a life. */
async function undisturbed(): Promise<Map<Work, Undisturbed>> {
  const learnt = new Map<Work, Undisturbed>();
  let id = '';
  for (const work of works) {
    const told = server.said().length;
    id = await begin(work, id);
    await end(work, id);
    // What is done to the machine has a test of its own; how often its end is looked for, and waited for, differs from run to run.
    const points = pausePoints(server.said().slice(told)).filter(
      (point) => /^server\..*[^\d ]$/.test(point) && !point.includes('/wait for child:'),
    );
    learnt.set(work, { points: sample(points), found: await found(id) });
  }
  return learnt;
}

/** Does the work, killed at the point on the way. */
async function disturbed(work: Work, id: string, point: string): Promise<string> {
  writeFileSync(pauseFile, point);
  const known = await begin(work, id);
  await until(`paused at ${point}`, () => server.said().includes('paused at '));
  await server.kill();
  writeFileSync(pauseFile, '');
  server = await startServer();
  return known;
}

test("killed at every point of Compute's work in a server's life, it goes on by itself and does nothing twice", async () => {
  const learnt = await undisturbed();
  const points = [...learnt].map(([work, { points }]) => `${work.name} ${points.length}`);
  process.stdout.write(`points: ${points.join(', ')}\n`);
  const lives = Math.max(...[...learnt.values()].map(({ points }) => points.length));
  for (let life = 0; life < lives; life++) {
    let id = '';
    for (const [work, known] of learnt) {
      const point = known.points[life];
      id = point === undefined ? await begin(work, id) : await disturbed(work, id, point);
      await end(work, id);
      expect([point, await found(id)]).toEqual([point, known.found]);
    }
  }
}, 1_200_000);
