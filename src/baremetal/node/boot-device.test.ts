// A BMC that forgets its boot device when the power goes is told it before each start.
import { afterAll, expect, test } from 'vitest';
import { startOneMachine } from '../testing/one-machine.ts';

const { bm, machine, image, stop } = await startOneMachine({
  driver: (usual) => ({ ...usual, losesBootDevice: ({ forgets }) => forgets === true }),
  node: { driver_info: { forgets: true } },
});
afterAll(stop);

/** What the BMC is told while its machine is switched so. */
async function power(target: string): Promise<string[]> {
  machine.effects.length = 0;
  await bm.http.put('/v1/nodes/m1/states/power', { target });
  await bm.until('m1', (node) => node.target_power_state === null && node.reservation === null);
  return [...machine.effects];
}
const choose = async (device: string, persistent: boolean) =>
  expect((await bm.http.put('/v1/nodes/m1/management/boot_device', { boot_device: device, persistent })).status).toBe(
    204,
  );

test('a device that was set for good is told before every start, and again after a start from another one', async () => {
  await choose('cdrom', true);
  expect(await power('power on')).toEqual(['boot cdrom once by uefi', 'on']);
  expect(await power('rebooting')).toEqual(['off', 'boot cdrom once by uefi', 'on']);
  await choose('pxe', false);
  expect(await power('rebooting')).toEqual(['off', 'on']);
  expect(await power('power off')).toEqual(['off']);
  expect(await power('power on')).toEqual(['boot cdrom once by uefi', 'on']);
});

test('a deployed machine is told its disk at each start', async () => {
  await bm.provision('m1', 'provide', 'available');
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/instance_info', value: image }]);
  await bm.provision('m1', 'active', 'active');
  expect(await power('rebooting')).toEqual(['off', 'boot disk once by uefi', 'on']);
});

test('a BMC that keeps its boot device is told once', async () => {
  await bm.http.patch('/v1/nodes/m1', [{ op: 'replace', path: '/driver_info', value: {} }]);
  expect(await power('rebooting')).toEqual(['off', 'on']);
});
