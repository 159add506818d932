// The BMC as other people's Redfish clients see it: OpenStack's sushy and DMTF's redfishtool.
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../run.ts';
import { type TestBmc, testBmc } from '../testing/bmc-client.ts';

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

describe.skipIf(!hasRedfishtool)('redfishtool (skipped where Debian’s redfishtool is not installed)', () => {
  test('resets the system and reads it', async () => {
    const { username, password } = served.bmc.spec.bmc;
    const login = ['-r', new URL(served.server.url).host, '-S', 'Never', '-u', username, '-p', password, '-1'];
    await run('redfishtool', [...login, 'Systems', 'reset', 'On']);
    expect(served.bmc.machine.power()).toBe('On');
    expect(JSON.parse(await run('redfishtool', [...login, 'Systems']))).toMatchObject({ PowerState: 'On' });
    expect(JSON.parse(await run('redfishtool', [...login, 'Chassis', 'Thermal']))).toMatchObject({ Id: 'Thermal' });
  });
});
