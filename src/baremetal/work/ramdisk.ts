// Starts the deploy ramdisk on a machine and waits for its first heartbeat.
import type { PowerState } from '../../hardware/index.ts';
import { type OperationContext, OperationFailed } from '../../operations/index.ts';
import { bootImages, bootIsoUrl } from '../machine/boot-files.ts';
import { bootDeviceTold, losesBootDevice } from '../node/boot-device.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { bootModeFor } from './capabilities.ts';
import { fastTracks, lastCall, takeRamdisk } from './fast-track.ts';
import type { NodeWork } from './node-work.ts';

/**
 * `purpose` and `boot` name the wait: two waits of one operation must not take each other's heartbeat. `anew`: the machine has to
 * start, though a ramdisk may run there.
 */
export async function startRamdisk(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  purpose: 'deploy' | 'clean' | 'inspect' | 'rescue' | 'service',
  { boot = 1, anew = false }: { readonly boot?: number; readonly anew?: boolean } = {},
): Promise<void> {
  const topic = `heartbeat:${purpose}:${boot}`;
  const off = purpose === 'service' && boot === 1 ? shutDown : powerOff;
  const takes = !anew && boot === 1 && (purpose === 'inspect' || purpose === 'clean' || purpose === 'deploy');
  const before = await context.step(
    'power off',
    async () => (takes && (await takeRamdisk(parts, work, purpose)) ? 'ramdisk' : off(parts, work)),
    { reason: 'switching the machine off' },
  );
  if (before === 'ramdisk') return;
  await context.step('boot device', () => bootFromNetwork(parts, work), {
    reason: 'choosing the ramdisk to boot from',
  });
  // The wait is written down before the machine starts, or its heartbeat could come first.
  await context.step('power on', () => startMachine(parts, work, before, () => expectCall(parts, work, topic)), {
    reason: 'switching the machine on',
  });
  await hearCall(parts, context, topic);
}

/** The same where somebody else starts the machine from it. */
export async function awaitRamdisk(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  purpose: 'inspect',
): Promise<void> {
  const topic = `heartbeat:${purpose}:1`;
  await context.step(
    'expect the ramdisk',
    async () => {
      await parts.refreshLeases();
      await forgetAgent(parts, work.uuid);
      await expectCall(parts, work, topic);
    },
    { reason: 'getting ready for a ramdisk that others start' },
  );
  await hearCall(parts, context, topic);
}

function expectCall(parts: Parts, work: NodeWork, topic: string): Promise<NodeRow> {
  const deadline = new Date(Date.now() + parts.config.ramdiskTimeoutMs);
  return work.move('wait', { awaiting: JSON.stringify({ topic }), state_deadline_at: deadline });
}

async function hearCall(parts: Parts, context: OperationContext, topic: string): Promise<void> {
  const timeoutMs = parts.config.ramdiskTimeoutMs;
  const heard = await context.waitFor(topic, { reason: 'waiting for the ramdisk to call back', timeoutMs });
  if (heard === undefined) {
    throw new OperationFailed(
      `The ramdisk did not call back within ${Math.round(timeoutMs / 60_000)} min.`,
      "Look at the machine's console: does it get an address by DHCP, and does it load the kernel?",
    );
  }
}

/** Off, whatever ran there: what is written next must not meet a running system. One that must stay on is restarted later. */
export async function powerOff(parts: Parts, work: NodeWork): Promise<Running | null> {
  const node = await work.read();
  if (node.disable_power_off) return { lastReset: await work.look(({ power }) => power.lastReset()) };
  await work.change({ power_state: await switchOff(parts, work) });
  // With fast track the next work would take what called from here for a ramdisk that runs.
  if (fastTracks(parts, node)) await forgetAgent(parts, work.uuid);
  return null;
}

/** At the end of inspection or cleaning: the machine goes off, unless the next work is to find the ramdisk that runs there. */
export async function leaveRamdisk(parts: Parts, work: NodeWork): Promise<Running | null> {
  const kept = fastTracks(parts, await work.read()) && (await lastCall(parts, work.uuid)) !== null;
  return kept ? null : powerOff(parts, work);
}

/** As switchOn, the caller writes down the state that it answers. */
export function switchOff(parts: Parts, work: NodeWork): Promise<PowerState> {
  return work.effect('power off', ({ power }) => power.change('power off', { timeoutMs: parts.config.powerTimeoutMs }));
}

