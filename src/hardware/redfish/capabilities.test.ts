// What the redfish driver does beyond the contract's core, against the rack's BMC: steps, sensors, lamps, events.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestBmc, testBmc } from '../../rack/testing/bmc-client.ts';
import type { StepMemory, StepOutcome } from '../capabilities.ts';
import type { Machine } from '../contract.ts';
import { createRedfish } from './redfish.ts';

let bmc: TestBmc;
let machine: Machine;
const driver = createRedfish({ pollMs: 1 });

beforeEach(async () => {
  bmc = await testBmc({ held: true, disks: 5 });
  const { username, password } = bmc.bmc.spec.bmc;
  machine = driver.machine({
    redfish_address: bmc.server.url,
    redfish_username: username,
    redfish_password: password,
  });
});
afterEach(async () => {
  await driver.close();
  await bmc.close();
});

/** Calls a step until it is done, as the caller would; the machine restarts where it is asked to. */
async function run(
  of: string,
  step: string,
  args: Record<string, unknown>,
  more: { targetRaidConfig?: Record<string, unknown>; memory?: StepMemory } = {},
): Promise<string[]> {
  const reasons: string[] = [];
  let memory = more.memory;
  for (let calls = 0; calls < 20; calls++) {
    const outcome: StepOutcome = await machine.steps.run({
      interface: of,
      step,
      args,
      ...more,
      ...(memory === undefined ? {} : { memory }),
    });
    if (outcome.state === 'done') return reasons;
    reasons.push(outcome.reboot ? `${outcome.reason} (restart)` : outcome.reason);
    // What the caller keeps goes through JSON.
    memory = JSON.parse(JSON.stringify(outcome.memory));
    if (outcome.reboot) bmc.bmc.bootBegan();
    bmc.settle();
  }
  throw new Error(`the step did not end: ${reasons.join(', ')}`);
}

describe('the board', () => {
  const secureBoot = async () => (await bmc.call('GET', '/Systems/1/SecureBoot')).body;

  test('loses its secure boot keys, and gets those of the factory back', async () => {
    await bmc.call('PATCH', '/Systems/1', { Boot: { BootSourceOverrideMode: 'UEFI' } });
    expect(await secureBoot()).toMatchObject({ SecureBootMode: 'UserMode' });
    await run('management', 'clear_secure_boot_keys', {});
    expect(await secureBoot()).toMatchObject({ SecureBootMode: 'SetupMode' });
    await run('management', 'reset_secure_boot_keys_to_default', {});
    expect(await secureBoot()).toMatchObject({ SecureBootMode: 'UserMode' });
  });

  test('has a BMC that restarts, and the step ends when it answers again', async () => {
    expect(await run('management', 'reset_bmc', { warm: false })).toEqual(['the BMC restarts']);
    await expect(run('management', 'reset_bmc', { warm: 'luke' })).rejects.toMatchObject({ kind: 'misconfigured' });
  });
});

describe('the clock of the BMC', () => {
  const shown = () => machine.controller.clock();
  const soon = (at: Date) => new Date(at.getTime() + 2_000);

  test('is set to a time, or to that of the server, and is left alone when it is right', async () => {
    await run('management', 'set_bmc_clock', { target_datetime: '2031-02-03T04:05:06Z' });
    expect(await shown()).toEqual(new Date('2031-02-03T04:05:06Z'));
    await run('management', 'set_bmc_clock', {
      target_datetime: '2031-02-03T04:05:06Z',
      datetime_local_offset: '-05:30',
    });
    expect((await bmc.call('GET', '/Managers/BMC')).body).toMatchObject({
      DateTime: '2031-02-02T22:35:06-05:30',
      DateTimeLocalOffset: '-05:30',
    });
    const before = new Date(Date.now() - 2_000);
    await run('management', 'set_bmc_clock', {});
    expect((await shown()) > before).toBe(true);
    expect((await shown()) < soon(new Date())).toBe(true);
    const { clock } = bmc.bmc.state;
    await machine.controller.setClock(new Date(Date.parse(String((await shown()).toISOString()))));
    expect(bmc.bmc.state.clock).toEqual(clock);
  });

  test.each([{ target_datetime: 'noon' }, { target_datetime: '2026-13-01T00:00:00Z' }, { datetime_local_offset: '2' }])(
    'is not set to %j',
    async (args) => {
      await expect(run('management', 'set_bmc_clock', args)).rejects.toMatchObject({ kind: 'misconfigured' });
      expect(bmc.bmc.state.clock).toBeUndefined();
    },
  );
});

