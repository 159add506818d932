// Shows on the node which step runs, and keeps in its history which ones have run.
import type { StepKind } from '../../hardware/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import type { Outcome } from '../node/states.ts';
import { nameOf, type PlannedStep } from '../step/step.ts';
import type { NodeRow, NodeUpdate } from '../store.ts';
import type { NodeWork } from './node-work.ts';

const columns = { clean: 'clean_step', deploy: 'deploy_step', service: 'service_step' } as const;

/** Of a step's result, in the history; configurations are kept elsewhere in full. */
const longestResult = 300;

/** The column that shows the running step. */
function shown(kind: StepKind, step: Readonly<Record<string, unknown>>): NodeUpdate {
  return { [columns[kind]]: JSON.stringify(step) };
}

/** The names of the steps that this operation has ended, by place: those of its earlier epochs too. */
export function endedSteps({ operation }: NodeWork, { ended_steps: kept }: NodeRow): Readonly<Record<string, string>> {
  const steps = kept?.operation === operation ? kept.steps : {};
  return Object.fromEntries(Object.entries(steps ?? {}).map(([place, name]) => [place, String(name)]));
}

/** Somebody has asked to end the work, in a step that must not be cut off. */
function endsAfter(kind: StepKind, node: NodeRow): boolean {
  return node[columns[kind]].abort_after === true;
}

/** When it began. `event` moves the node to where it waits for its machine; else it is at work. */
export async function beginStep(
  work: NodeWork,
  kind: StepKind,
  step: PlannedStep,
  { event = 'resume', ...more }: NodeUpdate & { readonly event?: Outcome } = {},
): Promise<Date> {
  await work.move(event, (node) => ({
    awaiting: null,
    state_deadline_at: null,
    ...more,
    ...shown(kind, endsAfter(kind, node) ? { ...step, abort_after: true } : step),
  }));
  return new Date();
}

/** `told`: what the ramdisk gave as its result. Throws OperationFailed when somebody has asked to end the work after this step. */
export async function endStep(
  work: NodeWork,
  kind: StepKind,
  step: PlannedStep,
  began: Date,
  more: NodeUpdate = {},
  told?: unknown,
): Promise<void> {
  const seconds = (Date.now() - began.getTime()) / 1000;
  const result = typeof told === 'object' && told !== null ? `: ${JSON.stringify(told).slice(0, longestResult)}` : '';
  const note = `${kind} step ${nameOf(step)} ended after ${seconds.toFixed(1)} s${result}`;
  let aborted = false;
  await work.move(
    'resume',
    (node) => {
      aborted = endsAfter(kind, node);
      const steps = { ...endedSteps(work, node), [work.place()]: nameOf(step) };
      return {
        awaiting: null,
        state_deadline_at: null,
        ended_steps: JSON.stringify({ operation: work.operation, steps }),
        ...more,
        ...shown(kind, {}),
      };
    },
    note,
  );
  if (!aborted) return;
  throw new OperationFailed(
    `By request, the ${kind} operation was aborted after completing step ${nameOf(step)}.`,
    'Ask for the rest anew.',
  );
}
