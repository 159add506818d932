// Allocation pools: checking what is asked for, choosing the default, writing them.
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { contains, hostRange, type Prefix, prefixText, toNumber, toText } from '../address.ts';
import { errors } from '../errors.ts';
import { list, type Row } from '../store.ts';

export interface Pool {
  readonly first: bigint;
  readonly last: bigint;
}

/** The pools that the attributes name, or all host addresses but the gateway. Throws for pools outside the subnet, upside down or overlapping. */
export function choosePools(attributes: Row, prefix: Prefix, gateway: bigint | undefined): Pool[] {
  if (!Array.isArray(attributes.allocation_pools)) return withoutGateway(hostRange(prefix), gateway);
  const pools = list(attributes, 'allocation_pools').map((one) => parsePool({ ...Object(one) }, prefix));
  const sorted = pools.toSorted((a, b) => (a.first < b.first ? -1 : 1));
  sorted.forEach((pool, index) => {
    const next = sorted[index + 1];
    if (next && next.first <= pool.last)
      throw errors.OverlappingAllocationPools(show(pool, prefix), show(next, prefix));
    if (gateway !== undefined && pool.first <= gateway && gateway <= pool.last)
      throw errors.GatewayConflictWithAllocationPools(show(pool, prefix), toText(gateway, prefix.version));
  });
  return sorted;
}

function parsePool(pool: Row, prefix: Prefix): Pool {
  const start = toNumber(String(pool.start));
  const end = toNumber(String(pool.end));
  const text = `${String(pool.start)}-${String(pool.end)}`;
  if (!start || !end || start.version !== end.version || start.value > end.value)
    throw errors.InvalidAllocationPool(text);
  const hosts = hostRange(prefix);
  const inside = contains(prefix, start) && start.value >= hosts.first && end.value <= hosts.last;
  if (!inside) throw errors.OutOfBoundsAllocationPool(text, prefixText(prefix));
  return { first: start.value, last: end.value };
}

function withoutGateway(range: Pool, gateway: bigint | undefined): Pool[] {
  if (gateway === undefined || gateway < range.first || gateway > range.last) return [range];
  return [
    { first: range.first, last: gateway - 1n },
    { first: gateway + 1n, last: range.last },
  ].filter((pool) => pool.first <= pool.last);
}

function show(pool: Pool, { version }: Prefix): string {
  return `${toText(pool.first, version)}-${toText(pool.last, version)}`;
}

/** Replaces the pools of a subnet and works out afresh what is free in them. */
export async function writePools(
  tx: Transaction,
  subnetId: string,
  { version }: Prefix,
  pools: readonly Pool[],
): Promise<void> {
  await sql`delete from network_allocation_pools where subnet_id = ${subnetId}`.execute(tx);
  for (const pool of pools) {
    await sql`insert into network_allocation_pools (subnet_id, first, last)
      values (${subnetId}, ${toText(pool.first, version)}::inet, ${toText(pool.last, version)}::inet)`.execute(tx);
  }
  await sql`select network_rebuild_free_ranges(${subnetId})`.execute(tx);
}