test('the queue of jobs is emptied: a firmware update that had begun is not done', async () => {
  const task = bmc.bmc.tasks.begin('Update firmware', () => bmc.bmc.change({ assetTag: 'written' }));
  expect(await run('management', 'clear_job_queue', {})).toEqual([]);
  bmc.settle();
  await expect.poll(() => task.state).toBe('Completed');
  expect([bmc.bmc.state.assetTag, bmc.bmc.tasks.list()]).toEqual(['', []]);
});

describe('BIOS settings', () => {
  test('are told with what the registry knows of them', async () => {
    const settings = await machine.bios.settings();
    expect(settings.find(({ name }) => name === 'NumaNodesPerSocket')).toMatchObject({
      value: '1',
      attribute_type: 'Integer',
      lower_bound: 1,
      upper_bound: 4,
      read_only: false,
      reset_required: true,
    });
    expect(settings.find(({ name }) => name === 'ProcHyperthreading')?.allowable_values).toEqual([
      'Enabled',
      'Disabled',
    ]);
  });

  test('change with one restart, and asking for what is so already needs none', async () => {
    const settings = [
      { name: 'ProcHyperthreading', value: 'Disabled' },
      { name: 'NumaNodesPerSocket', value: '2' },
    ];
    expect(await run('bios', 'apply_configuration', { settings })).toHaveLength(1);
    expect(bmc.bmc.state.bios).toMatchObject({ ProcHyperthreading: 'Disabled', NumaNodesPerSocket: 2 });
    expect(await run('bios', 'apply_configuration', { settings })).toEqual([]);
  });

  test('a setting that the BIOS does not have is told before anything changes', async () => {
    const settings = [{ name: 'Nonsense', value: '1' }];
    await expect(run('bios', 'apply_configuration', { settings })).rejects.toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining('Nonsense'),
    });
  });

  test('that a restart did not bring are refused by name, after ten looks', async () => {
    const settings = [{ name: 'ProcHyperthreading', value: 'Disabled' }];
    await expect(run('bios', 'apply_configuration', { settings }, { memory: { looks: 0 } })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('ProcHyperthreading'),
    });
  });

  test('go back to those of the factory', async () => {
    bmc.bmc.change({ bios: { ...bmc.bmc.state.bios, BootRetry: false } });
    expect(await run('bios', 'factory_reset', {})).toHaveLength(1);
    expect(bmc.bmc.state.bios.BootRetry).toBe(true);
  });
});

describe('RAID', () => {
  const targetRaidConfig = {
    logical_disks: [
      { size_gb: 4, raid_level: '1', is_root_volume: true, volume_name: 'system' },
      { size_gb: 'MAX', raid_level: '5' },
    ],
  };

  test('creates the volumes of the target one after another, and again nothing', async () => {
    await run('raid', 'create_configuration', {}, { targetRaidConfig });
    const disks = await machine.raid.logicalDisks();
    expect(
      disks.map(({ volume_name, raid_level, size_gb, physical_disks }) => [
        volume_name,
        raid_level,
        size_gb,
        physical_disks.length,
      ]),
    ).toEqual([
      ['system', '1', 4, 2],
      ['volume-2', '5', 16, 3],
    ]);
    expect(await run('raid', 'create_configuration', {}, { targetRaidConfig })).toEqual([]);
  });

  test('deletes all volumes, or only makes the root volume, where it is asked to', async () => {
    await run('raid', 'create_configuration', { create_nonroot_volumes: false }, { targetRaidConfig });
    expect(await machine.raid.logicalDisks()).toHaveLength(1);
    await run('raid', 'apply_configuration', { raid_config: { logical_disks: [{ size_gb: 1, raid_level: '0' }] } });
    expect((await machine.raid.logicalDisks()).map(({ raid_level: level }) => level)).toEqual(['0']);
    await run('raid', 'delete_configuration', {});
    expect(await machine.raid.logicalDisks()).toEqual([]);
  });

  test('too few drives are told with how many fit', async () => {
    const big = { logical_disks: [{ size_gb: 100, raid_level: '1' }] };
    await expect(run('raid', 'create_configuration', {}, { targetRaidConfig: big })).rejects.toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining('0 of 5'),
    });
  });
});

