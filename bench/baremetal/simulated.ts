// Simulated machines over real Redfish and agent HTTP: enrol, inspect, clean, deploy to active; seconds in all and by stage.
// usage: npx tsx bench/baremetal/simulated.ts [--machines 1000] [--delays none|ironic] [--limit-s 1500] [--profile DIR]
// `--profile` leaves a CPU profile of the server. Starts a server and a rack of its own (from dist/ where it is built) and leaves nothing behind.
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuSeconds, residentMib } from '../service/service.ts';
import { startUndercloud } from '../service/undercloud.ts';
import { freePort } from '../service/wait.ts';
import { createApi, imageBytes, type NodeState } from './api.ts';
import { startRack } from './rack.ts';

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: '1000' },
    delays: { type: 'string', default: 'none' },
    'limit-s': { type: 'string', default: '1500' },
    profile: { type: 'string' },
  },
});
const machines = Number(values.machines);
const enrolAtOnce = 8;

/** What is asked of a node in each state; a node in the last state is where it should be. */
const verbs: Readonly<Record<string, { readonly target: string; readonly stage: string }>> = {
  enroll: { target: 'manage', stage: 'verify' },
  manageable: { target: 'inspect', stage: 'inspect' },
  inspected: { target: 'provide', stage: 'clean' },
  available: { target: 'active', stage: 'deploy' },
};

const port = await freePort();
const server = await startUndercloud({
  auth: 'none',
  path: '',
  node: values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`],
  environment: {
    UNDERCLOUD_PROVISION__INTERFACE: 'lo',
    UNDERCLOUD_PROVISION__DHCP: 'false',
    UNDERCLOUD_PROVISION__PORT: String(port),
    // Without it the next port, which may be the one of the APIs.
    UNDERCLOUD_PROVISION__TLS_PORT: String(await freePort()),
  },
});
const rack = await startRack([
  ...['--machines', values.machines, '--delays', values.delays],
  ...['--boot-url', `http://127.0.0.1:${port}`],
]);
try {
  const api = createApi(server.url);
  for (const name of ['deploy-kernel', 'deploy-ramdisk', 'image']) await api.addImage(name, imageBytes(64 << 10));
  const failures = await live(api);
  const rackService = { ...server, pids: [rack.pid] };
  const cpu = { server: cpuSeconds(server).toFixed(0), rack: cpuSeconds(rackService).toFixed(0) };
  console.log(
    `CPU: server and PostgreSQL ${cpu.server} s, rack ${cpu.rack} s; memory of the server ${residentMib(server)} MiB`,
  );
  if (failures > 0) process.exitCode = 1;
} finally {
  await rack.stop();
  await server.stop();
}

/** Brings all machines to active, each as fast as it goes; how many did not come there. */
async function live(api: ReturnType<typeof createApi>): Promise<number> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const inspected = new Set<string>();
  const asked = new Map<string, { stage: string; at: number }>();
  const took = new Map<string, number[]>();
  const ended = new Map<string, string>();
  const queue = [...rack.nodes];
  const enrolling = Promise.all(
    Array.from({ length: enrolAtOnce }, async () => {
      for (let node = queue.shift(); node; node = queue.shift()) {
        const image = { instance_info: { image_source: 'image' }, inspect_interface: 'agent' };
        await api.enrol(node, image);
      }
    }),
  ).then(() => console.log(`${seconds().toFixed(1)} s: all enrolled`));

  async function goOn({ uuid, name, provision_state: state, last_error: error }: NodeState): Promise<void> {
    const before = asked.get(uuid);
    if (state === 'active' || /fail|error/.test(state)) {
      ended.set(uuid, state === 'active' ? '' : `${name} is ${state}: ${error}`);
      if (before) (took.get(before.stage) ?? []).push(seconds() - before.at);
      return;
    }
    // Inspection ends in the state it began in.
    const isBack = state === 'manageable' && before?.stage === 'inspect';
    const verb = verbs[isBack ? 'inspected' : state];
    if (!verb || before?.stage === verb.stage) return;
    if (isBack) inspected.add(uuid);
    if (before) (took.get(before.stage) ?? []).push(seconds() - before.at);
    took.set(verb.stage, took.get(verb.stage) ?? []);
    await api.ask(uuid, verb.target);
    asked.set(uuid, { stage: verb.stage, at: seconds() });
  }

  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
  });
  let told = 0;
  while (!interrupted && ended.size < machines && seconds() < Number(values['limit-s'])) {
    const states = (await api.states()).filter((node) => node.reservation === null && !ended.has(node.uuid));
    for (let at = 0; at < states.length; at += 16) await Promise.all(states.slice(at, at + 16).map(goOn));
    if (seconds() - told > 10) {
      told = seconds();
      console.log(`${told.toFixed(0)} s: ${ended.size} of ${machines} at the end, ${inspected.size} inspected`);
    }
    await wait(500);
  }
  await enrolling;
  const total = seconds();
  const failures = [...ended.values()].filter((text) => text !== '');
  const lost = machines - ended.size;
  for (const [stage, all] of took) {
    const sorted = all.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
    console.log(`${stage}: median ${median.toFixed(1)} s, longest ${(sorted.at(-1) ?? Number.NaN).toFixed(1)} s`);
  }
  for (const text of failures.slice(0, 5)) console.log(text);
  console.log(`${machines} machines in ${total.toFixed(1)} s: ${failures.length} failed, ${lost} lost`);
  return failures.length + lost;
}
