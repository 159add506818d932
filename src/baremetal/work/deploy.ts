// node.deploy: puts an image on a machine and starts it.
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import { AgentSilent, agentOf } from '../machine/agent-client.ts';
import { configDriveFor, runImage } from '../machine/stock-agent.ts';
import type { Parts } from '../parts.ts';
import { aroundCore } from '../step/order.ts';
import { plannedInput } from '../step/step.ts';
import { type NodeRow, tables } from '../store.ts';
import { agentCommand } from './agent-command.ts';
import { isFake, throughOf } from './fake.ts';
import { describeImage, type ImageToWrite } from './image-info.ts';
import { flagInput, textInput } from './input.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { bootFromDisk } from './ramdisk.ts';
import { stepRunner } from './step-runner.ts';

export function deployNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const rebuild = flagInput(input, 'rebuild');
    const steps = plannedInput(input);
    const through = await context.step('prepare', () => prepare(parts, work, rebuild, steps.length === 0), {
      reason: 'checking node and image',
    });
    const { before, after } = aroundCore(steps, corePriority[through]);
    const runner = stepRunner(parts, context, work, 'deploy', through);
    await runner.run(before);
    if (through === 'fake') {
      if (steps.length > 0) await context.step('deploy', () => deployFake(parts, work), { reason: 'deploying' });
      await runner.run(after);
      return { method: 'fake' };
    }
    await runner.ramdisk();
    const image = await context.step('write image', () => writeImage(parts, context, work, rebuild), {
      reason: 'writing the image to the disk',
    });
    await runner.run(after);
    // Steps may have restarted the machine: its new system is started by the agent.
    await runner.ramdisk();
    await context.step('boot device disk', () => bootFromDisk(work), { reason: 'choosing the disk to boot from' });
    const method = await context.step('start image', () => startImage(parts, work, image), {
      reason: 'starting the new system',
    });
    return { method };
  };
}

/** Where writing the image stands among the deploy steps: Ironic's `deploy.write_image` and `deploy.deploy`. */
const corePriority = { agent: 80, fake: 100 };

/** Takes the node and finds what is wrong before the machine is touched. Fake hardware without steps is done with that. */
async function prepare(parts: Parts, work: NodeWork, rebuild: boolean, alone: boolean): Promise<'fake' | 'agent'> {
  const node = await work.take();
  if (throughOf(node) === 'fake') {
    if (alone) await deployFake(parts, work);
    return 'fake';
  }
  await describeImage(parts, node, rebuild);
  return 'agent';
}

async function deployFake(parts: Parts, work: NodeWork): Promise<null> {
  const driver = parts.hardware.get((await work.read()).driver);
  if (driver && isFake(driver)) await driver.pause('deploy');
  await work.effect('power on', ({ power }) => power.change('power on', { timeoutMs: parts.config.powerTimeoutMs }));
  await work.change({ power_state: 'power on' });
  return null;
}

/** What is needed later of the image that was written. */
type Written = { hash: string | null; model: string | null };

async function writeImage(parts: Parts, context: OperationContext, work: NodeWork, rebuild: boolean): Promise<Written> {
  const node = await work.move('resume', { awaiting: null, state_deadline_at: null });
  const image: ImageToWrite = await describeImage(parts, node, rebuild);
  const configDrive = node.config_drive === null ? null : parts.sealer.open(node.config_drive, node.uuid);
  const written = await agentCommand(parts, context, work, {
    name: 'standby.prepare_image',
    params: { image_info: image, configdrive: configDriveFor(await agentOf(parts, work.uuid), configDrive) },
    ordinal: 0,
  });
  await work.change((now) => ({
    driver_internal_info: JSON.stringify({ ...now.driver_internal_info, image_written: written.command_result }),
  }));
  return { hash: image.os_hash_value ?? image.checksum ?? null, model: await modelOf(parts, node) };
}

/** Manufacturer and model as inspection found them. */
export async function modelOf(parts: Parts, node: NodeRow): Promise<string | null> {
  const { vendor, model } = node.properties;
  if (typeof model === 'string') return `${typeof vendor === 'string' ? vendor : ''} ${model}`.trim();
  const row = await tables(parts.database)
    .selectFrom('baremetal_inventories')
    .select('plugin_data')
    .where('node_uuid', '=', node.uuid)
    .executeTakeFirst();
  const found = row?.plugin_data.model;
  return typeof found === 'string' ? found : null;
}

/** Kexec proves nothing about the disk: it is for images that have come up through the firmware of this model before. */
async function startImage(parts: Parts, work: NodeWork, { hash, model }: Written): Promise<string> {
  const proven =
    hash !== null &&
    model !== null &&
    (await tables(parts.database)
      .selectFrom('baremetal_proven_boots')
      .select('model')
      .where('image_hash', '=', hash)
      .where('model', '=', model)
      .executeTakeFirst()) !== undefined;
  const before = await work.read();
  const asked = before.last_intent?.action === 'standby.run_image';
  try {
    const agent = await agentOf(parts, work.uuid);
    await work.change({ last_intent: JSON.stringify({ action: 'standby.run_image', at: new Date().toISOString() }) });
    const ran = await runImage(agent, before, proven);
    if (ran.command_status === 'FAILED') {
      throw new OperationFailed(
        `The new system could not be started: ${ran.command_error?.message ?? 'no reason given'}.`,
        "Look at the machine's console.",
      );
    }
    const method = ran.command_result?.method === 'kexec' ? 'kexec' : 'reboot';
    await work.change((now) => ({
      driver_internal_info: JSON.stringify({ ...now.driver_internal_info, boot_method: method }),
    }));
    return method;
  } catch (error) {
    // An agent that was told to leave and is gone has left: this run comes after one that was cut off.
    if (error instanceof AgentSilent && asked) return 'reboot';
    if (error instanceof AgentSilent) {
      throw new OperationFailed(
        `The image is written, but the ramdisk fell silent before it was started: ${error.message}.`,
        'Reboot the machine from its disk, or deploy again.',
        { cause: error },
      );
    }
    throw error;
  }
}
