// What runs again and again besides requests and operations, and makes good what a crash has cut off.
import { sql } from 'kysely';
import { serveAllocations } from './allocation/serve.ts';
import type { Parts } from './parts.ts';
import { watchMachines } from './power-sync.ts';
import { tables } from './store.ts';

/** A record older than this belongs to a process that is gone. */
export const aliveMs = 60_000;

/** Starts the loops; call the answer to end them. */
export async function startLoops(parts: Parts): Promise<() => Promise<void>> {
  await registerHost(parts);
  await endLostOperations(parts);
  await parts.consoles.follow();
  const stops = [
    every(aliveMs / 4, 'recording this process', parts, () => registerHost(parts)),
    watchMachines(parts),
    every(1_000, 'serving allocations', parts, () => serveAllocations(parts)),
    every(30_000, 'ending lost operations', parts, () => endLostOperations(parts)),
    every(15_000, 'serving consoles', parts, () => parts.consoles.follow()),
    every(30_000, 'letting held nodes go on', parts, () => letGoOn(parts)),
  ];
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

/** Runs `work` again and again with a pause between; one failure is reported and the next run tries anew. */
function every(
  pauseMs: number,
  name: string,
  { log }: Pick<Parts, 'log'>,
  work: () => Promise<void>,
): () => Promise<void> {
  let stopped = false;
  let wake = () => {};
  const running = (async () => {
    while (!stopped) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs).unref();
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (stopped) break;
      try {
        await work();
      } catch (error) {
        log.warn(`bare metal: ${name} failed`, error);
      }
    }
  })();
  return async () => {
    stopped = true;
    wake();
    await running;
  };
}

async function registerHost(parts: Parts): Promise<void> {
  await tables(parts.database)
    .insertInto('baremetal_conductors')
    .values({ hostname: parts.host, drivers: [...parts.hardware.keys()].sort() })
    .onConflict((conflict) =>
      conflict.column('hostname').doUpdateSet({ drivers: [...parts.hardware.keys()].sort(), updated_at: new Date() }),
    )
    .execute();
}

/** A crash between taking a node away from an operation and telling it leaves the operation waiting: tell it now. */
async function endLostOperations(parts: Parts): Promise<void> {
  // A step on a child takes its node when it begins: until then the node is another's, and no verb takes it away later.
  const open = (await parts.operations.list({ states: ['running', 'waiting'] })).filter(
    ({ kind }) => kind.startsWith('node.') && kind !== 'node.step',
  );
  if (open.length === 0) return;
  const nodes = await tables(parts.database)
    .selectFrom('baremetal_nodes')
    .select(['uuid', 'operation_id'])
    .where(
      'uuid',
      'in',
      open.map(({ target }) => target.slice('node:'.length)),
    )
    .execute();
  const owners = new Map(nodes.map(({ uuid, operation_id: owner }) => [`node:${uuid}`, owner]));
  for (const { id, target } of open) {
    if (owners.has(target) && owners.get(target) !== id)
      await parts.operations.cancel(id, 'the node was given to a newer request');
  }
}

/** A crash between `unhold` and telling the operation leaves it holding: tell it again. Each hold hears only its own topic. */
async function letGoOn(parts: Parts): Promise<void> {
  const nodes = await tables(parts.database)
    .selectFrom('baremetal_nodes')
    .select(['operation_id', 'awaiting'])
    .where('provision_state', 'in', ['cleaning', 'deploying', 'servicing'])
    .where(sql<boolean>`awaiting->>'topic' like 'unhold:%'`)
    .execute();
  for (const { operation_id: id, awaiting } of nodes) {
    if (id !== null && typeof awaiting?.topic === 'string')
      await parts.operations.send(id, awaiting.topic, { unhold: true });
  }
}
