// What the ramdisk that runs now offers to do by itself.
import type { StepKind } from '../../hardware/index.ts';
import { type OperationContext, OperationFailed } from '../../operations/index.ts';
import { agentOf } from '../machine/agent-client.ts';
import type { Parts } from '../parts.ts';
import { nameOf, type PlannedStep, stepOf } from '../step/step.ts';
import { nodeForAgent, portsForAgent } from './node-for-agent.ts';
import type { NodeWork } from './node-work.ts';

/** All steps of this kind, those of priority 0 too. */
export async function offeredSteps(
  parts: Parts,
  context: OperationContext,
  work: NodeWork,
  kind: StepKind,
): Promise<PlannedStep[]> {
  return context.step(`choose ${kind} steps`, () => ask(parts, work, kind), {
    reason: `asking the ramdisk for its ${kind} steps`,
  });
}

/** Throws OperationFailed with what is there when a step that the ramdisk is to take is not. */
export function refuseMissing(kind: StepKind, steps: readonly PlannedStep[], offered: readonly PlannedStep[]): void {
  const names = new Set(offered.map(nameOf));
  const missing = steps.find((step) => step.by === 'ramdisk' && !names.has(nameOf(step)));
  if (!missing) return;
  throw new OperationFailed(
    `The ramdisk has no ${kind} step ${nameOf(missing)}.`,
    `It offers: ${[...names].join(', ')}.`,
  );
}

/** The agent groups its steps by hardware manager. */
async function ask(parts: Parts, work: NodeWork, kind: StepKind): Promise<PlannedStep[]> {
  const node = await work.move('resume', { awaiting: null, state_deadline_at: null });
  const agent = await agentOf(parts, work.uuid);
  const params = { node: nodeForAgent(node), ports: await portsForAgent(parts, work.uuid) };
  const answer = await agent.send(`${kind}.get_${kind}_steps`, params, { wait: true });
  const groups: unknown = answer.command_result?.[`${kind}_steps`];
  const entries = typeof groups === 'object' && groups !== null ? Object.values(groups).flat() : [];
  return entries.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || !('step' in entry) || !('interface' in entry)) return [];
    const abortable = 'abortable' in entry && entry.abortable === true;
    return [{ ...stepOf({ ...entry, args: {} }), by: 'ramdisk' as const, needsRamdisk: true, abortable }];
  });
}
