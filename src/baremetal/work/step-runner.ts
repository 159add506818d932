// Runs the steps of an operation one after another: the program's own, the driver's, the ramdisk's.
import type { StepKind, StepMemory, StepOutcome } from '../../hardware/index.ts';
import { type OperationContext, OperationFailed } from '../../operations/index.ts';
import type { Parts } from '../parts.ts';
import { nameOf, type PlannedStep } from '../step/step.ts';
import { agentCommand } from './agent-command.ts';
import { runOnChildren } from './child-steps.ts';
import { isFake } from './fake.ts';
import type { Intent } from './intent.ts';
import { nodeForAgent, portsForAgent, raidConfigAfter } from './node-for-agent.ts';
import type { NodeWork } from './node-work.ts';
import { runOwnStep, setsPower } from './own-step.ts';
import { restartMachine, startRamdisk } from './ramdisk.ts';
import { beginStep, endedSteps, endStep } from './step-record.ts';

export interface StepRunner {
  /**
   * Runs them in this order; at the end all of them have taken effect. With `thenRamdisk` those that wait for a restart take effect when
   * the ramdisk is started, which is to follow. With `anew` those that ended before the operation was resumed run again.
   */
  run(
    steps: readonly PlannedStep[],
    options?: { readonly thenRamdisk?: boolean; readonly anew?: boolean },
  ): Promise<void>;
  /** Starts the ramdisk unless it runs. */
  ramdisk(): Promise<void>;
  /** Was a ramdisk started? */
  readonly boots: number;
}

/** A step of the driver that takes effect when the machine has been restarted. */
interface Pending {
  readonly step: PlannedStep;
  readonly memory: StepMemory;
  readonly afterMs: number;
  readonly reason: string;
}

/** What happens between durable steps here follows from their results alone, so that a later run comes the same way. */
export function stepRunner(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  kind: StepKind,
  through: 'fake' | 'agent',
): StepRunner {
  let boots = 0;
  let number = 0;
  let up = false;
  /** Was the machine, by a step that has run? */
  let restarted = false;
  /** Commands sent to the ramdisk that runs now. */
  let sent = 0;
  let pending: Pending[] = [];
  /** Steps that ended before the operation was parked or failed and then resumed; undefined until it is known. */
  let endedBefore: string[] | undefined = context.operation.epoch === 1 ? [] : undefined;

  /** Ended in an earlier epoch; where the machine's power is by now nobody knows. */
  function isOver(step: PlannedStep): boolean {
    const at = endedBefore?.indexOf(nameOf(step)) ?? -1;
    if (at < 0) return false;
    endedBefore?.splice(at, 1);
    return step.by !== 'program' || !setsPower(step);
  }
  async function ramdisk(): Promise<void> {
    if (up && pending.length === 0) return;
    await bootRamdisk();
    await settle(false);
    // A step that wanted one more restart has taken the ramdisk with it.
    if (!up) await bootRamdisk();
  }
  async function bootRamdisk(): Promise<void> {
    boots++;
    sent = 0;
    const anew = restarted || pending.length > 0;
    if (through === 'agent') await startRamdisk(parts, context, work, kind, { boot: boots, anew });
    else if (pending.length > 0) await restart();
    up = true;
  }
  async function restart(): Promise<void> {
    up = false;
    restarted = true;
    const steps = pending.map(({ step }) => nameOf(step)).join(', ');
    await restartMachine(parts, context, work, `restarting the machine for ${steps}`);
  }

  /** One restart serves all that wait for one. */
  async function settle(needed = true): Promise<void> {
    let restarts = needed;
    while (pending.length > 0) {
      if (restarts) await restart();
      restarts = true;
      const waiting = pending;
      pending = [];
      const afterMs = Math.max(...waiting.map((one) => one.afterMs));
      await context.sleep(afterMs, waiting.map(({ reason }) => reason).join('; '));
      for (const { step, memory } of waiting) await advance(step, memory);
    }
  }

  /** Calls the driver until the step is done, or puts it among those that wait for a restart. */
  async function advance(step: PlannedStep, known?: StepMemory): Promise<void> {
    let memory = known;
    let waitedMs = 0;
    for (;;) {
      const outcome: StepOutcome = await context.step(
        `${kind} step ${nameOf(step)}`,
        () => callDriver(parts, work, kind, step, memory),
        { reason: `running ${kind} step ${nameOf(step)}` },
      );
      if (outcome.state === 'done') return;
      const { afterMs, reason } = outcome;
      if (outcome.reboot) {
        pending.push({ step, memory: outcome.memory, afterMs, reason });
        return;
      }
      memory = outcome.memory;
      waitedMs += afterMs;
      if (waitedMs > parts.config.agentCommandTimeoutMs) {
        throw new OperationFailed(
          `The ${kind} step ${nameOf(step)} did not end within ${Math.round(waitedMs / 60_000)} min: ${reason}.`,
          "Look at the BMC's own log and task list.",
        );
      }
      await context.sleep(afterMs, reason);
    }
  }

  async function inBand(step: PlannedStep): Promise<void> {
    await ramdisk();
    const ordinal = sent++;
    await context.step(
      `${kind} step ${nameOf(step)}`,
      () =>
        through === 'fake' ? playStep(parts, work, kind, step) : askAgent(parts, context, work, kind, step, ordinal),
      { reason: `running ${kind} step ${nameOf(step)}` },
    );
  }

  async function one(step: PlannedStep): Promise<void> {
    if (step.children) {
      await settle();
      await runOnChildren(context, work, kind, step);
    } else if (step.by === 'driver') {
      // Settings of one part build on each other; those of different parts may share the restart.
      if (pending.some((other) => other.step.interface === step.interface)) await settle();
      if (step.needsRamdisk) await ramdisk();
      await advance(step);
    } else if (step.by === 'ramdisk') {
      await inBand(step);
    } else {
      const served = step.step === 'reboot' && pending.length > 0;
      await settle();
      if (served) {
        await context.step(`${kind} step reboot over`, () => endStep(work, kind, step, new Date()), {
          reason: 'going on',
        });
        return;
      }
      await runOwnStep(parts, context, work, kind, step, { number: ++number, ramdisk: up && through === 'agent' });
      if (step.step === 'power_off' || step.step === 'reboot') {
        up = false;
        restarted = true;
      }
    }
  }

  return {
    async run(steps, { thenRamdisk = false, anew = false } = {}) {
      if (anew) endedBefore = [];
      endedBefore ??= await context.step(
        'look which steps are over',
        async () => Object.values(endedSteps(work, await work.read())),
        {
          reason: 'looking which steps are over',
        },
      );
      for (const step of steps) if (!isOver(step)) await one(step);
      if (!thenRamdisk) await settle();
    },
    ramdisk,
    get boots() {
      return boots;
    },
  };
}

