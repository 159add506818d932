// Calls the functions of the database that write placement's tables (migrations/0040 and 0041).
import { sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';
import { type InventoryRecord, inventoryDocument } from './provider/provider.ts';

export type Executor = Database | Transaction;

/** What one consumer shall hold, in place of all that it holds; no allocations: nothing, and the consumer is forgotten. */
export interface ConsumerAllocations {
  readonly uuid: string;
  readonly projectId: string;
  readonly userId: string;
  /** Null keeps the type that is there. */
  readonly consumerType: string | null;
  /** Expected generation, null for a consumer that must not exist yet; undefined: not checked. */
  readonly generation?: number | null;
  readonly allocations: readonly { readonly provider: string; readonly resourceClass: string; readonly used: number }[];
}

/** Why allocations were refused; nothing was written. Numbers are in units of the resource class. */
export type AllocationRefusal =
  | {
      readonly outcome: 'consumer_generation';
      readonly consumer: string;
      readonly expected: number | null;
      readonly got: number | null;
    }
  | {
      readonly outcome: 'provider' | 'resource_class' | 'inventory';
      readonly provider: string;
      readonly resource_class: string;
    }
  | {
      readonly outcome: 'constraints' | 'capacity';
      readonly provider: string;
      readonly resource_class: string;
      /** Asked of this inventory by the whole request. */
      readonly wanted: number;
      /** Held by others. */
      readonly used: number;
      readonly total: number;
      readonly reserved: number;
      readonly allocation_ratio: number;
      readonly min_unit: number;
      readonly max_unit: number;
      readonly step_size: number;
    };

/** Makes a provider; the uuid of its tree's root, undefined when the parent does not exist. */
export async function createProviderRow(
  database: Executor,
  uuid: string,
  name: string,
  parent: string | null,
): Promise<string | undefined> {
  const { rows } = await sql<{
    root: string | null;
  }>`select placement_create_provider(${uuid}, ${name}, ${parent}) as root`.execute(database);
  return only(rows).root ?? undefined;
}

export type UpdateOutcome = 'updated' | 'missing' | 'unknown_parent' | 'loop' | 'reparenting' | 'unparenting';

/** Renames a provider; `parent` undefined leaves it where it is, null makes it a root. */
export async function updateProviderRow(
  database: Executor,
  uuid: string,
  name: string,
  parent: string | null | undefined,
  mayMove: boolean,
): Promise<UpdateOutcome> {
  const { rows } = await sql<{
    outcome: UpdateOutcome;
  }>`select placement_update_provider(${uuid}, ${name}, ${parent !== undefined}, ${parent ?? null}, ${mayMove}) as outcome`.execute(
    database,
  );
  return only(rows).outcome;
}

export async function deleteProviderRow(
  database: Executor,
  uuid: string,
): Promise<'deleted' | 'missing' | 'parent' | 'in_use'> {
  const { rows } = await sql<{
    outcome: 'deleted' | 'missing' | 'parent' | 'in_use';
  }>`select placement_delete_provider(${uuid}) as outcome`.execute(database);
  return only(rows).outcome;
}

/** `expected` undefined: whatever the generation is, and it stays (microversions before 1.19). */
export async function writeAggregates(
  database: Executor,
  uuid: string,
  expected: number | undefined,
  aggregates: readonly string[],
): Promise<'written' | 'conflict'> {
  const { rows } = await sql<{
    outcome: 'written' | 'conflict';
  }>`select placement_write_aggregates(${uuid}, ${expected === undefined ? null : storable(expected)}, ${[...aggregates]}) as outcome`.execute(
    database,
  );
  return only(rows).outcome;
}

/** Writes inventory records; with `replaceAll` the classes not named go. `expected` null: whatever the generation is. */
export async function writeInventory(
  database: Executor,
  uuid: string,
  expected: number | null,
  records: Readonly<Record<string, InventoryRecord>>,
  replaceAll: boolean,
): Promise<{ outcome: 'written' | 'conflict' } | { outcome: 'in_use'; classes: string[] }> {
  const text = JSON.stringify(
    Object.fromEntries(Object.entries(records).map(([name, record]) => [name, inventoryDocument(record)])),
  );
  const { rows } = await sql<{
    answer: { outcome: 'written' | 'conflict' } | { outcome: 'in_use'; classes: string[] };
  }>`select placement_write_inventory(${uuid}, ${storable(expected)}, ${text}, ${replaceAll}) as answer`.execute(
    database,
  );
  return only(rows).answer;
}

export async function writeTraits(
  database: Executor,
  uuid: string,
  expected: number | null,
  traits: readonly string[],
): Promise<'written' | 'unchanged' | 'conflict'> {
  const { rows } = await sql<{
    outcome: 'written' | 'unchanged' | 'conflict';
  }>`select placement_write_traits(${uuid}, ${storable(expected)}, ${[...traits]}) as outcome`.execute(database);
  return only(rows).outcome;
}

/** For the database: a generation that is not compared. */
const unchecked = -1;
/** For the database: a generation that nothing has. */
const never = -2;
const largestGeneration = 2 ** 31 - 1;

function storable(generation: number | null): number | null {
  return generation !== null && (generation < 0 || generation > largestGeneration) ? never : generation;
}

/** Replaces what these consumers hold, all or nothing, capacity checked under the locks of the providers. */
export async function writeAllocations(
  database: Executor,
  consumers: readonly ConsumerAllocations[],
): Promise<AllocationRefusal | undefined> {
  const held = consumers.flatMap((consumer) => consumer.allocations.map((one) => ({ ...one, holder: consumer.uuid })));
  const { rows } = await sql<{
    answer: AllocationRefusal | { outcome: 'written' };
  }>`select placement_write_allocations(
    ${consumers.map((consumer) => consumer.uuid)}, ${consumers.map((consumer) => consumer.projectId)},
    ${consumers.map((consumer) => consumer.userId)}, ${consumers.map((consumer) => consumer.consumerType)},
    ${consumers.map(({ generation }) => (generation === undefined ? unchecked : storable(generation)))},
    ${held.map((one) => one.holder)}, ${held.map((one) => one.provider)}, ${held.map((one) => one.resourceClass)},
    ${held.map((one) => one.used)}) as answer`.execute(database);
  const { answer } = only(rows);
  return answer.outcome === 'written' ? undefined : answer;
}

/** Frees what a consumer holds. False when it held nothing. Generations of providers stay. */
export async function deleteAllocations(database: Executor, consumerUuid: string): Promise<boolean> {
  const { rows } = await sql<{
    freed: boolean;
  }>`select placement_delete_allocations(${consumerUuid}) as freed`.execute(database);
  return only(rows).freed;
}

/** A statement that always answers one row has answered it. */
export function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('the database answered no row');
  return row;
}

/** The code of a PostgreSQL error and the constraint it names. */
export function databaseFault(error: unknown): { code: string; constraint: string; detail: string } | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const constraint = 'constraint' in error ? String(error.constraint) : '';
  return { code: error.code, constraint, detail: 'detail' in error ? String(error.detail) : '' };
}

const uniqueViolation = '23505';
const foreignKeyViolation = '23503';
const retryable = ['40001', '40P01'];

export function isUniqueViolation(error: unknown): boolean {
  return databaseFault(error)?.code === uniqueViolation;
}

export function isForeignKeyViolation(error: unknown): boolean {
  return databaseFault(error)?.code === foreignKeyViolation;
}

/** Runs a write of its own again when the database broke a deadlock at its cost. */
export async function retried<Value>(write: () => Promise<Value>): Promise<Value> {
  for (let left = 5; ; left--) {
    try {
      return await write();
    } catch (error) {
      if (left === 0 || !retryable.includes(databaseFault(error)?.code ?? '')) throw error;
    }
  }
}
