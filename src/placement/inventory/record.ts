// Turns what the API is given into an inventory record.
import type { Static } from '@sinclair/typebox';
import { capacity, type InventoryRecord, largestAmount } from '../provider/provider.ts';
import type { inventoryRecord } from '../schemas.ts';

type Given = Omit<Static<typeof inventoryRecord>, 'resource_provider_generation'>;

/** With the API's defaults for what is left out. */
export function toRecord(given: Given): InventoryRecord {
  return {
    total: given.total,
    reserved: given.reserved ?? 0,
    minUnit: given.min_unit ?? 1,
    maxUnit: given.max_unit ?? largestAmount,
    stepSize: given.step_size ?? 1,
    allocationRatio: given.allocation_ratio ?? 1,
  };
}

/** Throws when more is reserved than there is; before microversion 1.26 also when as much is reserved. */
export function refuseBadCapacity(
  record: InventoryRecord,
  resourceClass: string,
  uuid: string,
  mayReserveAll: boolean,
  error: (reason: string) => Error,
): void {
  const left = Math.trunc(capacity(record));
  if (mayReserveAll ? left >= 0 : left > 0) return;
  const than = mayReserveAll ? 'greater than total' : 'greater than or equal to total';
  throw error(
    `Invalid inventory for '${resourceClass}' on resource provider '${uuid}'. The reserved value is ${than}.`,
  );
}
