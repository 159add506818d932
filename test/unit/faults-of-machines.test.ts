// Whatever a machine or its BMC does wrong, the work on it ends in a failed state that says why, and succeeds once that is over.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestBaremetal, type TestBaremetal } from '../../src/baremetal/testing/index.ts';
import { createRedfish } from '../../src/hardware/index.ts';
import { type WatchedMachine, type WatchedMachines, watchedMachines } from '../harness/watched-machines.ts';

const faults: readonly (readonly [kind: string, value: string | undefined, reason: RegExp])[] = [
  ['bmc-dead', 'refuse', /cannot be reached/],
  ['bmc-dead', 'hang', /did not answer within/],
  ['bmc-dead', 'close', /cannot be reached/],
  ['bmc-busy', undefined, /answered 503/],
  ['power-stuck', undefined, /still "power off" after "power on" was accepted/],
  ['stuck-post', undefined, /ramdisk did not call back/],
  ['link-down', undefined, /ramdisk did not call back/],
  ['disk-failing', undefined, /I\/O error/],
  ['agent-dies', undefined, /fell silent during/],
];

/** What is asked, where it fails to, what leads back to where it can be asked again, where it succeeds to. */
const verbs = {
  inspect: { failed: 'inspect failed', back: [], done: 'manageable', body: {} },
  clean: {
    failed: 'clean failed',
    back: ['manage'],
    done: 'manageable',
    body: { clean_steps: [{ interface: 'deploy', step: 'erase_devices' }] },
  },
  active: { failed: 'deploy failed', back: [], done: 'active', body: {} },
} as const;
type Verb = keyof typeof verbs;

const cases = faults.flatMap(([kind, value, reason]) =>
  (['inspect', 'clean', 'active'] as const)
    // Inspection neither writes nor erases.
    .filter((verb) => verb !== 'inspect' || (kind !== 'disk-failing' && kind !== 'agent-dies'))
    .map((verb) => ({ kind, value, reason, verb })),
);

let bm: TestBaremetal;
let fleet: WatchedMachines;

beforeAll(async () => {
  bm = await startTestBaremetal({
    hardware: [createRedfish({ pollMs: 5, callTimeoutMs: 2_000, failuresToOpen: 10_000 })],
    images: ['deploy-kernel', 'deploy-ramdisk'].map((id) => ({ id, data: Buffer.from(id) })),
    config: { powerTimeoutMs: 2_000, ramdiskTimeoutMs: 8_000, agentSilenceMs: 1_000, heartbeatTimeoutMs: 2_000 },
  });
  fleet = await watchedMachines(cases.length + 1, bm.machines.url);
}, 60_000);
afterAll(async () => {
  await fleet.close();
  await bm.stop();
});

const path = ({ uuid }: WatchedMachine) => `/v1/nodes/${uuid}`;

async function enrolled(machine: WatchedMachine, verb: Verb): Promise<void> {
  await bm.http.post('/v1/nodes', {
    uuid: machine.uuid,
    driver: 'redfish',
    driver_info: machine.driverInfo,
    inspect_interface: 'agent',
    instance_info: { image_source: `${bm.machines.url}/boot/ipxe/none`, image_checksum: 'none' },
  });
  await bm.http.post('/v1/ports', { node_uuid: machine.uuid, address: machine.mac });
  await bm.provision(machine.uuid, 'manage', 'manageable');
  if (verb === 'active') await bm.provision(machine.uuid, 'provide', 'available');
}

/** The node when the work on it is over. */
function end(machine: WatchedMachine): Promise<Record<string, unknown>> {
  return bm.until(machine.uuid, (now) => {
    const over = now.target_provision_state === null || / failed$/.test(String(now.provision_state));
    return over && now.reservation === null;
  });
}

test.concurrent.each(cases)(
  '$kind $value: $verb fails with the reason, and succeeds afterwards',
  async (one) => {
    const machine = fleet.machines[cases.indexOf(one)];
    if (!machine) throw new Error('the fleet is too small');
    const { failed, back, done, body } = verbs[one.verb];
    const ask = (target: string, more = {}) => bm.http.put(`${path(machine)}/states/provision`, { target, ...more });
    await enrolled(machine, one.verb);
    await machine.fault(one.kind, one.value);
    expect((await ask(one.verb, body)).status).toBe(202);
    const broken = await end(machine);
    expect(broken).toMatchObject({ provision_state: failed, reservation: null, clean_step: {}, deploy_step: {} });
    expect(broken.last_error).toMatch(one.reason);
    await machine.fault(one.kind, 'off');
    for (const target of back) await ask(target);
    expect((await ask(one.verb, body)).status).toBe(202);
    expect(await end(machine)).toMatchObject({ provision_state: done, last_error: null });
  },
  60_000,
);

test('a ramdisk with an old token is not listened to, and the wait ends at its deadline', async () => {
  const machine = fleet.machines.at(-1);
  if (!machine) throw new Error('the fleet is empty');
  await enrolled(machine, 'clean');
  await machine.fault('stuck-post');
  await bm.http.put(`${path(machine)}/states/provision`, { target: 'clean', ...verbs.clean.body });
  await bm.until(machine.uuid, ({ provision_state: state }) => state === 'clean wait');
  const old = { callback_url: 'http://127.0.0.1:1', agent_token: 'x'.repeat(32), agent_version: '1' };
  const answer = await bm.machines.post(`/v1/heartbeat/${machine.uuid}`, old);
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('agent token')]);
  const node = await end(machine);
  expect([node.provision_state, node.last_error]).toEqual([
    'clean failed',
    expect.stringMatching(/ramdisk did not call back/),
  ]);
});
