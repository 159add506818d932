// node.deploy: puts an image on a machine and starts it.

import type { Command } from '../../agent/index.ts';
import type { PowerState } from '../../hardware/index.ts';
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import { type AgentClient, AgentSilent, agentOf, reasonOf } from '../machine/agent-client.ts';
import { configDriveFor, entersBootMenu, imageFor, runImage } from '../machine/stock-agent.ts';
import type { Parts } from '../parts.ts';
import { aroundCore, beforeRamdisk, byPriority } from '../step/order.ts';
import { nameOf, type PlannedStep, plannedInput } from '../step/step.ts';
import { type NodeRow, tables } from '../store.ts';
import { agentCommand } from './agent-command.ts';
import { bootModeFor } from './capabilities.ts';
import { isFake, throughOf } from './fake.ts';
import { describeImage, type ImageToWrite } from './image-info.ts';
import { flagInput, textInput } from './input.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { offeredSteps, refuseMissing } from './offered-steps.ts';
import { bootFromDisk, switchOn } from './ramdisk.ts';
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
    if (through === 'fake') {
      await runner.run(before);
      if (steps.length > 0) {
        await context.step('deploy', () => deployBetweenSteps(parts, work), { reason: 'deploying' });
      }
      await runner.run(after, { anew: true });
      return { method: 'fake' };
    }
    // What the BMC does first needs no ramdisk; from there on, what the ramdisk offers by itself has its place by priority.
    const { lead, rest } = beforeRamdisk(before);
    await runner.run(lead, { thenRamdisk: true });
    await runner.ramdisk();
    const offered = await offeredSteps(parts, context, work, 'deploy');
    refuseMissing('deploy', [...rest, ...after], offered);
    const own = aroundCore(unasked(offered, steps), corePriority[through]);
    await runner.run(byPriority([...rest, ...own.before]));
    await runner.ramdisk();
    const image = await context.step('write image', () => writeImage(parts, context, work, rebuild), {
      reason: 'writing the image to the disk',
    });
    if (image.bootLoader) {
      await context.step('install boot loader', () => installBootLoader(parts, context, work, image), {
        reason: 'installing the boot loader',
      });
    }
    // A resumed deployment has written the image again, and over what these have done before.
    await runner.run(byPriority([...after, ...own.after]), { anew: true });
    // Steps may have restarted the machine: its new system is started by the agent.
    await runner.ramdisk();
    await context.step('boot device disk', () => bootFromDisk(parts, work), {
      reason: 'choosing the disk to boot from',
    });
    const method = await context.step('start image', () => startImage(parts, context, work, image), {
      reason: 'starting the new system',
    });
    return { method };
  };
}

/** The request's word about a step counts before the ramdisk's, its priority 0 too. */
function unasked(offered: readonly PlannedStep[], asked: readonly PlannedStep[]): PlannedStep[] {
  const names = new Set(asked.map(nameOf));
  return offered.filter((step) => !names.has(nameOf(step)));
}

/** Where writing the image stands among the deploy steps: Ironic's `deploy.write_image` and `deploy.deploy`. */
const corePriority = { agent: 80, fake: 100 };

/** Takes the node and finds what is wrong before the machine is touched. Fake hardware without steps is done with that. */
async function prepare(parts: Parts, work: NodeWork, rebuild: boolean, alone: boolean): Promise<'fake' | 'agent'> {
  const node = await work.take();
  if (throughOf(node) === 'fake') {
    if (alone) await deployFake(parts, work, node);
    return 'fake';
  }
  await describeImage(parts, node, rebuild);
  return 'agent';
}

/** That the machine is on is written down when the operation ends. */
async function deployFake(parts: Parts, work: NodeWork, node: NodeRow): Promise<PowerState> {
  const driver = parts.hardware.get(node.driver);
  if (driver && isFake(driver)) await driver.pause('deploy');
  return switchOn(parts, work);
}

async function deployBetweenSteps(parts: Parts, work: NodeWork): Promise<null> {
  await work.change({ power_state: await deployFake(parts, work, await work.read()) });
  return null;
}

/** What is needed later of the image that was written. */
type Written = { hash: string | null; model: string | null; partition: boolean; bootLoader: boolean };

async function writeImage(parts: Parts, context: OperationContext, work: NodeWork, rebuild: boolean): Promise<Written> {
  const node = await work.move('resume', { awaiting: null, state_deadline_at: null });
  const image: ImageToWrite = await describeImage(parts, node, rebuild);
  const configDrive = node.config_drive === null ? null : parts.sealer.open(node.config_drive, node.uuid);
  const agent = await agentOf(parts, work.uuid);
  const written = await agentCommand(parts, context, work, {
    name: 'standby.prepare_image',
    params: { image_info: imageFor(agent, image, node), configdrive: configDriveFor(agent, configDrive) },
    ordinal: 0,
  });
  const partition = image.image_type === 'partition';
  await work.change((now) => ({
    driver_internal_info: JSON.stringify({
      ...now.driver_internal_info,
      is_whole_disk_image: !partition,
      image_written: written.command_result,
    }),
  }));
  return {
    hash: image.os_hash_value ?? image.checksum ?? null,
    model: await modelOf(parts, node),
    partition,
    bootLoader: partition || entersBootMenu(agent, node),
  };
}

/** As Ironic tells an agent to: with the UUIDs of the file systems where it made the partitions, without for a whole-disk image. */
async function installBootLoader(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  { partition }: Written,
): Promise<null> {
  const agent = await agentOf(parts, work.uuid);
  const found = partition ? await agent.send('standby.get_partition_uuids', {}, { wait: true }) : undefined;
  const uuid = (name: string) => found?.command_result?.[name] ?? null;
  const mode = bootModeFor(await work.read()) ?? 'bios';
  await agentCommand(parts, context, work, {
    name: 'image.install_bootloader',
    params: {
      root_uuid: uuid('root uuid'),
      efi_system_part_uuid: uuid('efi system partition uuid'),
      prep_boot_part_uuid: uuid('PReP Boot partition uuid'),
      target_boot_mode: mode,
    },
    ordinal: 0,
  });
  return null;
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
async function startImage(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  { hash, model }: Written,
): Promise<string> {
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
    await context.pausePoint('standby.run_image:noted');
    const ran = (asked && (await alreadyRun(agent))) || (await runImage(agent, proven));
    await context.pausePoint('standby.run_image:asked');
    if (ran.command_status === 'FAILED') {
      throw new OperationFailed(
        `The new system could not be started: ${reasonOf(ran) || 'no reason given'}.`,
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

/** An agent that was told to leave stays for some seconds: told again it would leave twice. */
async function alreadyRun(agent: AgentClient): Promise<Command | undefined> {
  const commands = await agent.commands();
  return commands.findLast((one) => one.command_name.endsWith('run_image') && one.command_status === 'SUCCEEDED');
}
