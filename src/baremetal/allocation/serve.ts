// Gives nodes to the allocations that wait for one.
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import type { RowOf } from '../document/rows.ts';
import { changeNode } from '../node/change.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';

export type AllocationRow = RowOf<'baremetal_allocations'>;

/** Chooses nodes for all that still wait for one. Several processes may do this at once: each takes others. */
export async function serveAllocations(parts: Parts): Promise<void> {
  let after = 0;
  for (;;) {
    const served = await parts.database.transaction().execute(async (tx) => {
      const row = await tables(tx)
        .selectFrom('baremetal_allocations')
        .selectAll()
        .where('state', '=', 'allocating')
        .where('id', '>', after)
        .orderBy('id')
        .limit(1)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst();
      if (row) await choose(parts, tx, row);
      return row?.id;
    });
    if (served === undefined) return;
    after = served;
  }
}

async function choose(parts: Parts, tx: Transaction, row: AllocationRow): Promise<void> {
  let query = tables(tx)
    .selectFrom('baremetal_nodes')
    .selectAll()
    .where('resource_class', '=', row.resource_class)
    .where('provision_state', '=', 'available')
    .where('maintenance', '=', false)
    .where('retired', '=', false)
    .where('instance_uuid', 'is', null)
    .where('power_state', 'is not', null);
  if (row.traits.length > 0) query = query.where(sql<boolean>`traits @> ${[...row.traits]}::text[]`);
  if (row.candidate_nodes.length > 0) query = query.where('uuid', 'in', [...row.candidate_nodes]);
  if (row.owner !== null) query = query.where((on) => on.or([on('owner', '=', row.owner), on('owner', 'is', null)]));
  const free = query.where('reservation', 'is', null);
  const node = await free.orderBy(sql`random()`).limit(1).forUpdate().skipLocked().executeTakeFirst();
  // One that is held or locked right now may be free in a moment: the allocation waits for the next look.
  if (!node && (await query.select('id').limit(1).executeTakeFirst())) return;
  if (node) {
    await give(parts, tx, row, node);
    return;
  }
  await tables(tx)
    .updateTable('baremetal_allocations')
    .set({
      state: 'error',
      last_error: `Failed to process allocation ${row.uuid}: ${await refusal(tx, row)}`,
      updated_at: new Date(),
    })
    .where('id', '=', row.id)
    .execute();
}

/** Which rule excluded how many nodes: "no valid node" alone helps nobody. */
async function refusal(tx: Transaction, row: AllocationRow): Promise<string> {
  const { rows } = await sql<Record<string, number>>`
    select count(*) filter (where true) as nodes,
      count(*) filter (where resource_class is distinct from ${row.resource_class}) as other_class,
      count(*) filter (where resource_class = ${row.resource_class} and provision_state <> 'available') as not_available,
      count(*) filter (where resource_class = ${row.resource_class} and (maintenance or retired)) as out_of_use,
      count(*) filter (where resource_class = ${row.resource_class} and instance_uuid is not null) as in_use,
      count(*) filter (where resource_class = ${row.resource_class} and power_state is null) as power_unknown,
      count(*) filter (where resource_class = ${row.resource_class} and not traits @> ${[...row.traits]}::text[]) as without_traits
    from baremetal_nodes`.execute(tx);
  const counts = rows[0] ?? {};
  const words = Object.entries(counts).filter(([name, count]) => name !== 'nodes' && count > 0);
  const of = words.map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`).join(', ');
  return `no available nodes match the resource class ${row.resource_class}${row.traits.length > 0 ? ` and the traits ${row.traits.join(', ')}` : ''}. Of ${counts.nodes ?? 0} nodes: ${of || 'none is free'}.`;
}

/** The node is the allocation's from here on. */
export async function give(parts: Parts, tx: Transaction, row: AllocationRow, node: NodeRow): Promise<AllocationRow> {
  await changeNode(parts, tx, node, {
    allocation_uuid: row.uuid,
    instance_uuid: row.uuid,
    instance_info: JSON.stringify({ ...node.instance_info, ...(row.traits.length > 0 ? { traits: row.traits } : {}) }),
  });
  return tables(tx)
    .updateTable('baremetal_allocations')
    .set({ state: 'active', node_uuid: node.uuid, last_error: null, updated_at: new Date() })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