/** Where firmware images are fetched from. */
const images = createServer((_request, response) => response.end('firmware'));
let url: string;
beforeAll(async () => {
  await new Promise<void>((ready) => images.listen(0, '127.0.0.1', ready));
  const { port }: AddressInfo = Object(images.address());
  url = `http://127.0.0.1:${port}`;
});
afterAll(() => void images.close());

describe('firmware', () => {
  test('is updated by the BMC one component after another; the machine restarts, the BMC does so itself', async () => {
    const reasons = await run('firmware', 'update', {
      settings: [
        { component: 'bmc', url: `${url}/bmc-1.2.0.bin` },
        { component: 'bios', url: `${url}/bios-1.17.0.bin` },
      ],
    });
    expect(await machine.firmware.components()).toEqual([
      { component: 'bios', version: '1.17.0' },
      { component: 'bmc', version: '1.2.0' },
    ]);
    expect(reasons.filter((reason) => reason.endsWith('(restart)'))).toEqual([
      'the firmware of bios is written (restart)',
    ]);
  });

  test('is updated from images of any part, each checked before, with a pause after it', async () => {
    const checksum = createHash('sha256').update('firmware').digest('hex');
    const image = (name: string, more = {}) => ({ url: `${url}/${name}`, checksum, ...more });
    const reasons = await run('management', 'update_firmware', {
      firmware_images: [image('bmc-1.3.0.bin', { wait: 300, source: 'http' }), image('bios-1.18.0.bin')],
    });
    expect((await machine.firmware.components()).map(({ version }) => version)).toEqual(['1.18.0', '1.3.0']);
    expect(reasons.filter((reason) => reason.endsWith('(restart)'))).toEqual([
      'the firmware bmc-1.3.0.bin is written (restart)',
      'the firmware bios-1.18.0.bin is written (restart)',
    ]);
    const memory = { index: 0, monitor: '/redfish/v1/TaskService/TaskMonitors/1' };
    const args = { firmware_images: [image('bmc-1.3.0.bin', { wait: 300 })] };
    const written = await machine.steps.run({ interface: 'management', step: 'update_firmware', args, memory });
    expect(written).toMatchObject({ reboot: true, afterMs: 300_000 });
  });

  test.each([
    ['bios-1.18.0.bin', '0'.repeat(40), 'has the sha1'],
    ['gone', '0'.repeat(64), 'cannot be read to check it'],
  ])('an image %s that is not what its checksum says is never sent to the BMC', async (name, checksum, words) => {
    const firmware_images = [{ url: `${name === 'gone' ? 'http://127.0.0.1:1' : url}/${name}`, checksum }];
    await expect(run('management', 'update_firmware', { firmware_images })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(words),
    });
    expect(bmc.bmc.tasks.list()).toEqual([]);
  });

  test('an image that the BMC refuses fails the step with its words', async () => {
    const settings = [{ component: 'bios', url: `${url}/holiday.jpg` }];
    await expect(run('firmware', 'update', { settings })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('no firmware'),
    });
  });
});

describe('a call that was cut off after the BMC had heard it', () => {
  /** Calls the step to its end; each call that changes something is made, forgotten, and made again. */
  async function runTwice(of: string, step: string, args: Record<string, unknown>, more = {}): Promise<number> {
    let memory: StepMemory | undefined;
    for (let calls = 0; calls < 40; calls++) {
      const request = { interface: of, step, args, ...more, ...(memory ? { memory } : {}) };
      const first = await machine.steps.run(request);
      // Whoever was cut off comes back while the work goes on, or when it is over.
      if (calls % 2 === 0) bmc.settle();
      const outcome: StepOutcome =
        first.state === 'done' ? first : await machine.steps.run({ ...request, again: true });
      bmc.settle();
      if (outcome.state === 'done') return bmc.bmc.tasks.list().length;
      memory = JSON.parse(JSON.stringify(outcome.memory));
      if (outcome.reboot) bmc.bmc.bootBegan();
    }
    throw new Error('the step did not end');
  }

  test('makes no second firmware update', async () => {
    const settings = [
      { component: 'bios', url: `${url}/bios-1.17.0.bin` },
      { component: 'bmc', url: `${url}/bmc-1.2.0.bin` },
    ];
    expect(await runTwice('firmware', 'update', { settings })).toBe(2);
    expect((await machine.firmware.components()).map(({ version }) => version)).toEqual(['1.17.0', '1.2.0']);
  });

  test('deletes and makes each volume once', async () => {
    const disks = (...names: string[]) => ({
      targetRaidConfig: { logical_disks: names.map((name) => ({ size_gb: 4, raid_level: '1', volume_name: name })) },
    });
    expect(await runTwice('raid', 'create_configuration', {}, disks('a', 'b'))).toBe(2);
    expect(await runTwice('raid', 'create_configuration', { delete_existing: true }, disks('c'))).toBe(5);
    expect((await machine.raid.logicalDisks()).map(({ volume_name: name }) => name)).toEqual(['c']);
    expect(await runTwice('raid', 'delete_configuration', {})).toBe(6);
  });

  test.each([
    ['apply_configuration', { settings: [{ name: 'ProcHyperthreading', value: 'Enabled' }] }],
    ['factory_reset', {}],
  ])('finds the BIOS settings of %s that wait for the restart', async (step, args) => {
    await run('bios', 'apply_configuration', { settings: [{ name: 'ProcHyperthreading', value: 'Disabled' }] });
    const request = { interface: 'bios', step, args };
    const asked = await machine.steps.run(request);
    const { biosPending } = bmc.bmc.state;
    expect(await machine.steps.run({ ...request, again: true })).toEqual(asked);
    expect(bmc.bmc.state.biosPending).toBe(biosPending);
  });
});

