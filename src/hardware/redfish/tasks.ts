// Follows work that a Redfish service goes on with after its answer (DSP0266, 12.2 and the Task schema).
import type { StepMemory, StepOutcome, StepRequest } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import type { RedfishClient, RedfishReply } from './client.ts';
import { member, type Resource, references, resource, textOf } from './resource.ts';

const failedStates: readonly string[] = ['Exception', 'Killed', 'Cancelled', 'Interrupted'];

/** Whether the work behind a monitor has ended. Throws `refused` with the task's own words when it failed. */
export async function hasEnded(client: RedfishClient, monitor: string): Promise<boolean> {
  let reply: RedfishReply;
  try {
    reply = await client.look(monitor);
  } catch (error) {
    // Services forget a monitor some time after its task has ended, many at once.
    if (error instanceof HardwareError && error.kind === 'unsupported') return true;
    throw error;
  }
  const state = textOf(reply.body, 'TaskState');
  if (state === null) return reply.status !== 202;
  if (failedStates.includes(state) || (state === 'Completed' && textOf(reply.body, 'TaskStatus') === 'Critical')) {
    throw new HardwareError('refused', `The BMC's task ended as ${state}: ${taskMessages(reply.body)}`);
  }
  return state === 'Completed';
}

function taskMessages(task: Resource): string {
  const messages = Array.isArray(task.Messages) ? task.Messages : [];
  const texts = messages.flatMap((one: unknown) => textOf(resource(one), 'Message') ?? []);
  return texts.length > 0 ? texts.join(' ') : 'no explanation';
}

const endedStates: readonly string[] = [...failedStates, 'Completed', 'Cancelling'];

/** Whether a task is there and goes on, however it will end. */
export async function isUnfinished(client: RedfishClient, task: string): Promise<boolean> {
  try {
    return !endedStates.includes(textOf(await client.get(task), 'TaskState') ?? '');
  } catch (error) {
    if (error instanceof HardwareError && error.kind === 'unsupported') return false;
    throw error;
  }
}

/** Where a step stands when it is called. */
export type StepCall = Pick<StepRequest, 'memory' | 'again'>;

/** Paths of the tasks that the service knows; null where it shows none. */
export async function tasksOf(client: RedfishClient): Promise<readonly string[] | null> {
  try {
    const service = textOf(member(await client.get('/redfish/v1'), 'Tasks'), '@odata.id');
    const list = service && textOf(member(await client.get(service), 'Tasks'), '@odata.id');
    return list ? references(await client.get(list)) : null;
  } catch (error) {
    if (error instanceof HardwareError && error.kind === 'unsupported') return null;
    throw error;
  }
}

/**
 * What a request has led to that was cut off, by the tasks that were known before it: the path of its task, `none` where the
 * service has not heard it, `unknown` where it shows no tasks.
 */
export async function begunSince(client: RedfishClient, known: StepMemory[string] | undefined): Promise<string> {
  const tasks = await tasksOf(client);
  if (!Array.isArray(known) || tasks === null) return 'unknown';
  return tasks.findLast((task) => !known.includes(task)) ?? 'none';
}

/** The monitor of work that goes on; null where it was done with the answer. */
export function monitorOf(reply: RedfishReply): string | null {
  if (reply.status !== 202) return null;
  return reply.location ?? textOf(reply.body, '@odata.id');
}

export const done: StepOutcome = { state: 'done' };

export function waiting(
  reason: string,
  memory: Extract<StepOutcome, { state: 'waiting' }>['memory'],
  options: { afterMs?: number; reboot?: boolean } = {},
): StepOutcome {
  const { afterMs = 5_000, reboot = false } = options;
  return { state: 'waiting', reason, memory, afterMs, reboot };
}
