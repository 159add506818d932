// The server is killed at every durable step of a deployment, and the deployment goes on to its end by itself.
import { afterAll, describe, expect, test } from 'vitest';
import { machineOnMemory } from '../harness/machine-on-memory.ts';
import { temporaryFolder, type Undercloud, up } from '../harness/undercloud.ts';
import { deploy, deployed, endState, prepare, removed } from './cloud.ts';
import { pausePoints, sample } from './points.ts';
import { provisioningNetwork } from './provisioning-network.ts';

const root = process.getuid?.() === 0;
const port = 8388;

/** Points within the work on the machine are those of the test of bare metal: here one before each of its steps is enough. */
const wanted = (point: string) => !point.startsWith('node.') || point.endsWith(':before');

async function setting() {
  const folder = temporaryFolder();
  const network = provisioningNetwork('uccrash0', '192.168.127.1');
  const machine = await machineOnMemory(`http://${network.address}:${port}`);
  let cloud: Undercloud | undefined;
  const close = async () => {
    await cloud?.run.kill('SIGKILL');
    await machine.close();
    network.remove();
    folder.remove();
  };
  /** Kills what runs and starts the server anew. */
  const serve = async (env: NodeJS.ProcessEnv = {}): Promise<Undercloud> => {
    await cloud?.run.kill('SIGKILL');
    cloud = await up(folder.path, {
      flags: ['--provision', network.interface],
      env: { UNDERCLOUD_PROVISION__PORT: String(port), UNDERCLOUD_CLEANING__AUTOMATED: 'false', ...env },
    });
    return cloud;
  };
  try {
    const first = await serve({ UNDERCLOUD_PAUSE_AT: 'none', UNDERCLOUD_PAUSE_LIST: '1' });
    await prepare(first, machine);
    const before = first.run.output().length;
    machine.forget();
    await deploy(first);
    await deployed(first);
    const points = pausePoints(first.run.output().slice(before)).filter(wanted);
    const undisturbed = { history: machine.history(), end: await endState(first) };
    await removed(first);
    return { machine, serve, close, points, undisturbed };
  } catch (error) {
    await close();
    throw error;
  }
}

if (!root) process.stdout.write('skipped: the machines of these tests call a network that only root can make\n');
const here = root ? await setting() : undefined;
afterAll(() => here?.close());

describe.runIf(here)('a deployment (root only: needs a network for its machine)', () => {
  test('has its machine switched on, written and restarted once when nothing disturbs it', () => {
    expect(here?.undisturbed.history.filter((entry) => entry === 'write the image')).toHaveLength(1);
    expect(here?.undisturbed.end).toMatchObject({
      servers: ['ACTIVE'],
      nodes: [['active', 'power on', true, false]],
      unfinished: [],
    });
    expect(here?.points.length).toBeGreaterThan(20);
  });

  test.each(sample(here?.points ?? []))('goes on by itself after the server was killed at %s', async (point) => {
    if (!here) return;
    const { machine, serve, undisturbed } = here;
    const paused = await serve({ UNDERCLOUD_PAUSE_AT: point });
    machine.forget();
    await deploy(paused);
    await paused.run.says(/^paused at /m);
    const cloud = await serve();
    await deployed(cloud);
    // Nothing that touches the machine happened twice, and no row says anything else than without the kill.
    expect(machine.history()).toEqual(undisturbed.history);
    expect(await endState(cloud)).toEqual(undisturbed.end);
    await removed(cloud);
  });
});
