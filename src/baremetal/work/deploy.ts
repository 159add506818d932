// node.deploy: puts an image on a machine and starts it.

import type { FakeHardware } from '../../hardware/index.ts';
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import { AgentSilent, agentOf } from '../machine/agent-client.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { agentCommand } from './agent-command.ts';
import { describeImage, type ImageToWrite } from './image-info.ts';
import { flagInput, type StepInput, stepsInput, textInput } from './input.ts';
import { nodeForAgent, raidConfigAfter } from './node-for-agent.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { bootFromDisk, startRamdisk } from './ramdisk.ts';

export function deployNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const rebuild = flagInput(input, 'rebuild');
    const through = await context.step('prepare', () => prepare(parts, work, rebuild), {
      reason: 'checking node and image',
    });
    if (through === 'fake') return { method: 'fake' };
    const steps = stepsInput(input).sort((a, b) => b.priority - a.priority);
    const before = steps.filter(({ priority }) => priority > imagePriority);
    await startRamdisk(parts, context, work, 'deploy');
    await runSteps(parts, context, work, before, 0);
    const image = await context.step('write image', () => writeImage(parts, context, work, rebuild), {
      reason: 'writing the image to the disk',
    });
    await runSteps(parts, context, work, steps.slice(before.length), before.length);
    await context.step('boot device disk', () => bootFromDisk(work), { reason: 'choosing the disk to boot from' });
    const method = await context.step('start image', () => startImage(parts, work, image), {
      reason: 'starting the new system',
    });
    return { method };
  };
}

/** Where writing the image stands among the deploy steps (Ironic's `write_image`). */
const imagePriority = 80;

/** Steps that were asked for with the deployment, by the ramdisk. `first`: how many ran in it before. */
async function runSteps(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  steps: readonly StepInput[],
  first: number,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    await context.step(`deploy step ${first + index + 1}`, () => runStep(parts, context, work, step, first + index), {
      reason: `running deploy step ${step.interface}.${step.step}`,
    });
  }
}

async function runStep(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  step: StepInput,
  ordinal: number,
): Promise<null> {
  const node = await work.move('resume', {
    awaiting: null,
    state_deadline_at: null,
    deploy_step: JSON.stringify(step),
  });
  const ended = await agentCommand(parts, context, work, {
    name: 'deploy.execute_deploy_step',
    params: { step: { ...step.args, ...step }, node: nodeForAgent(node), ports: [] },
    ordinal,
  });
  await work.change({ deploy_step: '{}', ...raidConfigAfter(step, ended.command_result?.deploy_result) });
  return null;
}

/** Takes the node and finds what is wrong before the machine is touched. Fake hardware is done with that. */
async function prepare(parts: Parts, work: NodeWork, rebuild: boolean): Promise<'fake' | 'agent'> {
  const node = await work.take();
  if (node.deploy_interface === 'fake') {
    const driver = parts.hardware.get(node.driver);
    if (driver && isFake(driver)) await driver.pause('deploy');
    await work.effect('power on', ({ power }) => power.change('power on', { timeoutMs: parts.config.powerTimeoutMs }));
    await work.change({ power_state: 'power on' });
    return 'fake';
  }
  await describeImage(parts, node, rebuild);
  return 'agent';
}

function isFake(driver: object): driver is FakeHardware {
  return 'pause' in driver;
}

/** What is needed later of the image that was written. */
type Written = { hash: string | null; model: string | null };

async function writeImage(parts: Parts, context: OperationContext, work: NodeWork, rebuild: boolean): Promise<Written> {
  const node = await work.move('resume', { awaiting: null, state_deadline_at: null });
  const image: ImageToWrite = await describeImage(parts, node, rebuild);
  const configDrive = node.config_drive === null ? null : parts.sealer.open(node.config_drive, node.uuid);
  const written = await agentCommand(parts, context, work, {
    name: 'standby.prepare_image',
    params: { image_info: image, configdrive: configDrive },
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
    const ran = await agent.send('standby.run_image', { kexec: proven }, { wait: true });
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