test('a step that is not offered, or with wrong arguments, is refused by name', async () => {
  await expect(run('bios', 'polish', {})).rejects.toMatchObject({ kind: 'unsupported' });
  await expect(run('bios', 'apply_configuration', {})).rejects.toMatchObject({ kind: 'misconfigured' });
  await expect(run('raid', 'delete_configuration', { now: true })).rejects.toThrow(/raid.delete_configuration.*now/);
});

test('sensors have kind, unit and health', async () => {
  const sensors = await machine.sensors();
  expect(sensors).toContainEqual({ kind: 'Temperature', name: 'Inlet', value: 22, unit: 'Cel', health: 'ok' });
  expect(sensors).toContainEqual({ kind: 'Power', name: 'System power', value: 12, unit: 'W', health: 'ok' });
  expect(sensors.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Fan', 'Voltage']));
});

test('a lamp that is lit shows on the system and on its chassis', async () => {
  expect(await machine.indicators.list()).toContainEqual({
    component: 'system',
    id: '1',
    states: ['ON', 'OFF', 'BLINKING'],
  });
  await machine.indicators.set('chassis', '1', 'BLINKING');
  expect(await machine.indicators.state('system', '1')).toBe('BLINKING');
  await expect(machine.indicators.state('system', 'nose')).rejects.toMatchObject({ kind: 'unsupported' });
});

test('events are subscribed to once and unsubscribed from twice without harm', async () => {
  const made = await machine.events.subscribe({ destination: 'http://127.0.0.1:1/events', context: 'rack' });
  expect(await machine.events.list()).toEqual([made]);
  expect(made).toMatchObject({ destination: 'http://127.0.0.1:1/events', context: 'rack', protocol: 'Redfish' });
  await machine.events.unsubscribe(made.id);
  await machine.events.unsubscribe(made.id);
  expect(await machine.events.list()).toEqual([]);
});

test('a console is there where the BMC says so, for the user of its Redfish service unless another is named', async () => {
  await expect(machine.console.command()).rejects.toMatchObject({ kind: 'unsupported' });
  const speaking = await testBmc({ ipmi: true });
  const { username, password } = speaking.bmc.spec.bmc;
  const info = { redfish_address: speaking.server.url, redfish_username: username, redfish_password: password };
  const open = (more: object) => driver.machine({ ...info, ipmi_port: 6230, ...more }).console.command();
  expect((await open({})).show.join(' ')).toContain(`-H 127.0.0.1 -p 6230 -L ADMINISTRATOR -U ${username}`);
  expect((await open({})).environment).toEqual({ IPMI_PASSWORD: password });
  expect((await open({ ipmi_password: 'other' })).environment).toEqual({ IPMI_PASSWORD: 'other' });
  await speaking.close();
});

test('secure boot is asked for now and in force from the next boot on', async () => {
  await machine.management.setSecureBoot(true);
  expect(await machine.management.secureBoot()).toBe(false);
  bmc.bmc.bootBegan();
  expect(await machine.management.secureBoot()).toBe(true);
});
