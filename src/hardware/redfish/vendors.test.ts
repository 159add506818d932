// The driver against vendors' services, and against certificates it may or may not trust.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Machine } from '../contract.ts';
import { createRedfish } from './redfish.ts';
import { type ServedVendor, serveVendor, vendors } from './testing/vendors.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(name: keyof typeof vendors): Promise<{ machine: Machine; served: ServedVendor }> {
  const served = await serveVendor(vendors[name]);
  const driver = createRedfish();
  closers.push(served.close, () => driver.close());
  const info = { redfish_address: `http://${served.url}`, redfish_username: 'root', redfish_password: 'x' };
  return { machine: driver.machine(info), served };
}

test.each([
  ['Dell', 'POST', 'Cd', { Inserted: true }],
  ['HPE', 'POST', 'Cd', { Inserted: true }],
  ['Lenovo', 'PATCH', 'Cd', { Inserted: true }],
  ['Supermicro', 'POST', 'UsbCd', {}],
  ['MegaRAC', 'POST', 'Cd', { Inserted: true, TransferProtocolType: 'HTTP', TransferMethod: 'Stream' }],
  ['OpenBMC', 'POST', 'Cd', { Inserted: true }],
] as const)('%s: boots an image from the virtual drive', async (name, method, target, more) => {
  const { machine, served } = await open(name);
  expect(await machine.virtualMedia.inserted()).toBeNull();
  await machine.virtualMedia.insert('http://images/a.iso');
  await machine.management.setBootDevice('cdrom', false);
  expect(served.writes).toMatchObject([
    { method, body: { Image: 'http://images/a.iso', ...more } },
    { body: { Boot: { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: 'Once' } } },
  ]);
});

test('Supermicro: the CD is among the boot devices under its own name', async () => {
  const { machine } = await open('Supermicro');
  expect(await machine.management.supportedBootDevices()).toContain('cdrom');
});

test('MegaRAC: disks are those of the older storage schema', async () => {
  const { machine } = await open('MegaRAC');
  const { disks } = await machine.inspection.inventory();
  expect(disks).toEqual([{ name: 'SATA Port0', sizeBytes: 480_103_981_056, model: 'SSD' }]);
});

test('OpenBMC: a boot device that cannot be set for good is set for the next boot', async () => {
  const { machine, served } = await open('OpenBMC');
  await machine.management.setBootDevice('disk', true);
  expect(served.writes).toMatchObject([
    { body: { Boot: { BootSourceOverrideTarget: 'Hdd', BootSourceOverrideEnabled: 'Once' } } },
  ]);
});

test('OpenBMC: sensors are resources of their own, lamps know on and off', async () => {
  const { machine, served } = await open('OpenBMC');
  expect(await machine.sensors()).toEqual([
    { kind: 'Fan', name: 'fan0', value: 7200, unit: 'RPM', health: 'ok' },
    { kind: 'Temperature', name: 'inlet', value: 24.5, unit: 'Cel', health: 'warning' },
  ]);
  await machine.indicators.set('chassis', 'chassis', 'BLINKING');
  expect(served.writes).toMatchObject([{ method: 'PATCH', body: { LocationIndicatorActive: true } }]);
});

test('Lenovo: takes the drive that a URL can go into, not the first', async () => {
  const { machine, served } = await open('Lenovo');
  await machine.virtualMedia.insert('http://images/a.iso');
  expect(served.writes[0]?.path).toBe('/redfish/v1/Managers/1/VirtualMedia/EXT1');
});

test('Dell: BIOS settings say when they are to be applied, or no job is made for them', async () => {
  const { machine, served } = await open('Dell');
  const settings = [{ name: 'LogicalProc', value: 'Disabled' }];
  const outcome = await machine.steps.run({ interface: 'bios', step: 'apply_configuration', args: { settings } });
  expect(outcome).toMatchObject({ state: 'waiting', reboot: true });
  expect(served.writes[0]?.body).toEqual({
    Attributes: { LogicalProc: 'Disabled' },
    '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' },
  });
});

