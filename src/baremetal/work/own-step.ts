// The steps that need no driver: hold, wait, power.
import type { PowerAction, StepKind } from '../../hardware/index.ts';
import { type OperationContext, OperationFailed } from '../../operations/index.ts';
import type { Parts } from '../parts.ts';
import { nameOf, type PlannedStep } from '../step/step.ts';
import type { NodeWork } from './node-work.ts';
import { restartMachine } from './ramdisk.ts';
import { beginStep, endStep } from './step-record.ts';

const actions: Readonly<Record<string, PowerAction>> = {
  power_on: 'power on',
  power_off: 'power off',
};

/** Does the step ask for a power state, rather than for something to happen? */
export function setsPower({ step }: PlannedStep): boolean {
  return Object.hasOwn(actions, step);
}

/** `number` tells the waits of one operation apart; `ramdisk`: does one run that calls? */
export async function runOwnStep(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  kind: StepKind,
  step: PlannedStep,
  at: { readonly number: number; readonly ramdisk: boolean },
): Promise<void> {
  const action = actions[step.step];
  if (action !== undefined) {
    await context.step(`${kind} step ${step.step}`, () => changePower(parts, work, kind, step, action), {
      reason: `running ${kind} step ${nameOf(step)}`,
    });
  } else if (step.step === 'reboot') {
    await reboot(parts, context, work, kind, step);
  } else if (step.step === 'hold') {
    const timeoutMs = parts.config.holdTimeoutMs;
    const wait = { event: 'hold', topic: `unhold:${at.number}`, timeoutMs } as const;
    if (!(await waited(context, work, kind, step, wait, 'holding until somebody says unhold'))) {
      throw new OperationFailed(
        `The ${kind} step ${nameOf(step)} held for ${days(timeoutMs)} days, and nobody said unhold.`,
        'Ask for the same again, and unhold the node in time.',
      );
    }
  } else if (typeof step.args.seconds === 'number') {
    await pass(context, work, kind, step, step.args.seconds * 1000);
  } else if (at.ramdisk) {
    const timeoutMs = parts.config.heartbeatTimeoutMs;
    const wait = { event: 'wait', topic: `heartbeat:wait:${at.number}`, timeoutMs } as const;
    if (!(await waited(context, work, kind, step, wait, 'waiting for the ramdisk to call'))) {
      throw new OperationFailed('The ramdisk has stopped calling.', "Look at the machine's console.");
    }
  }
}

function days(ms: number): string {
  return (ms / 86_400_000).toFixed(ms < 86_400_000 ? 3 : 0);
}

async function changePower(
  parts: Parts,
  work: NodeWork,
  kind: StepKind,
  step: PlannedStep,
  action: PowerAction,
): Promise<null> {
  const began = await beginStep(work, kind, step);
  const state = await work.effect(action, ({ power }) =>
    power.change(action, { timeoutMs: parts.config.powerTimeoutMs }),
  );
  await work.change({ power_state: state });
  await endStep(work, kind, step, began);
  return null;
}

async function reboot(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  kind: StepKind,
  step: PlannedStep,
): Promise<void> {
  const reason = `running ${kind} step ${nameOf(step)}`;
  const began = await context.step(`${kind} step reboot`, () => beginStep(work, kind, step).then(asText), { reason });
  await restartMachine(parts, context, work, reason);
  await context.step(`${kind} step reboot over`, () => endStep(work, kind, step, new Date(began)), {
    reason: 'going on',
  });
}

const asText = (date: Date): string => date.toISOString();

/**
 * Waits for the message; false when the time was over first. The wait is written down before it begins, and only once: a hold that
 * somebody has ended while this step was cut off does not hold again.
 */
async function waited(
  context: OperationContext,
  work: NodeWork,
  kind: StepKind,
  step: PlannedStep,
  wait: { readonly event: 'hold' | 'wait'; readonly topic: string; readonly timeoutMs: number },
  reason: string,
): Promise<boolean> {
  const began = await context.step(
    `${kind} step ${step.step}`,
    async () => {
      const { awaiting } = await work.read();
      if (awaiting?.topic === wait.topic) return asText(new Date());
      return beginStep(work, kind, step, {
        event: wait.event,
        awaiting: JSON.stringify({ topic: wait.topic }),
        state_deadline_at: new Date(Date.now() + wait.timeoutMs),
      }).then(asText);
    },
    { reason },
  );
  const heard = await context.waitFor(wait.topic, { reason, timeoutMs: wait.timeoutMs });
  if (heard === undefined) return false;
  await context.step(`${kind} step ${step.step} over`, () => endStep(work, kind, step, new Date(began)), {
    reason: 'going on',
  });
  return true;
}

async function pass(
  context: OperationContext,
  work: NodeWork,
  kind: StepKind,
  step: PlannedStep,
  ms: number,
): Promise<void> {
  const reason = `waiting ${ms / 1000} s as the step says`;
  const began = await context.step(
    `${kind} step wait`,
    () => beginStep(work, kind, step, { event: 'wait', state_deadline_at: new Date(Date.now() + ms) }).then(asText),
    { reason },
  );
  await context.sleep(ms, reason);
  await context.step(`${kind} step wait over`, () => endStep(work, kind, step, new Date(began)), {
    reason: 'going on',
  });
}
