// One suite for every hardware type: what the contract promises, each implementation must keep.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testBmc } from '../rack/testing/bmc-client.ts';
import { hasIpmiTools, testIpmiBmc } from '../rack/testing/ipmi-bmc.ts';
import {
  createFakeHardware,
  createIpmi,
  createRedfish,
  type DriverInfo,
  type HardwareDriver,
  type HardwareErrorKind,
  type Machine,
} from './index.ts';

interface Subject {
  readonly driver: HardwareDriver;
  readonly info: DriverInfo;
  /** driver_info that must fail with the kind, where the implementation can. */
  readonly broken: Partial<Record<HardwareErrorKind, DriverInfo>>;
  /** What it cannot do by its nature, and why. */
  readonly lacks: Partial<
    Record<'virtual media' | 'inspection' | 'boot mode' | 'persistence' | 'controller' | 'clock' | 'interrupt', string>
  >;
  close(): Promise<void>;
}

const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  'fake-hardware': async () => {
    const driver = createFakeHardware();
    const lacks = {
      inspection: 'nothing is known of a fake machine beyond what its operator says',
      controller: 'a fake machine has no BMC',
      clock: 'a fake machine has no BMC',
    };
    return { driver, info: { fake_id: 'one' }, broken: {}, lacks, close: () => driver.close() };
  },
  'redfish with sessions': () => redfish('session', 'bios'),
  'redfish with basic authentication': () => redfish('basic', 'uefi'),
  ipmi: ipmi,
};
const absent: Readonly<Record<string, string>> = hasIpmiTools ? {} : { ipmi: 'ipmi_sim or ipmitool is not installed' };

async function ipmi(): Promise<Subject> {
  const bmc = await testIpmiBmc();
  const driver = createIpmi({ pollMs: 10, retransmissions: 1 });
  const { port, username, password } = bmc;
  const info = {
    ipmi_address: '127.0.0.1',
    ipmi_port: port,
    ipmi_username: username,
    ipmi_password: password,
    ipmi_cipher_suite: 3,
  };
  return {
    driver,
    info,
    broken: {
      credentials: { ...info, ipmi_password: 'wrong' },
      unreachable: { ...info, ipmi_port: 1 },
      misconfigured: { ...info, ipmi_cipher_suite: 'best' },
    },
    lacks: {
      'virtual media': 'IPMI has none',
      inspection: 'IPMI knows nothing of processors, memory and disks',
      'boot mode': 'IPMI names it only together with a boot device',
      persistence: 'ipmi_sim keeps the device of the boot flags and drops their other bits',
      clock: 'the driver sets no clock over IPMI',
      interrupt: 'ipmi_sim knows no diagnostic interrupt',
    },
    close: async () => {
      await driver.close();
      await bmc.close();
    },
  };
}

async function redfish(auth: string, firmware: 'bios' | 'uefi'): Promise<Subject> {
  const bmc = await testBmc({ firmware });
  const driver = createRedfish({ pollMs: 1, connectTimeoutMs: 1000 });
  const { username, password } = bmc.bmc.spec.bmc;
  const info = {
    redfish_address: bmc.server.url,
    redfish_auth_type: auth,
    redfish_username: username,
    redfish_password: password,
  };
  return {
    driver,
    info,
    broken: {
      credentials: { ...info, redfish_password: 'wrong' },
      unreachable: { ...info, redfish_address: 'http://127.0.0.1:1' },
      misconfigured: { ...info, redfish_system_id: 'no-path' },
    },
    lacks: {},
    close: async () => {
      await driver.close();
      await bmc.close();
    },
  };
}

