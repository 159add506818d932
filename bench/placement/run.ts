// Measures placement beside Debian's and prints the ratios.
import { parseArgs } from 'node:util';
import { compareCase } from '../../src/placement/testing/compare.ts';
import { startPeer } from '../service/debian.ts';
import { cpuSeconds, residentMib, type Service } from '../service/service.ts';
import { startUndercloud } from '../service/undercloud.ts';
import { createClient } from './client.ts';
import { compareServices } from './likeness/compare.ts';
import { load } from './load.ts';
import { placementApi } from './peer.ts';
import { ask, claim, reference, subtree } from './workloads.ts';

const { values } = parseArgs({
  options: {
    ours: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    computes: { type: 'string', default: '1000' },
    'brute-force': { type: 'string' },
    likeness: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});

const undercloud = { auth: 'none', path: '/placement' } as const;

interface Figure {
  readonly what: string;
  /** Wall-clock and CPU seconds for each request, claim or load. */
  readonly seconds: number;
  readonly cpu: number;
  readonly perSecond: number;
}

async function timed(service: Service, what: string, count: number, work: () => Promise<unknown>): Promise<Figure> {
  const cpu = cpuSeconds(service);
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  const used = cpuSeconds(service) - cpu;
  const figure = { what, seconds: seconds / count, cpu: used / count, perSecond: count / seconds };
  console.log(
    `${service.name.padEnd(14)} ${what.padEnd(34)} ${ms(figure.seconds)} wall  ${ms(figure.cpu)} CPU  ${figure.perSecond.toFixed(1).padStart(8)}/s`,
  );
  return figure;
}

function ms(seconds: number): string {
  return `${(seconds * 1000).toFixed(seconds < 0.1 ? 2 : 0).padStart(9)} ms`;
}

async function queries(service: Service, rounds: number): Promise<Figure[]> {
  const one = createClient(service.url, 1);
  const ten = createClient(service.url, 10);
  await ask(one, reference, 2, 1);
  await ask(one, subtree, 2, 1);
  const limited = `${reference}&limit=10`;
  const figures = [
    await timed(service, 'reference query, serial', rounds, () => ask(one, reference, rounds, 1)),
    await timed(service, 'reference query, 10 at once', rounds * 3, () => ask(ten, reference, rounds * 3, 10)),
    await timed(service, 'reference query, limit=10', rounds, () => ask(one, limited, rounds, 1)),
    await timed(service, 'same_subtree query, serial', rounds, () => ask(one, subtree, rounds, 1)),
    await timed(service, 'same_subtree query, 10 at once', rounds * 3, () => ask(ten, subtree, rounds * 3, 10)),
    await timed(service, 'same_subtree query, limit=10', rounds, () => ask(one, `${subtree}&limit=10`, rounds, 1)),
  ];
  await one.close();
  await ten.close();
  return figures;
}

async function measure(service: Service, trees: number, rounds: number): Promise<Figure[]> {
  const client = createClient(service.url, 10);
  const loaded = await timed(service, `load ${trees} trees (${trees * 18} requests)`, 1, () => load(client, trees, 4));
  const asked = await queries(service, rounds);
  const claims = await claim(client, trees, 10);
  const claimed = await timed(service, 'claim, 10 at once', trees, claims);
  await client.close();
  console.log(`${service.name.padEnd(14)} resident memory of the server    ${residentMib(service)} MiB`);
  return [loaded, ...asked, claimed];
}

async function likeness(seed: number, count: number): Promise<void> {
  const [peer, ours] = await Promise.all([startPeer(placementApi), startUndercloud(undercloud)]);
  try {
    const found = await compareServices(peer, ours, { seed, count });
    for (const { asked, where, peer: theirs, ours: own } of found)
      console.log(
        `${JSON.stringify(asked)}\n  ${where}\n  peer ${JSON.stringify(theirs)}\n  ours ${JSON.stringify(own)}`,
      );
    console.log(`${count} requests, ${found.length} differences`);
  } finally {
    await Promise.all([peer.stop(), ours.stop()]);
  }
}

async function growth(trees: number): Promise<void> {
  const first = await startUndercloud(undercloud);
  const client = createClient(first.url, 8);
  await timed(first, `load ${trees} trees`, 1, () => load(client, trees, 8));
  await client.close();
  const limited = createClient(first.url, 1);
  await ask(limited, `${reference}&limit=10`, 3, 1);
  await timed(first, 'reference query, limit=10', 50, () => ask(limited, `${reference}&limit=10`, 50, 1));
  await limited.close();
  console.log(`resident memory of the server: ${residentMib(first)} MiB`);
  process.kill(first.pids[0] ?? 0, 'SIGINT');
  await new Promise((resume) => setTimeout(resume, 3000));
  const began = performance.now();
  const again = await startUndercloud({ ...undercloud, data: first.data });
  const fresh = createClient(again.url, 1);
  await ask(fresh, `${reference}&limit=10`, 1, 1);
  console.log(`from start to first answer: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  console.log(`resident memory of the server, freshly started: ${residentMib(again)} MiB`);
  await fresh.close();
  await again.stop();
}

async function bruteForce(cases: number): Promise<void> {
  let candidates = 0;
  let different = 0;
  for (let seed = 1; seed <= cases; seed++) {
    const compared = await compareCase(seed);
    candidates += compared.candidates;
    if (!compared.difference) continue;
    different++;
    console.log(JSON.stringify(compared.difference));
  }
  console.log(`${cases} random forests, ${candidates} candidates, ${different} differ from brute force`);
  if (different > 0) process.exitCode = 1;
}

const trees = Number(values.computes);
if (values['brute-force'] !== undefined) await bruteForce(Number(values['brute-force']));
else if (values.likeness !== undefined) await likeness(Number(values.seed), Number(values.likeness));
else if (values.growth) await growth(Math.max(trees, 10_000));
else {
  const ours = await startUndercloud(undercloud);
  const mine = await measure(ours, trees, 40).finally(() => ours.stop());
  if (!values.ours) {
    const peer = await startPeer(placementApi);
    const theirs = await measure(peer, trees, 5).finally(() => peer.stop());
    console.log('\nratios (peer / ours)');
    for (const [at, figure] of mine.entries()) {
      const other = theirs[at];
      if (!other) continue;
      const wall = other.seconds / figure.seconds;
      const cpu = other.cpu / figure.cpu;
      console.log(`${figure.what.padEnd(34)} ${wall.toFixed(1).padStart(7)}x wall ${cpu.toFixed(1).padStart(7)}x CPU`);
    }
  }
}
