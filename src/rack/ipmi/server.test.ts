// The IPMI face, asked by the real ipmitool: power and boot device are those of the Redfish face.
import { afterEach, describe, expect, test } from 'vitest';
import { run } from '../run.ts';
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
});