/** An instance that runs has things to write yet: it is asked to end, and switched off where it does not. */
async function shutDown(parts: Parts, work: NodeWork): Promise<Running | null> {
  if ((await work.read()).disable_power_off) return powerOff(parts, work);
  try {
    const timeoutMs = parts.config.shutdownTimeoutMs;
    await work.effect('soft power off', ({ power }) => power.change('soft power off', { timeoutMs }));
  } catch (error) {
    // Machines without that switch, and systems that do not listen to it, lose their power as ever.
    if (!(error instanceof OperationFailed)) throw error;
  }
  return powerOff(parts, work);
}

/** Whoever called from the machine before does no more: its power is gone, or goes now. */
export async function forgetAgent(parts: Parts, uuid: string): Promise<void> {
  await tables(parts.database).deleteFrom('baremetal_agents').where('node_uuid', '=', uuid).execute();
}

async function bootFromNetwork(parts: Parts, work: NodeWork): Promise<null> {
  const node = await work.read();
  // Fails early, with the image's name, and has the files in the cache when the machine asks for them.
  await bootImages(parts, node);
  await parts.refreshLeases();
  // The ramdisk that starts now gets its own token; one that still runs elsewhere loses its word.
  await forgetAgent(parts, node.uuid);
  if (node.boot_interface === 'redfish-virtual-media') {
    const url = await bootIsoUrl(parts, node);
    await work.effect('insert the boot ISO', ({ virtualMedia }) => virtualMedia.insert(url));
    await work.effect('boot from cdrom once', ({ management }) =>
      management.setBootDevice('cdrom', false, bootModeFor(node)),
    );
  } else {
    await work.effect('boot from pxe once', ({ management }) =>
      management.setBootDevice('pxe', false, bootModeFor(node)),
    );
  }
  return null;
}

/** A machine that may not be switched off: it runs on, and its BMC's time of the last reset tells later whether it was restarted. */
export type Running = { readonly lastReset: string | null };

/** On; one that still runs starts anew. `before` runs in the same step. */
export async function startMachine(
  parts: Parts,
  work: NodeWork,
  running: Running | null,
  before: () => Promise<unknown> = async () => undefined,
): Promise<null> {
  await before();
  const state = running ? await resetOnce(parts, work, running) : await switchOn(parts, work);
  await work.change({ power_state: state });
  return null;
}

export function switchOn(parts: Parts, work: NodeWork): Promise<PowerState> {
  return work.effect('power on', ({ power }) => power.change('power on', { timeoutMs: parts.config.powerTimeoutMs }));
}

/** A machine that is on before and after does not show whether it has heard: its BMC's time of the last reset does. */
function resetOnce(parts: Parts, work: NodeWork, { lastReset }: Running): Promise<PowerState> {
  return work.effect('rebooting', async ({ power }, _node, asked) => {
    if (asked?.cutOff) {
      if (lastReset === null) {
        throw new OperationFailed(
          'The server stopped while it asked for a restart of the machine, and the BMC does not tell whether it has heard.',
          "Look at the machine's console; then ask for the same again.",
        );
      }
      if ((await power.lastReset()) !== lastReset) return power.state();
    }
    // The system that still runs must not get the token that is the next one's.
    await forgetAgent(parts, work.uuid);
    return power.change('rebooting', { timeoutMs: parts.config.powerTimeoutMs });
  });
}

/** Off and on, two steps that each look first: one that is cut off between them is not done twice. */
export async function restartMachine(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  reason: string,
): Promise<void> {
  const running = await context.step('restart, off', () => powerOff(parts, work), { reason });
  await context.step('restart, on', () => startMachine(parts, work, running), { reason });
}

/** After the ramdisk's work: disk first from now on, and no CD that would start the ramdisk again. */
export async function bootFromDisk(parts: Parts, work: NodeWork): Promise<null> {
  const node = await work.read();
  if (node.boot_interface === 'redfish-virtual-media') {
    await work.effect('eject the boot ISO', ({ virtualMedia }) => virtualMedia.eject());
  }
  await work.effect('boot from disk', ({ management }) => management.setBootDevice('disk', true, bootModeFor(node)));
  if (losesBootDevice(parts, node)) await work.change((now) => bootDeviceTold(now, 'disk', true));
  return null;
}