test('Dell: the jobs of the Lifecycle Controller are cleared with force, and it is ready again', async () => {
  const { machine, served } = await open('Dell');
  const step = { interface: 'management', step: 'clear_job_queue', args: {} };
  const asked = await machine.steps.run(step);
  expect(asked).toMatchObject({ state: 'waiting', reboot: false });
  expect(served.writes).toEqual([
    {
      method: 'POST',
      path: '/redfish/v1/Managers/iDRAC.Embedded.1/Oem/Dell/DellJobService/Actions/DellJobService.DeleteJobQueue',
      body: { JobID: 'JID_CLEARALL_FORCE' },
    },
  ]);
  if (asked.state === 'done') throw new Error('it has not waited');
  expect(await machine.steps.run({ ...step, memory: asked.memory })).toEqual({ state: 'done' });
});

test('Dell: its clock is set in its own local time, without an offset that it refuses to be told', async () => {
  const { machine, served } = await open('Dell');
  // The recorded manager does not take it over: that is told.
  await expect(machine.controller.setClock(new Date('2026-05-01T12:00:00.400Z'))).rejects.toThrow('shows 2026-03-09');
  expect(served.writes).toEqual([
    {
      method: 'PATCH',
      path: '/redfish/v1/Managers/iDRAC.Embedded.1',
      body: { DateTime: '2026-05-01T07:00:00-05:00' },
    },
  ]);
});

test.each([
  ['Dell', 'the manager', 623],
  ['OpenBMC', 'the system, with its port', 664],
] as const)('%s: a console is told of with %s', async (name, _where, port) => {
  const { machine } = await open(name);
  const { show } = await machine.console.command();
  expect(show.join(' ')).toContain(`-H 127.0.0.1 -p ${port} -L ADMINISTRATOR -U root`);
});

test('HPE: a service without a queue of jobs of its own and without tasks says so', async () => {
  const { machine } = await open('HPE');
  const step = { interface: 'management', step: 'clear_job_queue', args: {} };
  await expect(machine.steps.run(step)).rejects.toMatchObject({ kind: 'unsupported' });
});

const update = {
  interface: 'firmware',
  step: 'update',
  args: { settings: [{ component: 'bios', url: 'http://i/f' }] },
};

/** The update asked for; what the BMC's answer leaves to be remembered. */
async function begun(machine: Machine, again: boolean) {
  const looked = await machine.steps.run(update);
  if (looked.state === 'done') throw new Error('the update ended before it began');
  return machine.steps.run({ ...update, memory: looked.memory, again });
}

test('HPE: an update without a task is over when the service says so', async () => {
  const { machine } = await open('HPE');
  const outcome = await begun(machine, false);
  if (outcome.state === 'done') throw new Error('the update ended at once');
  expect(await machine.steps.run({ ...update, memory: outcome.memory })).toMatchObject({
    state: 'waiting',
    reboot: false,
  });
});

test('HPE: a service that writes firmware has heard the request that was cut off', async () => {
  const { machine, served } = await open('HPE');
  expect(await begun(machine, true)).toMatchObject({ state: 'waiting', memory: { monitor: null } });
  expect(served.writes).toEqual([]);
});

test('Supermicro: firmware is not written twice where the BMC does not tell whether it has begun', async () => {
  const { machine, served } = await open('Supermicro');
  await expect(begun(machine, true)).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('does not tell whether it has begun'),
  });
  expect(served.writes).toEqual([]);
});

describe('redfish_verify_ca', () => {
  async function openTls(verify: unknown): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), 'redfish-tls-'));
    closers.push(() => rmSync(folder, { recursive: true, force: true }));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=bmc', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject];
    execFileSync('openssl', [...made, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    const pair = { key: readFileSync(key), cert: readFileSync(certificate) };
    const served = await serveVendor(vendors.Dell, (handler) => createTlsServer(pair, handler));
    const driver = createRedfish();
    closers.push(served.close, () => driver.close());
    return driver.machine({
      redfish_address: served.url,
      redfish_username: 'root',
      redfish_password: 'x',
      redfish_verify_ca: verify === 'the certificate' ? certificate : verify,
    });
  }

  test.each([false, 'False', 'the certificate'])('%s reaches a BMC with a certificate of its own', async (verify) => {
    expect(await (await openTls(verify)).power.state()).toBe('power off');
  });

  test.each([true, undefined])('%s refuses it', async (verify) => {
    await expect((await openTls(verify)).power.state()).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('certificate'),
    });
  });

  test('a file that is not there is told by name', async () => {
    const info = { redfish_address: 'bmc', redfish_verify_ca: '/nowhere.pem' };
    expect(() => createRedfish().validate(info)).toThrow('/nowhere.pem');
  });
});
