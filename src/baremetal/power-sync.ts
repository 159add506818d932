// Keeps what is known of the machines' power true, and does what a node wants done when its machine went off by itself.
import { appendEvent } from '../events/index.ts';
import type { PowerState } from '../hardware/index.ts';
import { changeNode } from './node/change.ts';
import { lockNode } from './node/find.ts';
import { requestPower } from './node/power.ts';
import type { Parts } from './parts.ts';
import { type NodeRow, type NodeUpdate, tables } from './store.ts';
import { machineOf } from './work/node-work.ts';

/** What follows when a machine in use is found off: tell of it, switch it on again, or take it as wanted. */
const powerPolicies = ['report', 'restore', 'accept'] as const;

const syncAtOnce = 20;

/** Reads the power of every idle node and writes only what has changed. A BMC that does not answer is left to its lane. */
export async function syncPower(parts: Parts): Promise<void> {
  const nodes = await tables(parts.database)
    .selectFrom('baremetal_nodes')
    .selectAll()
    .where('reservation', 'is', null)
    .where('maintenance', '=', false)
    .where('driver', '!=', 'fake-hardware')
    .where('provision_state', 'in', [
      'manageable',
      'available',
      'active',
      'rescue',
      'deploy failed',
      'clean failed',
      'error',
    ])
    .execute();
  const queue = [...nodes];
  await Promise.all(
    Array.from({ length: syncAtOnce }, async () => {
      for (let node = queue.shift(); node; node = queue.shift()) await syncOne(parts, node);
    }),
  );
}

async function syncOne(parts: Parts, node: NodeRow): Promise<void> {
  const state = await machineOf(parts, node)
    .power.state()
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  const failed = state instanceof Error;
  if (failed ? node.fault === 'power failure' : node.power_state === state && !answers(node, state)) return;
  await parts.database.transaction().execute(async (tx) => {
    const now = await lockNode(tx, node.uuid);
    // Somebody has begun something since it was read: what was seen is no news any more.
    if (now.reservation !== null || now.updated_at?.getTime() !== node.updated_at?.getTime()) return;
    if (failed) {
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
