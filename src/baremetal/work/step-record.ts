// Shows on the node which step runs, and keeps in its history which ones have run.
import type { StepKind } from '../../hardware/index.ts';
import type { Outcome } from '../node/states.ts';
import { nameOf, type PlannedStep } from '../step/step.ts';
import type { NodeUpdate } from '../store.ts';
import type { NodeWork } from './node-work.ts';

/** The column that shows the running step. */
function shownIn(kind: StepKind, step: PlannedStep | undefined): NodeUpdate {
  const text = JSON.stringify(step ?? {});
  switch (kind) {
    case 'clean':
      return { clean_step: text };
    case 'deploy':
      return { deploy_step: text };
    case 'service':
      return { service_step: text };
  }
}

/** When it began. `event` moves the node to where it waits for its machine; else it is at work. */
export async function beginStep(
  work: NodeWork,
  kind: StepKind,
  step: PlannedStep,
  { event = 'resume', ...more }: NodeUpdate & { readonly event?: Outcome } = {},
): Promise<Date> {
  await work.move(event, { awaiting: null, state_deadline_at: null, ...more, ...shownIn(kind, step) });
  return new Date();
}

export async function endStep(
  work: NodeWork,
  kind: StepKind,
  step: PlannedStep,
  began: Date,
  more: NodeUpdate = {},
): Promise<void> {
  const seconds = (Date.now() - began.getTime()) / 1000;
  const note = `${kind} step ${nameOf(step)} ended after ${seconds.toFixed(1)} s`;
  await work.move('resume', { awaiting: null, state_deadline_at: null, ...more, ...shownIn(kind, undefined) }, note);
}
