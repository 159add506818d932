// Keeps what is known of the machines' power true, and does what a node wants done when its machine went off by itself.
import { appendEvent } from '../events/index.ts';
import type { Machine, PowerState } from '../hardware/index.ts';
import { changeNode } from './node/change.ts';
import { lockNode } from './node/find.ts';
import { requestPower } from './node/power.ts';
import type { Parts } from './parts.ts';
import { type NodeRow, type NodeUpdate, tables } from './store.ts';
import { startWatch } from './watch.ts';
import { machineOf } from './work/node-work.ts';

/** What follows when a machine in use is found off: tell of it, switch it on again, or take it as wanted. */
const powerPolicies = ['report', 'restore', 'accept'] as const;

/** States in which nobody else looks after the machine's power. */
const restingStates = [
  'manageable',
  'available',
  'active',
  'rescue',
  'deploy failed',
  'clean failed',
  'error',
] as const;

/** Visits idle machines, reads power and sensors, and writes only what has changed; call the answer to end it. */
export function watchMachines(parts: Parts): () => Promise<void> {
  const idle = () =>
    tables(parts.database)
      .selectFrom('baremetal_nodes')
      .where('reservation', 'is', null)
      .where('maintenance', '=', false)
      .where('driver', '!=', 'fake-hardware')
      .where('provision_state', 'in', restingStates);
  return startWatch<NodeRow>({
    intervalMs: parts.config.powerSyncMs,
    count: async () =>
      (
        await idle()
          .select((on) => on.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
      ).count,
    next: (after, limit) => idle().selectAll().where('id', '>', after).orderBy('id').limit(limit).execute(),
    async visit(node, signal) {
      const machine = machineOf(parts, node);
      const answered = await syncOne(parts, node, machine, signal);
      if (answered && !signal.aborted) await parts.sensors.read(node, machine, signal);
      return answered;
    },
    failed: (error) => parts.log.warn('bare metal: looking after a machine failed', error),
  });
}

/** Whether the BMC answered. */
async function syncOne(parts: Parts, node: NodeRow, machine: Machine, signal: AbortSignal): Promise<boolean> {
  const state = await machine.power
    .state()
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  const failed = state instanceof Error;
  const known = failed ? node.fault === 'power failure' : node.power_state === state && !answers(node, state);
  if (!known && !signal.aborted) await note(parts, node, state);
  return !failed;
}

async function note(parts: Parts, node: NodeRow, state: PowerState | Error): Promise<void> {
  await parts.database.transaction().execute(async (tx) => {
    const now = await lockNode(tx, node.uuid);
    // Somebody has begun something since it was read: what was seen is no news any more.
    if (now.reservation !== null || now.updated_at?.getTime() !== node.updated_at?.getTime()) return;
    if (state instanceof Error) {
      await changeNode(parts, tx, now, { fault: 'power failure', last_error: `Power sync: ${state.message}` });
      return;
    }
    const wentOff = now.provision_state === 'active' && now.power_state === 'power on' && state === 'power off';
    const answered: NodeUpdate = answers(now, state) ? { fault: null, last_error: null } : {};
    if (!wentOff) {
      await changeNode(parts, tx, now, { power_state: state, ...answered });
      return;
    }
    const policy = policyOf(parts, now);
    await appendEvent(tx, {
      kind: 'baremetal.node.power_deviation',
      subject: `node:${now.uuid}`,
      projectId: now.owner,
      payload: { name: now.name, expected: 'power on', found: 'power off', policy },
    });
    if (policy === 'accept') {
      await changeNode(parts, tx, now, { power_state: state, ...answered });
      return;
    }
    const error = `The machine was found off while it should be on${policy === 'restore' ? '; it is switched on again' : ''}.`;
    const off = await changeNode(parts, tx, now, { power_state: state, fault: deviation, last_error: error });
    if (policy === 'restore') await requestPower(parts, tx, off, 'power on', { requestedBy: 'power sync' });
  });
}

/** Does this state end the node's fault? */
function answers(node: NodeRow, state: PowerState): boolean {
  return node.fault === 'power failure' || (node.fault === deviation && state === 'power on');
}

/** The fault of a machine that went off by itself; it goes when the machine is on again, or somebody asks for its power. */
const deviation = 'power deviation';

/** A node says it among its properties, where every client can set them. */
function policyOf(parts: Parts, node: NodeRow): (typeof powerPolicies)[number] {
  const wanted = node.properties.power_policy;
  return powerPolicies.find((one) => one === wanted) ?? parts.config.powerPolicy;
}
