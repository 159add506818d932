// Looking after thousands of BMCs from one process: age of the oldest reading of a living one, latency of the API, memory.
// usage: npx tsx bench/baremetal/watch.ts [--machines 3500] [--dead 0.1] [--minutes 4]
// Starts a server and a rack of its own (from dist/ where it is built) and leaves nothing behind.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { cpuSeconds } from '../service/service.ts';
import { startUndercloud } from '../service/undercloud.ts';
import { createApi } from './api.ts';
import { startRack } from './rack.ts';

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: '3500' },
    dead: { type: 'string', default: '0.1' },
    minutes: { type: 'string', default: '4' },
  },
});
const enrolAtOnce = 8;
const requestsEveryMs = 50;

const server = await startUndercloud({
  auth: 'none',
  path: '',
  environment: { UNDERCLOUD_SYNC__POWER_S: '60', UNDERCLOUD_SYNC__SENSORS_S: '60' },
});
const rack = await startRack(['--machines', values.machines, '--delays', 'none']);
try {
  await measure();
} finally {
  await rack.stop();
  await server.stop();
}

async function measure(): Promise<void> {
  const api = createApi(server.url);
  const uuids = await enrolAll(api);
  const dead = rack.nodes.slice(0, Math.round(rack.nodes.length * Number(values.dead)));
  for (const { name } of dead) await rack.fault(name, 'bmc-dead', 'hang');
  await makeManageable();
  const [before, started] = [cpuSeconds(server), performance.now()];
  const living = rack.nodes.length - dead.length;
  for (let minute = 1; minute <= Number(values.minutes); minute++) {
    const times = await askFor(60_000, uuids);
    const { ages, heapMib } = await scrape();
    const line = `minute ${minute}: ${ages.length} of ${living} living read, oldest ${oldest(ages)} s ago`;
    console.log(
      `${line}; API p99 ${percentile(times, 0.99).toFixed(1)} ms; RSS ${residentMib()} MiB, of it heap in use ${heapMib} MiB`,
    );
  }
  const cpu = (cpuSeconds(server) - before) / ((performance.now() - started) / 1000);
  console.log(`CPU of server and PostgreSQL: ${(cpu * 100).toFixed(0)} % of one core`);
}

async function enrolAll(api: ReturnType<typeof createApi>): Promise<string[]> {
  const queue = [...rack.nodes];
  const uuids: string[] = [];
  await Promise.all(
    Array.from({ length: enrolAtOnce }, async () => {
      for (let node = queue.shift(); node; node = queue.shift())
        uuids.push(await api.enrol({ ...node, ports: [] }, {}));
    }),
  );
  return uuids;
}

/** As verifying would, which bench/baremetal/simulated.ts measures. */
async function makeManageable(): Promise<void> {
  const client = new pg.Client({
    host: join(server.data, 'postgresql'),
    user: 'undercloud',
    database: 'undercloud',
  });
  await client.connect();
  await client.query(`update baremetal_nodes set provision_state = 'manageable', power_state = 'power off'`);
  await client.end();
}

/** Milliseconds of each answer to a request for one node, sent at a steady pace. */
async function askFor(ms: number, uuids: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  const underway: Promise<void>[] = [];
  const end = performance.now() + ms;
  for (let count = 0; performance.now() < end; count++) {
    const uuid = uuids[(count * 37) % uuids.length] ?? '';
    const asked = performance.now();
    underway.push(
      fetch(`${server.url}/baremetal/v1/nodes/${uuid}`)
        .then((answer) => answer.arrayBuffer())
        .then(() => void times.push(performance.now() - asked)),
    );
    await wait(requestsEveryMs);
  }
  await Promise.all(underway);
  return times;
}

/** Seconds since the sensors of each machine were read, and what the server's heap holds. */
async function scrape(): Promise<{ ages: number[]; heapMib: number }> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const now = Date.now() / 1000;
  const times = text.matchAll(/^undercloud_sensors_read_timestamp_seconds\{.*\} (\S+)$/gm);
  const heapBytes = Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(text)?.[1]);
  return { ages: [...times].map(([, at]) => now - Number(at)), heapMib: Math.round(heapBytes / 2 ** 20) };
}

function oldest(ages: readonly number[]): string {
  return Math.max(0, ...ages).toFixed(1);
}

function percentile(times: readonly number[], part: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN;
}

function residentMib(): number {
  const status = readFileSync(`/proc/${server.pids[0]}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
}
