// Reads providers, or those that changed since a snapshot, from the database.
import { sql } from 'kysely';
import type { Inventory, Provider } from '../provider/provider.ts';
import type { Executor } from '../store.ts';

interface Row {
  readonly snapshot: string | null;
  readonly id: number;
  readonly uuid: string | null;
  readonly name: string;
  readonly generation: number;
  readonly parent_id: number | null;
  readonly root_id: number;
  readonly inventories: readonly (readonly [string, number, number, number, number, number, number, number])[] | null;
  readonly traits: readonly string[];
  readonly aggregates: readonly string[];
  readonly updated_ms: number;
}

export interface Reading {
  /** What this reading has seen, for the next one (PostgreSQL's pg_snapshot). */
  readonly snapshot: string;
  readonly changed: readonly Provider[];
  /** Ids of providers that are gone. */
  readonly gone: readonly number[];
}

/** All providers (`since` undefined), or those changed by transactions that were not visible in the snapshot `since`. */
export async function readProviders(database: Executor, since: string | undefined): Promise<Reading> {
  const { rows } = await sql<Row>`select * from placement_read_providers(${since ?? null})`.execute(database);
  let snapshot = '';
  const changed: Provider[] = [];
  const gone: number[] = [];
  for (const row of rows) {
    if (row.snapshot !== null) snapshot = row.snapshot;
    else if (row.uuid === null) gone.push(row.id);
    else changed.push(providerOf(row, row.uuid));
  }
  return { snapshot, changed, gone };
}

function providerOf(row: Row, uuid: string): Provider {
  const inventories = new Map<string, Inventory>();
  for (const [name, total, reserved, minUnit, maxUnit, stepSize, allocationRatio, used] of row.inventories ?? [])
    inventories.set(name, { total, reserved, minUnit, maxUnit, stepSize, allocationRatio, used });
  return {
    id: row.id,
    uuid,
    name: row.name,
    generation: row.generation,
    parentId: row.parent_id,
    rootId: row.root_id,
    inventories,
    traits: new Set(row.traits),
    aggregates: new Set(row.aggregates),
    updatedAt: row.updated_ms,
  };
}
