// Measures identity beside Debian's keystone and prints the ratios.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPeer } from '../service/debian.ts';
import { cpuSeconds, residentMib, type Service } from '../service/service.ts';
import { startUndercloud } from '../service/undercloud.ts';
import { keystone, keystonePassword } from './peer.ts';
import { createWorkloads, type Workloads } from './workloads.ts';

const { values } = parseArgs({
  options: {
    ours: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
  },
});

/** What a workload has cost so far. */
interface Spent {
  readonly calls: number;
  readonly wall: number;
  readonly cpu: number;
}

interface Contender {
  readonly service: Service;
  readonly workloads: Workloads;
  readonly spent: Map<string, Spent>;
}

async function contender(service: Service, path: string, password: string): Promise<Contender> {
  const workloads = await createWorkloads(`${service.url}${path}`, password, Number(values.seconds));
  return { service, workloads, spent: new Map() };
}

async function round({ service, workloads, spent }: Contender): Promise<void> {
  for (const workload of workloads.list) {
    const prepared = (await workload.prepare?.()) ?? [];
    const cpu = cpuSeconds(service);
    const began = performance.now();
    const calls = await workload.run(prepared);
    const before = spent.get(workload.name) ?? { calls: 0, wall: 0, cpu: 0 };
    spent.set(workload.name, {
      calls: before.calls + calls,
      wall: before.wall + (performance.now() - began) / 1000,
      cpu: before.cpu + cpuSeconds(service) - cpu,
    });
  }
}

function report({ service, spent }: Contender): void {
  for (const [name, { calls, wall, cpu }] of spent) {
    const each = ((cpu / calls) * 1000).toFixed(2).padStart(8);
    const rate = (calls / wall).toFixed(1).padStart(8);
    console.log(`${service.name.padEnd(12)} ${name.padEnd(24)} ${rate}/s ${each} ms CPU each`);
  }
  console.log(`${service.name.padEnd(12)} resident memory of the server ${residentMib(service)} MiB`);
}

function compare(ours: Contender, theirs: Contender): void {
  console.log('\ntimes the peer');
  for (const [name, own] of ours.spent) {
    const other = theirs.spent.get(name);
    if (!other) continue;
    const rate = own.calls / own.wall / (other.calls / other.wall);
    const cpu = other.cpu / other.calls / (own.cpu / own.calls);
    console.log(`${name.padEnd(24)} ${rate.toFixed(1).padStart(7)}x calls/s ${cpu.toFixed(1).padStart(7)}x CPU`);
  }
}

const running: Contender[] = [];
try {
  const undercloud = await startUndercloud({ auth: 'password', path: '/identity' });
  const password = readFileSync(join(undercloud.data, 'admin-password'), 'utf8').trim();
  running.push(await contender(undercloud, '/v3', password));
  if (!values.ours) running.push(await contender(await startPeer(keystone), '/v3', keystonePassword));
  // In turns, so that what else the machine does meets both.
  for (let count = 0; count < Number(values.rounds); count++) for (const one of running) await round(one);
  for (const one of running) report(one);
  const [ours, theirs] = running;
  if (ours && theirs) compare(ours, theirs);
} finally {
  for (const { service, workloads } of running) {
    await workloads.close();
    await service.stop();
  }
}
