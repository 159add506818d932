// The life of fake nodes here and with Debian's Ironic, one after the other in one run, and the ratios.
// usage: npx tsx bench/baremetal/run.ts [--nodes 1000] [--ours]
import { parseArgs } from 'node:util';
import { cpuSeconds, residentMib, type Service } from '../service/service.ts';
import { startUndercloud } from '../service/undercloud.ts';
import { startIronic } from './ironic.ts';
import { live, type Took } from './life.ts';

const { values } = parseArgs({
  options: { nodes: { type: 'string', default: '1000' }, ours: { type: 'boolean', default: false } },
});

async function measure(start: () => Promise<Service>): Promise<Took[]> {
  const service = await start();
  try {
    const before = cpuSeconds(service);
    const took = await live(service.url, Number(values.nodes));
    const cpu = { what: 'CPU of it all, database too', seconds: cpuSeconds(service) - before };
    console.log(`\n${service.name}`);
    for (const line of [...took, cpu]) console.log(shown(line));
    console.log(`${'memory of the server'.padEnd(28)} ${residentMib(service)} MiB`);
    return [...took, cpu];
  } finally {
    await service.stop();
  }
}

function shown({ what, seconds, nodes }: Took): string {
  const each = nodes === undefined ? '' : `  ${(nodes / seconds).toFixed(1)} nodes/s`;
  return `${what.padEnd(28)} ${seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(1)} s`}${each}`;
}

const ours = await measure(() => startUndercloud({ auth: 'none', path: '/baremetal' }));
if (!values.ours) {
  const theirs = await measure(startIronic);
  console.log('\ntimes the peer');
  for (const { what, seconds } of ours) {
    const other = theirs.find((one) => one.what === what);
    if (other) console.log(`${what.padEnd(28)} ${(other.seconds / seconds).toFixed(1)}x`);
  }
}
