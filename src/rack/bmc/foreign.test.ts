// The BMC as other people's Redfish clients see it: OpenStack's sushy and DMTF's redfishtool.
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../run.ts';
import { type TestBmc, testBmc } from '../testing/bmc-client.ts';
import { resetTypes } from './bmc.ts';
import { bootTargets } from './state.ts';

/** Debian's, where its packages are: another Python on the PATH does not see them. */
const python = '/usr/bin/python3';
const hasSushy = spawnSync(python, ['-c', 'import sushy']).status === 0;
const hasRedfishtool = spawnSync('which', ['redfishtool']).status === 0;

let served: TestBmc;
const images = createServer((_request, response) => response.end('image'));
let image: string;
beforeEach(async () => {
  served = await testBmc();
  await new Promise<void>((ready) => images.listen(0, '127.0.0.1', ready));
  image = `http://127.0.0.1:${(images.address() as AddressInfo).port}/cd.iso`;
});
afterEach(async () => {
  images.close();
  await served.close();
});

describe.skipIf(!hasSushy)('sushy (skipped where Debian’s python3-sushy is not installed)', () => {
  test.each(['basic', 'session'])('finds and does everything, signed in by %s', async (signing) => {
    const { username, password } = served.bmc.spec.bmc;
    const script = fileURLToPath(new URL('../testing/sushy-client.py', import.meta.url));
    const found: unknown = JSON.parse(
      await run(python, [script, served.server.url, username, password, image, signing]),
    );
    expect(found).toMatchObject({
      power: ['On', 'Off'],
      boot: ['Pxe', 'Once'],
      hyperthreading: 'Disabled',
      inserted: image,
      ejected: true,
      drives: 2,
      volumes: ['mirror'],
      lamp: 'Blinking',
      bios: '1.17.0',
      nics: [served.bmc.spec.nics[0]?.mac.toUpperCase()],
      processors: 1,
      temperatures: [22, 22],
      subscriptions: 1,
    });
  });
});

describe.skipIf(!hasSushy)('sushy reads and acts on every resource that it knows', () => {
  test('of a machine that is off', async () => {
    const { spec } = served.bmc;
    const { username, password } = spec.bmc;
    const script = fileURLToPath(new URL('../testing/sushy-resources.py', import.meta.url));
    const found: unknown = JSON.parse(
      await run(python, [script, served.server.url, username, password, new URL(image).origin]),
    );
    const size = spec.disks[0]?.sizeBytes ?? 0;
    expect(found).toEqual({
      system: {
        ...{ uuid: spec.uuid, serial: spec.serial, vendor: 'Undercloud', state: 'Disabled', modes: 'Legacy' },
        // Sushy reads whole gibibytes.
        memory: Math.floor(spec.memoryMb / 1024),
        resets: [...resetTypes].sort(),
        'boot targets': [...bootTargets].sort(),
        ...{ managers: ['BMC'], chassis: ['1'] },
      },
      manager: {
        ...{ type: 'BMC', firmware: '1.0.0', resets: ['ForceRestart', 'GracefulRestart'] },
        ...{ systems: ['1'], chassis: ['1'] },
      },
      chassis: { type: 'RackMount', power: 'Off', systems: ['1'], managers: ['BMC'], lamp: 'Lit' },
      power: { watts: 12, capacity: 500 },
      fans: [['Fan 1', 0]],
      cpu: ['x86', 'x86-64', 1],
      nic: [spec.nics[0]?.mac.toUpperCase(), 'OK'],
      drive: [size, 'SSD', 'PCIe', `${spec.serial}-0`],
      largest: [size, true],
      controllers: ['VirtIO block'],
      array: ['RAID0', 2 * size, 2 * size],
      bios: { pending: 'Disabled', now: 'Enabled', 'after reset': 'Enabled' },
      'secure boot': [true, 'Disabled'],
      media: ['cd.iso', true, true, ['CD', 'DVD'], 'URI', false],
      firmware: { BIOS: '1.16.2', BMC: '1.0.0' },
      update: [200, 200],
      tasks: [
        ...Array.from({ length: 3 }, () => ['Completed', 'Base.1.8.Success']),
        ['Exception', 'Base.1.8.InternalError'],
      ],
      subscription: [`${new URL(image).origin}/events`, 'c', 'Redfish'],
      'subscriptions left': 0,
      sessions: [2, true, 1],
      'after restart': '1',
    });
  });
});

describe.skipIf(!hasRedfishtool)('redfishtool (skipped where Debian’s redfishtool is not installed)', () => {
  test('resets the system and reads it', async () => {
    const { username, password } = served.bmc.spec.bmc;
    const login = ['-r', new URL(served.server.url).host, '-S', 'Never', '-u', username, '-p', password, '-1'];
    await run('redfishtool', [...login, 'Systems', 'reset', 'On']);
    expect(served.bmc.machine.power()).toBe('On');
    expect(JSON.parse(await run('redfishtool', [...login, 'Systems']))).toMatchObject({ PowerState: 'On' });
    expect(JSON.parse(await run('redfishtool', [...login, 'Chassis', 'Thermal']))).toMatchObject({ Id: 'Thermal' });
  });

  test('sets the boot override, the lamp and the asset tag, and goes through what else it knows', async () => {
    const { username, password } = served.bmc.spec.bmc;
    const login = ['-r', new URL(served.server.url).host, '-S', 'Never', '-u', username, '-p', password, '-1'];
    const tool = async (...words: string[]): Promise<unknown> => {
      const said = await run('redfishtool', [...login, ...words]);
      return said.trim() === '' ? undefined : JSON.parse(said);
    };
    await tool('Systems', 'setBootOverride', 'Once', 'Pxe');
    await tool('Systems', 'setIndicatorLed', 'Blinking');
    await tool('Systems', 'setAssetTag', 'r1-u10');
    expect(served.bmc.state).toMatchObject({
      boot: { target: 'Pxe', enabled: 'Once' },
      indicator: 'Blinking',
      assetTag: 'r1-u10',
    });
    const listed = (count: number) => expect.objectContaining({ 'Members@odata.count': count });
    expect(await tool('Systems', 'Processors', 'list')).toEqual(listed(1));
    expect(await tool('Systems', 'EthernetInterfaces', 'list')).toEqual(listed(1));
    expect(await tool('Chassis', 'Power')).toMatchObject({ Id: 'Power' });
    expect(await tool('Managers')).toMatchObject({ Id: 'BMC' });
    expect(await tool('SessionService')).toMatchObject({ Id: 'SessionService' });
    expect(await tool('AccountService', 'Accounts', 'list')).toEqual(listed(1));
  });
});
