// The queue of jobs of a Redfish machine's BMC, emptied where an old job keeps new ones out.
import type { StepOutcome } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import { type JobQueue, quirksOf } from './quirks.ts';
import { member, textOf } from './resource.ts';
import { action, type SystemAccess } from './system.ts';
import { done, isUnfinished, type StepCall, tasksOf, waiting } from './tasks.ts';

export interface RedfishJobQueue {
  clear(call: StepCall): Promise<StepOutcome>;
}

/** A service that has lost its jobs starts anew and takes minutes: this many looks of ten seconds. */
const absence = { looks: 60, afterMs: 10_000 };

export function redfishJobQueue({ client, read, manager }: SystemAccess): RedfishJobQueue {
  /** Posts to an action of a service that the manager names among its OEM links; what it answers. */
  async function ask({ service, name, body }: JobQueue['clear']) {
    const place = textOf(member(await client.get(await manager()), ...service), '@odata.id');
    if (place === null) throw new HardwareError('unsupported', `This BMC shows no ${service.at(-1)}.`);
    const { target } = action(await client.get(place), name, '', place);
    return (await client.post(target, body)).body;
  }

  async function isReady({ ready: { member: name, value, ...wanted } }: JobQueue): Promise<boolean> {
    return textOf(await ask(wanted), name) === value;
  }

  /** As the standard has it (DSP0266, 12.2): whoever deletes a task ends it. */
  async function deleteTasks(): Promise<StepOutcome> {
    const known = await tasksOf(client);
    if (known === null) throw new HardwareError('unsupported', 'This BMC shows no queue of jobs.');
    for (const task of known) await client.delete(task).catch(tolerateUnsupported);
    for (const task of (await tasksOf(client)) ?? []) {
      if (await isUnfinished(client, task))
        throw new HardwareError('unsupported', `This BMC does not end ${task} before its time.`);
    }
    return done;
  }

  return {
    async clear({ memory }) {
      const queue = quirksOf(await read()).jobQueue;
      if (queue === undefined) return deleteTasks();
      const looks = Number(memory?.looks ?? 0);
      if (memory === undefined) await ask(queue.clear);
      else if (await isReady(queue)) return done;
      if (looks > absence.looks)
        throw new HardwareError('timeout', `The BMC did not become ready after its jobs were cleared.`);
      return waiting('the BMC clears its jobs', { looks: looks + 1 }, absence);
    },
  };
}

/** A task that has gone meanwhile is no error; one that stays is found afterwards. */
function tolerateUnsupported(error: unknown): void {
  if (!(error instanceof HardwareError) || error.kind !== 'unsupported') throw error;
}
