// Ending work on a node while a step runs: at once where that is safe, else when the step is done.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFakeHardware, type HardwareDriver } from '../../hardware/index.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';

const calls: string[] = [];
/** Fake hardware whose firmware takes three looks to write and must not be cut off, and whose settings take for ever. */
function slow(): HardwareDriver {
  const base = createFakeHardware();
  return {
    ...base,
    steps: base.steps.map((step) => ({ ...step, abortable: step.interface !== 'firmware' })),
    machine: (info) => ({
      ...base.machine(info),
      steps: {
        async run({ interface: of, step, memory }) {
          calls.push(`${of}.${step}`);
          const looks = Number(memory?.looks ?? 0);
          if (of === 'firmware' && looks === 3) return { state: 'done' };
          return { state: 'waiting', reason: 'writing', memory: { looks: looks + 1 }, afterMs: 200, reboot: false };
        },
      },
    }),
  };
}

let bm: TestBaremetal;
beforeAll(async () => {
  bm = await startTestBaremetal({ hardware: [slow()] });
  await bm.http.post('/v1/nodes', { name: 'n', driver: 'fake-hardware' });
  await bm.provision('n', 'manage', 'manageable');
}, 60_000);
afterAll(() => bm.stop());

const firmware = {
  interface: 'firmware',
  step: 'update',
  args: { settings: [{ component: 'bmc', url: 'http://x/1.bin' }] },
};
const settings = { interface: 'bios', step: 'factory_reset' };

async function abortWhileWaiting(...clean_steps: object[]): Promise<Record<string, unknown>> {
  calls.length = 0;
  const asked = await bm.http.put('/v1/nodes/n/states/provision', { target: 'clean', clean_steps });
  expect(asked.status).toBe(202);
  await bm.until('n', ({ provision_state: state }) => state === 'clean wait');
  expect((await bm.http.put('/v1/nodes/n/states/provision', { target: 'abort' })).status).toBe(202);
  const failed = await bm.until('n', ({ provision_state: state }) => state === 'clean failed');
  await bm.provision('n', 'manage', 'manageable');
  return failed;
}

test('a step that must not be cut off is done before the work ends, and those after it never begin', async () => {
  const failed = await abortWhileWaiting(firmware, settings);
  expect(failed.last_error).toMatch(
    /^By request, the clean operation was aborted after completing step firmware.update/,
  );
  expect(calls).toEqual(Array(4).fill('firmware.update'));
});

test('any other step ends at once', async () => {
  const failed = await abortWhileWaiting(settings);
  expect(failed.last_error).toMatch(/^Aborted by /);
});
