// What the ipmi driver does besides the contract: sensors, errors, and where its password goes.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hasIpmiTools, testIpmiBmc } from '../../rack/testing/ipmi-bmc.ts';
import { type BmcExchange, overhear } from '../conversation.ts';
import { createIpmi } from './ipmi.ts';
import { parseSensors } from './sensors.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A program in ipmitool's place that notes its arguments and does as the script says. */
function machineWith(script: string, info: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'ipmi-test-'));
  folders.push(folder);
  const program = join(folder, 'ipmitool');
  writeFileSync(program, `#!/bin/sh\nprintf '%s ' "$@" >> ${folder}/calls; echo >> ${folder}/calls\n${script}\n`);
  chmodSync(program, 0o700);
  const driver = createIpmi({ program, pollMs: 1, failuresToOpen: 100 });
  const machine = driver.machine({ ipmi_address: 'bmc', ipmi_username: 'admin', ipmi_password: 'topsecret', ...info });
  return { machine, calls: () => readFileSync(join(folder, 'calls'), 'utf8') };
}

describe('the ipmi driver', () => {
  test('gives the password in the environment, never on the command line', async () => {
    const { machine, calls } = machineWith('[ "$IPMI_PASSWORD" = topsecret ] && echo Chassis Power is off');
    expect(await machine.power.state()).toBe('power off');
    expect(calls()).not.toContain('topsecret');
    const console = await machine.console.command();
    expect([...console.show, ...console.release].join(' ')).not.toContain('topsecret');
    expect(console.environment).toEqual({ IPMI_PASSWORD: 'topsecret' });
  });

  test('gives a key of any bytes to ipmitool, and nobody sees it on a command line', async () => {
    const script =
      '[ "$(printf %s "$IPMI_KGKEY" | od -An -tx1 | tr -d " \\n")" = 41ff27220a ] && [ -z "$KG_KEY" ] && echo is off';
    const { machine, calls } = machineWith(script, { ipmi_hex_kg_key: '41FF27220A000000' });
    expect(await machine.power.state()).toBe('power off');
    expect(calls()).toContain('-E -K ');
    expect((await machine.console.command()).show.join(' ')).not.toMatch(/41ff|0377/i);
  });

  test('reaches a controller behind two bridges', async () => {
    const bridge = { ipmi_bridging: 'dual', ipmi_transit_channel: '0', ipmi_transit_address: '0x82' };
    const { machine, calls } = machineWith('echo is on', {
      ...bridge,
      ipmi_target_channel: 7,
      ipmi_target_address: '0x72',
    });
    await machine.power.state();
    expect(calls()).toContain('-m 0x20 -B 0 -T 0x82 -b 7 -t 0x72 ');
  });

  test('restarts the BMC and sends raw bytes; a password among them is told to nobody', async () => {
    const { machine, calls } = machineWith('case "$*" in *raw*) echo busy >&2; exit 1;; esac');
    await machine.controller.reset(false);
    expect(calls()).toContain('mc reset cold');
    const told: BmcExchange[] = [];
    const sent = overhear(
      (one) => told.push(one),
      () => machine.controller.raw(['0x06', '0x47', '0x02', '0x02', '0x73']),
    );
    await expect(sent).rejects.toThrow('refused "raw 0x06 0x47 ******": busy');
    expect(told).toMatchObject([{ method: 'ipmitool', path: 'raw 0x06 0x47 ******', status: 1 }]);
  });

  test('its steps send bytes and restart the BMC, until it answers again', async () => {
    const { machine, calls } = machineWith(
      `F=$(dirname $0)/away; case "$*" in *reset*) touch $F;; *mc*info*) if [ -e $F ]; then rm $F; echo "Error: Unable to establish" >&2; exit 1; fi;; esac`,
    );
    const step = (name: string, args: Record<string, unknown>, more = {}) =>
      machine.steps.run({ interface: 'vendor', step: name, args, ...more });
    expect(await step('send_raw', { raw_bytes: '0x06 0x01' })).toEqual({ state: 'done' });
    expect(calls()).toContain('raw 0x06 0x01');
    const away = { state: 'waiting', reason: 'the BMC restarts', afterMs: 10_000, reboot: false };
    expect(await step('bmc_reset', { warm: false })).toEqual({ ...away, memory: { looks: 1 } });
    expect(calls()).toContain('mc reset cold');
    expect(await step('bmc_reset', {}, { memory: { looks: 1 } })).toEqual({ ...away, memory: { looks: 2 } });
    expect(await step('bmc_reset', {}, { memory: { looks: 2 } })).toEqual({ state: 'done' });
  });

  test('bytes whose sending was cut off are not sent again', async () => {
    const { machine, calls } = machineWith('exit 0');
    const request = { interface: 'vendor', step: 'send_raw', args: { raw_bytes: '0x06 0x02' }, again: true };
    await expect(machine.steps.run(request)).rejects.toMatchObject({ kind: 'refused' });
    expect(calls).toThrow('ENOENT');
  });

  test.each(['', '0x06', '0x06 help', '6 300', '-I lan'])('a step does not send "%s"', async (bytes) => {
    const { machine } = machineWith('exit 0');
    const request = { interface: 'vendor', step: 'send_raw', args: { raw_bytes: bytes } };
    await expect(async () => machine.steps.run(request)).rejects.toMatchObject({ kind: 'misconfigured' });
  });

  test('a soft restart is a soft power off that a power on follows', async () => {
    const { machine, calls } = machineWith(
      `F=$(dirname $0)/state; case "$*" in *status) echo Chassis Power is $(cat $F || echo on);; *soft) echo off >$F;; *on) echo on >$F;; esac`,
    );
    expect(await machine.power.change('soft rebooting', { timeoutMs: 1000 })).toBe('power on');
    expect(calls()).toMatch(/power soft.*power on/s);
  });

  test('a boot device goes with the boot mode, after the BMC was told not to forget it', async () => {
    const { machine, calls } = machineWith('echo ok');
    await machine.management.setBootDevice('pxe', true, 'uefi');
    expect(calls()).toMatch(/raw 0x00 0x08 0x03 0x08 \n.*chassis bootdev pxe options=persistent,efiboot/);
  });

  test('is told to keep the timeout of the boot device, and whether the BMC forgets it', async () => {
    const { machine, calls } = machineWith('echo ok', { ipmi_disable_boot_timeout: 'False' });
    await machine.management.setBootDevice('disk', false);
    expect(calls()).not.toContain('raw');
    const { losesBootDevice } = createIpmi();
    expect(
      [{}, { ipmi_force_boot_device: 'true' }, { ipmi_force_boot_device: false }].map((info) =>
        losesBootDevice?.(info),
      ),
    ).toEqual([false, true, false]);
  });

  test('a BMC that does not know the boot timeout still takes the boot device', async () => {
    const { machine, calls } = machineWith(
      'case "$*" in *raw*) echo "Unable to send RAW command (rsp=0xcc): Invalid data field in request" >&2; exit 1;; esac',
    );
    await machine.management.setBootDevice('disk', false);
    expect(calls()).toContain('chassis bootdev disk');
  });

  test.each([
    ['RAKP 2 HMAC is invalid\nError: Unable to establish IPMI v2 / RMCP+ session', 'credentials'],
    ['Get Auth Capabilities error\nError: Unable to establish IPMI v2 / RMCP+ session', 'unreachable'],
    ['Set Chassis Power Control to Diag failed: Invalid data field in request', 'unsupported'],
    ['Set Chassis Power Control to Up/On failed: Node busy', 'refused'],
  ])('tells what failed from what ipmitool says: %s', async (said, kind) => {
    const { machine } = machineWith(`printf '${said.replaceAll('\n', '\\n')}' >&2; exit 1`);
    await expect(machine.power.state()).rejects.toMatchObject({ kind });
  });

  test('a host without ipmitool is told to install it', async () => {
    const machine = createIpmi({ program: '/nonexistent/ipmitool' }).machine({ ipmi_address: 'bmc' });
    await expect(machine.power.state()).rejects.toMatchObject({
      kind: 'misconfigured',
      hint: expect.stringContaining('Install'),
    });
  });

  test.each([
    [{ ipmi_address: '-v' }, 'ipmi_address'],
    [{ ipmi_address: 'bmc', ipmi_port: 'x' }, 'ipmi_port'],
    [{ ipmi_address: 'bmc', ipmi_priv_level: 'ROOT' }, 'ipmi_priv_level'],
    [{ ipmi_address: 'bmc', ipmi_hex_kg_key: 'xy' }, 'ipmi_hex_kg_key'],
    [{ ipmi_address: 'bmc', ipmi_hex_kg_key: '410042' }, 'ipmi_hex_kg_key'],
    [{ ipmi_address: 'bmc', ipmi_bridging: 'triple' }, 'ipmi_bridging'],
    [{ ipmi_address: 'bmc', ipmi_bridging: 'single', ipmi_target_channel: '7' }, 'ipmi_target_address'],
    [{ ipmi_address: 'bmc', ipmi_bridging: 'single', ipmi_target_channel: '-v' }, 'ipmi_target_channel'],
    [
      { ipmi_address: 'bmc', ipmi_bridging: 'dual', ipmi_target_channel: 7, ipmi_target_address: '0x72' },
      'ipmi_transit',
    ],
    [{}, 'ipmi_address'],
  ])('refuses %o, naming the key', (info, key) => {
    expect(() => createIpmi().validate(info)).toThrow(key);
  });
});

