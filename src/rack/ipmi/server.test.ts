// The IPMI face, asked by the real ipmitool: power and boot device are those of the Redfish face.
import { afterEach, describe, expect, test } from 'vitest';
import { run } from '../run.ts';
import { at } from '../testing/bmc-client.ts';
import { hasIpmiTools, testIpmiBmc } from '../testing/ipmi-bmc.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A BMC with its IPMI face, and ipmitool bound to it. */
async function open() {
  const served = await testIpmiBmc();
  closers.push(served.close);
  const { port, username, password } = served;
  const login = ['-I', 'lanplus', '-C', '3', '-H', '127.0.0.1', '-p', String(port), '-U', username, '-P', password];
  return { ...served, ipmitool: (...words: string[]) => run('ipmitool', [...login, ...words]) };
}

describe.skipIf(!hasIpmiTools)('the IPMI face (skipped where ipmi_sim or ipmitool is not installed)', () => {
  test('power commands reach the machine, and its state is told', async () => {
    const { ipmitool, bmc } = await open();
    expect(await ipmitool('power', 'status')).toContain('is off');
    await ipmitool('power', 'on');
    await expect.poll(() => bmc.machine.power(), { timeout: 10_000 }).toBe('On');
    expect(await ipmitool('power', 'status')).toContain('is on');
    await ipmitool('power', 'off');
    await expect.poll(() => bmc.machine.power(), { timeout: 10_000 }).toBe('Off');
  });

  test('a boot device is an override for one boot', async () => {
    const { ipmitool, bmc } = await open();
    await ipmitool('chassis', 'bootdev', 'pxe');
    expect(bmc.state.boot).toMatchObject({ target: 'Pxe', enabled: 'Once' });
    await ipmitool('chassis', 'bootdev', 'none');
    expect(bmc.state.boot).toMatchObject({ target: 'None', enabled: 'Disabled' });
  });

  test('sensors read as those of the Redfish face do', async () => {
    const { ipmitool, call } = await open();
    expect((await ipmitool('-c', 'sdr', 'list', 'full')).trim().split('\n')).toEqual([
      'Inlet,22,degrees C,ok',
      '12V,12.100,Volts,ok',
    ]);
    const thermal = (await call('GET', '/Chassis/1/Thermal')).body;
    expect(at(thermal, 'Temperatures', 1, 'Name')).toBe('Inlet');
    expect(at(thermal, 'Temperatures', 1, 'ReadingCelsius')).toBe(22);
    expect(at((await call('GET', '/Chassis/1/Power')).body, 'Voltages', 0, 'ReadingVolts')).toBe(12.1);
  });
});