describe.each(Object.entries(subjects))('%s', (name, make) => {
  let subject: Subject;
  const images = createServer((_request, response) => response.end('image'));
  let imagesUrl: string;
  let machine: Machine;
  const reason = absent[name];
  beforeAll(async () => {
    if (reason) return;
    subject = await make();
    await new Promise<void>((ready) => images.listen(0, '127.0.0.1', ready));
    imagesUrl = `http://127.0.0.1:${(images.address() as AddressInfo).port}`;
    subject.driver.validate(subject.info);
    machine = subject.driver.machine(subject.info);
  });
  afterAll(async () => {
    await subject?.close();
    images.close();
  });
  beforeEach(({ skip }) => {
    if (reason) skip(reason);
  });
  const timeoutMs = 5000;

  test('switches on and off, and asking again for the same does nothing', async () => {
    expect(await machine.power.change('power off', { timeoutMs })).toBe('power off');
    expect(await machine.power.change('power off', { timeoutMs })).toBe('power off');
    expect(await machine.power.change('power on', { timeoutMs })).toBe('power on');
    expect(await machine.power.change('power on', { timeoutMs })).toBe('power on');
    expect(await machine.power.state()).toBe('power on');
    expect(await machine.power.change('rebooting', { timeoutMs })).toBe('power on');
    expect(await machine.power.change('soft power off', { timeoutMs })).toBe('power off');
    expect(await machine.power.change('rebooting', { timeoutMs })).toBe('power on');
  });

  test('keeps a boot device, once or for good', async () => {
    const devices = await machine.management.supportedBootDevices();
    expect(devices).toEqual(expect.arrayContaining(['pxe', 'disk', 'cdrom']));
    await machine.management.setBootDevice('pxe', false);
    expect(await machine.management.bootDevice()).toEqual({ device: 'pxe', persistent: false });
    await machine.management.setBootDevice('disk', true);
    await machine.management.setBootDevice('disk', true);
    const persistent = subject.lacks.persistence === undefined;
    expect(await machine.management.bootDevice()).toEqual({ device: 'disk', persistent });
  });

  test('tells its boot mode', async ({ skip }) => {
    skip(subject.lacks['boot mode'] !== undefined, subject.lacks['boot mode']);
    expect(['bios', 'uefi']).toContain(await machine.management.bootMode());
  });

  test('holds one image in its virtual drive, and ejecting an empty drive is no error', async ({ skip }) => {
    skip(subject.lacks['virtual media'] !== undefined, subject.lacks['virtual media']);
    await machine.virtualMedia.eject();
    expect(await machine.virtualMedia.inserted()).toBeNull();
    await machine.virtualMedia.insert(`${imagesUrl}/a.iso`);
    await machine.virtualMedia.insert(`${imagesUrl}/a.iso`);
    expect(await machine.virtualMedia.inserted()).toBe(`${imagesUrl}/a.iso`);
    await machine.virtualMedia.insert(`${imagesUrl}/b.iso`);
    expect(await machine.virtualMedia.inserted()).toBe(`${imagesUrl}/b.iso`);
    await machine.virtualMedia.eject();
    expect(await machine.virtualMedia.inserted()).toBeNull();
  });

  test('inspects: sizes are numbers in their units and MACs lower case', async ({ skip }) => {
    skip(subject.lacks.inspection !== undefined, subject.lacks.inspection);
    const found = await machine.inspection.inventory();
    expect(found.cpuCount).toBeGreaterThan(0);
    expect(found.memoryMb).toBeGreaterThan(0);
    expect(found.cpuArch).toBe('x86_64');
    expect(await machine.firmware.components()).toEqual([
      { component: 'bios', version: found.biosVersion },
      { component: 'bmc', version: found.bmcVersion },
    ]);
    expect(found.disks.length).toBeGreaterThan(0);
    for (const mac of found.macs) expect(mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
  });

  test('describes every step and every argument, and runs none with arguments that it does not know', async () => {
    const { steps } = subject.driver;
    expect(new Set(steps.map((one) => `${one.interface}.${one.step}`)).size).toBe(steps.length);
    for (const { interface: of, step, args, kinds } of steps) {
      expect(kinds.length).toBeGreaterThan(0);
      for (const [name, schema] of Object.entries(args.properties))
        expect([name, schema.description]).toEqual([name, expect.any(String)]);
      if (subject.driver.name === 'fake-hardware') continue;
      const wrong = async () => machine.steps.run({ interface: of, step, args: { colour: 'red' } });
      await expect(wrong(), step).rejects.toMatchObject({ kind: 'misconfigured' });
    }
    const unknown = async () => machine.steps.run({ interface: 'bios', step: 'polish', args: {} });
    await expect(unknown()).rejects.toMatchObject({ kind: 'unsupported' });
  });

  test('restarts its BMC, which answers again then', async ({ skip }) => {
    skip(subject.lacks.controller !== undefined, subject.lacks.controller);
    await machine.power.change('power on', { timeoutMs });
    await machine.controller.reset(false);
    await expect.poll(() => machine.power.state(), { timeout: timeoutMs }).toBe('power on');
  });

  test('sets the clock of its BMC, to the second', async ({ skip }) => {
    const { clock } = subject.lacks;
    if (clock) await expect(machine.controller.setClock(new Date())).rejects.toMatchObject({ kind: 'unsupported' });
    skip(clock !== undefined, clock);
    const wanted = new Date('2030-06-01T10:00:00Z');
    await machine.controller.setClock(wanted);
    await machine.controller.setClock(wanted);
    expect(Math.abs((await machine.controller.clock()).getTime() - wanted.getTime())).toBeLessThanOrEqual(1_000);
  });

  test('goes on with a machine whose driver_info somebody else has given up', async () => {
    await machine.power.change('power on', { timeoutMs });
    subject.driver.forget?.(subject.info, subject.info);
    expect(await machine.power.state()).toBe('power on');
    subject.driver.forget?.(subject.info, undefined);
    expect(await machine.power.state()).toBe('power on');
    expect(await subject.driver.machine({ ...subject.info, fake_power: 'power on' }).power.state()).toBe('power on');
  });

  test('interrupts a machine that is on', async ({ skip }) => {
    skip(subject.lacks.interrupt !== undefined, subject.lacks.interrupt);
    await machine.power.change('power on', { timeoutMs });
    await machine.management.injectNmi();
    expect(await machine.power.state()).toBe('power on');
  });

  test.each(['credentials', 'unreachable', 'misconfigured'] as const)(
    'tells %s apart from other failures',
    async (kind) => {
      const info = subject.broken[kind];
      // Fake hardware has no address, no password and no required setting that could be wrong.
      if (!info) return expect(subject.driver.name).toBe('fake-hardware');
      await expect((async () => subject.driver.machine(info).power.state())()).rejects.toMatchObject({
        kind,
        hint: expect.any(String),
      });
      // The BMC must not stay locked for the right credentials.
      expect(await subject.driver.machine(subject.info).power.state()).toMatch(/^power /);
    },
  );

  test('never names a password in an error', async () => {
    const info = subject.broken.credentials;
    if (!info) return;
    const error = await subject.driver
      .machine(info)
      .power.state()
      .catch((thrown: unknown) => thrown);
    expect(String(error)).not.toContain('wrong');
  });
});
