// Brings servers in line with machines whose power somebody changed beside compute.
import type { ComputeParts } from '../parts.ts';
import { powerStates } from '../server/server.ts';
import { changeServer, lockServer } from '../server/store.ts';
import { tables } from '../tables.ts';

/** A server at rest on a machine that is off is stopped, one on a machine that is on is active. Answers how many changed. */
export async function syncPower({ database, machines }: Pick<ComputeParts, 'database' | 'machines'>): Promise<number> {
  const resting = await tables(database)
    .selectFrom('compute_servers')
    .select(['id', 'node_uuid', 'vm_state'])
    .where('vm_state', 'in', ['active', 'stopped'])
    .where('task_state', 'is', null)
    .where('node_uuid', 'is not', null)
    .execute();
  if (resting.length === 0) return 0;
  const power = new Map((await machines.list()).map((machine) => [machine.uuid, machine]));
  let changed = 0;
  for (const { id, node_uuid, vm_state } of resting) {
    const machine = power.get(node_uuid ?? '');
    // A machine that is being worked on is switched on and off as the work needs it.
    if (machine?.provisionState !== 'active' || machine.instanceUuid !== id) continue;
    const to = machine.powerState === 'power on' ? 'active' : machine.powerState === 'power off' ? 'stopped' : vm_state;
    if (to === vm_state) continue;
    await database.transaction().execute(async (tx) => {
      const now = await lockServer(tx, id);
      if (now?.vm_state !== vm_state || now.task_state !== null) return;
      await changeServer(tx, id, {
        vm_state: to,
        power_state: to === 'active' ? powerStates.running : powerStates.shutdown,
      });
      changed++;
    });
  }
  return changed;
}
