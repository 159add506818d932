// Finds a free prefix in a subnet pool.
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { type IpVersion, overlaps, type Prefix, prefixAt, prefixText, toPrefix } from '../address.ts';
import { errors } from '../errors.ts';
import { all, first, optionalText, type Row, text, texts } from '../store.ts';

/**
 * The prefix that a subnet gets when it names a pool (or asks for the default one): the cidr it names if that lies free in
 * the pool, else the first free prefix of the length it asks for. Undefined when it names no pool. The pool's row is
 * locked, so two subnets never get the same prefix.
 */
export async function prefixFromPool(
  tx: Transaction,
  attributes: Row,
  version: IpVersion,
): Promise<{ readonly id: string; readonly prefix: Prefix } | undefined> {
  const pool = await lockPool(tx, attributes, version);
  if (!pool) return undefined;
  const id = text(pool, 'id');
  if (Number(pool.ip_version) !== version)
    throw errors.SubnetAllocationError(`subnet pool ${id} holds addresses of IPv${String(pool.ip_version)}`);
  const taken = await prefixesTaken(tx, id);
  await refuseOverPoolQuota(pool, attributes, taken);
  const wanted = optionalText(attributes, 'cidr');
  if (wanted !== undefined) return { id, prefix: wantedPrefix(pool, wanted, taken) };
  const asked = attributes.prefixlen;
  const length = asked === undefined ? Number(pool.default_prefixlen) : Number(asked);
  refuseLength(pool, length);
  const prefix = firstFree(prefixesOf(pool), length, taken);
  if (!prefix) throw errors.SubnetAllocationError(`subnet pool ${id} has no free prefix of length ${length}`);
  return { id, prefix };
}

async function lockPool(tx: Transaction, attributes: Row, version: IpVersion): Promise<Row | undefined> {
  const id = optionalText(attributes, 'subnetpool_id');
  if (id === undefined && attributes.use_default_subnetpool !== true) return undefined;
  const which = id === undefined ? sql`is_default and ip_version = ${version}` : sql`id = ${id}`;
  const pool = await first(
    tx,
    sql<Row>`select id, ip_version, default_prefixlen, min_prefixlen, max_prefixlen, default_quota,
      array(select unnest(prefixes)::text) as prefixes from network_subnetpools where ${which} for no key update`,
  );
  if (pool) return pool;
  if (id !== undefined) throw errors.SubnetPoolNotFound(id);
  throw errors.HTTPBadRequest(`There is no default subnet pool for IPv${version}.`);
}

interface Taken extends Prefix {
  readonly projectId: string;
}

async function prefixesTaken(tx: Transaction, id: string): Promise<Taken[]> {
  const rows = await all(
    tx,
    sql<Row>`select cidr::text as cidr, project_id from network_subnets where subnetpool_id = ${id} order by cidr`,
  );
  return rows.flatMap((row) => {
    const prefix = toPrefix(text(row, 'cidr'));
    return prefix ? [{ ...prefix, projectId: text(row, 'project_id') }] : [];
  });
}

export function prefixesOf(pool: Row): Prefix[] {
  return texts(pool, 'prefixes').flatMap((one) => toPrefix(one) ?? []);
}

/** The quota counts addresses in IPv4 and /64s in IPv6. */
async function refuseOverPoolQuota(pool: Row, attributes: Row, taken: readonly Taken[]): Promise<void> {
  const quota = pool.default_quota;
  if (typeof quota !== 'number') return;
  const unit = Number(pool.ip_version) === 4 ? 32 : 64;
  const size = (length: number) => 2 ** Math.max(0, unit - length);
  const mine = taken.filter((one) => one.projectId === attributes.project_id);
  const used = mine.reduce((sum, one) => sum + size(one.length), 0);
  const length = Number(attributes.prefixlen ?? pool.default_prefixlen);
  if (used + size(length) > quota)
    throw errors.SubnetAllocationError(`the quota of ${quota} on subnet pool ${text(pool, 'id')} would be exceeded`);
}

function wantedPrefix(pool: Row, wanted: string, taken: readonly Prefix[]): Prefix {
  const prefix = toPrefix(wanted);
  if (!prefix) throw errors.HTTPBadRequest(`Invalid input for cidr. Reason: '${wanted}' is not a valid IP subnet.`);
  refuseLength(pool, prefix.length);
  const inside = prefixesOf(pool).some(
    (one) => one.first <= prefix.first && prefix.last <= one.last && one.version === prefix.version,
  );
  if (!inside) throw errors.SubnetAllocationError(`${wanted} does not lie in subnet pool ${text(pool, 'id')}`);
  const other = taken.find((one) => overlaps(one, prefix));
  if (other) throw errors.SubnetAllocationError(`${wanted} overlaps with the subnet ${prefixText(other)}`);
  return prefix;
}

function refuseLength(pool: Row, length: number): void {
  const minimum = Number(pool.min_prefixlen);
  const maximum = Number(pool.max_prefixlen);
  if (length < minimum || length > maximum)
    throw errors.HTTPBadRequest(
      `Unable to allocate subnet with prefix length ${length}: the subnet pool allows ${minimum} to ${maximum}.`,
    );
}

/** The lowest prefix of this length that overlaps none of `taken`, which is sorted. */
function firstFree(prefixes: readonly Prefix[], length: number, taken: readonly Prefix[]): Prefix | undefined {
  for (const prefix of prefixes) {
    if (prefix.length > length) continue;
    let candidate = prefixAt(prefix.version, prefix.first, length);
    while (candidate.last <= prefix.last) {
      const hindrance = taken.find((one) => overlaps(one, candidate));
      if (!hindrance) return candidate;
      const beyond = prefixAt(prefix.version, hindrance.last + 1n, length);
      // The next aligned prefix at or after the end of what is in the way.
      candidate = beyond.first > hindrance.last ? beyond : prefixAt(prefix.version, beyond.last + 1n, length);
    }
  }
  return undefined;
}