test('sensors have the units of the contract, and those that no unit fits are left out', () => {
  const text = [
    'Inlet Temp,23,degrees C,ok',
    'Fan1 RPM,4920,RPM,nc',
    'Fan2 RPM,,,ns',
    'PSU,3.320,Volts,lcr',
    'CPU Usage,0,percent,ok',
  ].join('\n');
  expect(parseSensors(text)).toEqual([
    { kind: 'Temperature', name: 'Inlet Temp', value: 23, unit: 'Cel', health: 'ok' },
    { kind: 'Fan', name: 'Fan1 RPM', value: 4920, unit: 'RPM', health: 'warning' },
    { kind: 'Voltage', name: 'PSU', value: 3.32, unit: 'V', health: 'critical' },
  ]);
});

test.skipIf(!hasIpmiTools)(
  'reads the sensors of a real BMC (skipped where ipmi_sim or ipmitool is not installed)',
  async () => {
    const { port, username, password, close } = await testIpmiBmc();
    const login = { ipmi_address: '127.0.0.1', ipmi_port: port, ipmi_username: username, ipmi_password: password };
    try {
      expect(
        await createIpmi()
          .machine({ ...login, ipmi_cipher_suite: 3 })
          .sensors(),
      ).toEqual([
        { kind: 'Temperature', name: 'Inlet', value: 22, unit: 'Cel', health: 'ok' },
        { kind: 'Voltage', name: '12V', value: 12.1, unit: 'V', health: 'ok' },
      ]);
    } finally {
      await close();
    }
  },
);