async function callDriver(
  parts: Parts,
  work: NodeWork,
  kind: StepKind,
  step: PlannedStep,
  memory: StepMemory | undefined,
): Promise<StepOutcome> {
  const began = await beginStep(work, kind, step);
  const { interface: of, step: name, args } = step;
  const outcome = await work.effect(
    `${kind} step ${nameOf(step)}`,
    ({ steps }, node, before) => {
      const { steps: offered = [] } = parts.hardware.get(node.driver) ?? {};
      const looks = offered.some((one) => one.interface === of && one.step === name && one.whenCutOff === 'look');
      const call = before && looks ? { ...calledBefore(before, memory), again: true } : memory && { memory };
      return steps.run({ interface: of, step: name, args, targetRaidConfig: node.target_raid_config, ...call });
    },
    memory && { memory },
  );
  if (outcome.state === 'waiting') {
    // The BMC is at work: whoever wants to end that may ask for it now.
    const deadline = new Date(Date.now() + parts.config.agentCommandTimeoutMs);
    await work.move('wait', { state_deadline_at: deadline });
  } else {
    const volumes = step.interface === 'raid' ? await work.look(({ raid }) => raid.logicalDisks()) : undefined;
    await endStep(work, kind, step, began, {
      last_intent: null,
      ...(volumes ? { raid_config: JSON.stringify({ logical_disks: volumes }) } : {}),
    });
  }
  return outcome;
}

/** After a resume the work begins anew, yet what was asked last may have been heard: it goes on from there. */
function calledBefore(before: Intent, memory: StepMemory | undefined): { memory?: StepMemory } {
  const known = before.noted.memory;
  if (memory === undefined && isMemory(known)) return { memory: known };
  return memory === undefined ? {} : { memory };
}

function isMemory(value: unknown): value is StepMemory {
  return typeof value === 'object' && value !== null;
}

/** Fake hardware has no ramdisk: it takes the time that a deployment takes. */
async function playStep(parts: Parts, work: NodeWork, kind: StepKind, step: PlannedStep): Promise<null> {
  const began = await beginStep(work, kind, step);
  const driver = parts.hardware.get((await work.read()).driver);
  if (driver && isFake(driver)) await driver.pause('deploy');
  await endStep(work, kind, step, began);
  return null;
}

async function askAgent(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  kind: StepKind,
  step: PlannedStep,
  ordinal: number,
): Promise<null> {
  const deadline = new Date(Date.now() + parts.config.agentCommandTimeoutMs);
  const began = await beginStep(work, kind, step, { event: 'wait', state_deadline_at: deadline });
  const node = nodeForAgent(await work.read());
  const { interface: of, step: name, args, priority } = step;
  const ended = await agentCommand(parts, context, work, {
    name: `${kind}.execute_${kind}_step`,
    params: {
      step: { ...args, interface: of, step: name, args, priority },
      node,
      ports: await portsForAgent(parts, work.uuid),
    },
    ordinal,
  });
  const told = ended.command_result?.[`${kind}_result`];
  await endStep(work, kind, step, began, raidConfigAfter(step, told), told);
  return null;
}
