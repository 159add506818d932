// A resource provider as the search sees it, and its inventory.

/** Units are those of the resource class (MEMORY_MB: MiB, DISK_GB: GiB, others: pieces). */
export interface InventoryRecord {
  readonly total: number;
  readonly reserved: number;
  readonly minUnit: number;
  readonly maxUnit: number;
  readonly stepSize: number;
  readonly allocationRatio: number;
}

/** The record under the names of the API and of the database's functions. */
export function inventoryDocument(record: InventoryRecord) {
  return {
    total: record.total,
    reserved: record.reserved,
    min_unit: record.minUnit,
    max_unit: record.maxUnit,
    step_size: record.stepSize,
    allocation_ratio: record.allocationRatio,
  };
}

export interface Inventory extends InventoryRecord {
  /** Sum of all allocations. */
  readonly used: number;
}

/** One state of a provider; a changed provider is a new value. */
export interface Provider {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly generation: number;
  readonly parentId: number | null;
  readonly rootId: number;
  readonly inventories: ReadonlyMap<string, Inventory>;
  readonly traits: ReadonlySet<string>;
  readonly aggregates: ReadonlySet<string>;
  /** When it, its inventory or its traits changed last, in milliseconds since 1970. */
  readonly updatedAt: number;
}

/** Largest amount an inventory column can hold (the API's limit). */
export const largestAmount = 0x7fffffff;

/** What may be allocated in all. */
export function capacity(inventory: InventoryRecord): number {
  return (inventory.total - inventory.reserved) * inventory.allocationRatio;
}

/** Does the inventory have room for one allocation of `amount` (units, step and capacity)? */
export function fits(inventory: Inventory, amount: number): boolean {
  return (
    inventory.used + amount <= capacity(inventory) &&
    amount >= inventory.minUnit &&
    amount <= inventory.maxUnit &&
    amount % inventory.stepSize === 0
  );
}
