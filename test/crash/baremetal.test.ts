// kill -9 of the server at every durable point of the work on machines: another process goes on, and nothing is done twice.
import { deepStrictEqual } from 'node:assert';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, openDatabase, startEmbeddedPostgres } from '../../src/database/index.ts';
import { until } from '../harness/until.ts';
import { type WatchedMachine, type WatchedMachines, watchedMachines } from '../harness/watched-machines.ts';
import { bundled } from './bundled.ts';
import { type Killable, killAll, startKillable } from './killable.ts';
import { lifeOfNode, type Work } from './life-of-node.ts';
import { pausePoints, sample } from './points.ts';

const folder = mkdtempSync(join(tmpdir(), 'undercloud-crash-'));
chmodSync(folder, 0o755);
const postgres = await startEmbeddedPostgres({ folder, unsafe: true });
const database = openDatabase(postgres.url, { maxConnections: 5 });
await migrate(database);
const files = createServer((_request, response) => response.end('image'));
await new Promise<void>((ready) => files.listen(0, '127.0.0.1', ready));
const filesUrl = `http://127.0.0.1:${portOf(files.address())}`;
const machinesPort = await freePort();
const machinesUrl = `http://127.0.0.1:${machinesPort}`;
const program = await bundled('src/baremetal/testing/server.ts');
const pauseFile = join(folder, 'pauses');
const fleets: WatchedMachines[] = [];
afterAll(async () => {
  killAll();
  for (const fleet of fleets) await fleet.close();
  files.close();
  await database.destroy();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const works = lifeOfNode(filesUrl);

class Server {
  static async start(): Promise<Server> {
    return new Server(
      await startKillable(program, [postgres.url, join(folder, 'data'), String(machinesPort)], {
        UNDERCLOUD_PAUSE_AT: `@${pauseFile}`,
        UNDERCLOUD_PAUSE_LIST: '1',
      }),
    );
  }

  readonly #run: Killable;

  private constructor(run: Killable) {
    this.#run = run;
  }

  get said(): string {
    return this.#run.said();
  }

  async kill(): Promise<void> {
    await this.#run.kill();
  }

  // biome-ignore lint/suspicious/noExplicitAny: the test looks into answers of every shape.
  async call(method: string, path: string, body?: unknown): Promise<any> {
    const answer = await fetch(`${this.#run.told}/v1${path}`, {
      method,
      headers: {
        'x-openstack-ironic-api-version': '1.96',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async enrol({ uuid, mac, driverInfo }: WatchedMachine): Promise<void> {
    await this.call('POST', '/nodes', { uuid, driver: 'redfish', driver_info: driverInfo });
    await this.call('POST', '/ports', { node_uuid: uuid, address: mac });
  }

  async begin(work: Work, machine: WatchedMachine): Promise<void> {
    const { uuid } = machine;
    machine.forget();
    toldBefore.set(machine, (await historyOf(this, machine)).length);
    for (const [method, path, body] of work.before ?? []) await this.call(method, `/nodes/${uuid}${path}`, body);
    const what = work.verb === 'rebooting' ? 'power' : 'provision';
    await this.call('PUT', `/nodes/${uuid}/states/${what}`, { target: work.verb, ...work.body });
  }

  /** Lets it go on where it holds. The node as it rests then; undefined while it does not. */
  async rest({ uuid }: WatchedMachine) {
    const node = await this.call('GET', `/nodes/${uuid}`);
    if (/ hold$/.test(node.provision_state))
      await this.call('PUT', `/nodes/${uuid}/states/provision`, { target: 'unhold' });
    const over = node.target_provision_state === null && node.target_power_state === null && node.reservation === null;
    return over || /failed|error/.test(node.provision_state) ? node : undefined;
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address.port;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((ready) => probe.listen(0, '127.0.0.1', ready));
  const port = portOf(probe.address());
  await new Promise((done) => probe.close(done));
  return port;
}

/** Lines of a node's history that are older than its present work. */
const toldBefore = new Map<WatchedMachine, number>();

async function historyOf(server: Server, { uuid }: WatchedMachine): Promise<string[]> {
  const { history } = await server.call('GET', `/nodes/${uuid}/history?detail=true`);
  return history.map(({ event }: { event: string }) => event.replace(/[\d.]+ s$/, 'S'));
}

/** What must be true of a node whose work was cut off: as without, and nothing left behind. */
async function found(server: Server, machine: WatchedMachine) {
  const { uuid } = machine;
  const node = await server.call('GET', `/nodes/${uuid}`);
  const open = await sql<{ kind: string }>`
    select kind from operations where target = ${`node:${uuid}`} and state not in ('done', 'cancelled')`.execute(
    database,
  );
  return {
    state: node.provision_state,
    error: node.last_error,
    power: node.power_state,
    reservation: node.reservation,
    step: [node.clean_step, node.deploy_step, node.service_step],
    unfinished: open.rows.map(({ kind }) => kind),
    history: (await historyOf(server, machine)).slice(toldBefore.get(machine)),
  };
}

interface Undisturbed {
  /** All that the work came by. */
  readonly points: readonly string[];
  /** Those at which it is cut off. */
  readonly chosen: readonly string[];
  readonly done: readonly string[];
  readonly found: Awaited<ReturnType<typeof found>>;
}

/** Each work once on a machine of its own, with nothing in its way. */
async function undisturbed(): Promise<Map<Work, Undisturbed>> {
  const fleet = await watchedMachines(1, machinesUrl);
  const [machine] = fleet.machines;
  if (!machine) throw new Error('a fleet of one has none');
  writeFileSync(pauseFile, '');
  const server = await Server.start();
  const learnt = new Map<Work, Undisturbed>();
  await server.enrol(machine);
  for (const work of works) {
    const told = server.said.length;
    await server.begin(work, machine);
    const node = await until(work.name, () => server.rest(machine));
    expect([work.name, node.provision_state, node.last_error]).toEqual([work.name, work.end, null]);
    await until('it is settled', () => server.said.slice(told).includes('/settle:after of'));
    const points = pausePoints(server.said.slice(told));
    learnt.set(work, {
      points,
      chosen: sample(points),
      done: machine.history(),
      found: await found(server, machine),
    });
  }
  // Nobody looks after it any more.
  await server.call('PUT', `/nodes/${machine.uuid}/maintenance`, {});
  await server.kill();
  await fleet.close();
  return learnt;
}

/** Many machines share the processor with whatever else runs. */
const patience = { withinMs: 300_000 };

let learnt = new Map<Work, Undisturbed>();
let fleet: readonly WatchedMachine[] = [];
let server: Server;
/** Machines that did not come to where the next work begins. */
const lost = new Set<WatchedMachine>();

beforeAll(async () => {
  learnt = await undisturbed();
  const single = [...learnt].filter(([work]) => !work.repeatable).map(([, { chosen }]) => chosen.length);
  const made = await watchedMachines(Math.max(...single, 1) + 1, machinesUrl);
  fleets.push(made);
  // The first of them has the UUID of the machine that was not disturbed.
  fleet = made.machines.slice(1);
  server = await Server.start();
  for (const machine of fleet) await server.enrol(machine);
}, 600_000);

test('the points are those of the program, and without a kill the work is done once', () => {
  const told = [...learnt].map(([work, { points, chosen }]) => `${work.name} ${chosen.length} of ${points.length}`);
  process.stdout.write(`points: ${told.join(', ')}\n`);
  expect(Math.min(...[...learnt.values()].map(({ points }) => points.length))).toBeGreaterThan(5);
  for (const [work, { done }] of learnt) {
    expect(done.filter((one) => one === 'standby.prepare_image').length, work.name).toBe(
      Number(['deploying', 'rebuilding'].includes(work.name)),
    );
  }
});

interface Case {
  readonly machine: WatchedMachine;
  /** Undefined: the machine is not disturbed. */
  readonly point: string | undefined;
}

/** Machines and points side by side; a work that leaves its machine as it was takes as many rounds as it has points for. */
function roundsOf(work: Work, points: readonly string[]): Case[][] {
  const alive = fleet.filter((machine) => !lost.has(machine));
  if (!work.repeatable) return [alive.map((machine, index) => ({ machine, point: points[index] }))];
  return Array.from({ length: Math.ceil(points.length / alive.length) }, (_, round) => {
    const some = points.slice(round * alive.length, (round + 1) * alive.length);
    return alive.slice(0, some.length).map((machine, index) => ({ machine, point: some[index] }));
  });
}

/** Kills the server when every machine's work has come to its point; what is not as without the kill when the next server has ended it. */
async function disturb(work: Work, known: Undisturbed, cases: readonly Case[]): Promise<string[]> {
  const pauses = cases.flatMap(({ machine, point }) => (point === undefined ? [] : `${point} of node:${machine.uuid}`));
  const missing = () => pauses.filter((pause) => !server.said.includes(`paused at ${pause}\n`));
  writeFileSync(pauseFile, pauses.join('\n'));
  const begin = (some: readonly Case[]) => Promise.all(some.map(({ machine }) => server.begin(work, machine)));
  const cutOff = cases.filter(({ point }) => point !== undefined);
  await begin(cutOff);
  await until(
    'every machine has come to its point',
    async () => {
      await Promise.all(cutOff.map(({ machine }) => server.rest(machine)));
      return missing().length === 0;
    },
    patience,
  ).catch((error: unknown) => {
    throw new Error(`${error}: ${missing().join(', ')}`);
  });
  await server.kill();
  writeFileSync(pauseFile, '');
  server = await Server.start();
  // Not before: a machine that asks for its ramdisk while no server runs starts from its disk.
  await begin(cases.filter(({ point }) => point === undefined));
  const wrong: string[] = [];
  for (const { machine, point = 'nowhere' } of cases) {
    try {
      await until(`the work ends that was cut off at ${point}`, () => server.rest(machine), patience);
      // Tells the difference whole, where Vitest shortens it.
      deepStrictEqual([machine.history(), await found(server, machine)], [known.done, known.found]);
    } catch (error) {
      const now = await server.call('GET', `/nodes/${machine.uuid}`);
      if (now.provision_state !== work.end) lost.add(machine);
      const told = error instanceof Error ? error.message : String(error);
      wrong.push(`${point}: ${now.provision_state} ${now.last_error} ${told} ${machine.history().join(', ')}`);
    }
  }
  return wrong;
}

test.each(works.map((work) => [work.name, work] as const))(
  'killed at every point of %s, it goes on by itself and does nothing twice',
  async (name, work) => {
    const known = learnt.get(work);
    if (!known) throw new Error(`${name} was not learnt`);
    const wrong: string[] = [];
    for (const cases of roundsOf(work, known.chosen)) wrong.push(...(await disturb(work, known, cases)));
    expect(wrong).toEqual([]);
  },
  1_200_000,
);
