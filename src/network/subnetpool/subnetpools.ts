// Subnet pools: /v2.0/subnetpools.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { type Database, type Transaction, transact } from '../../database/index.ts';
import { json, type Route, route } from '../../openstack/index.ts';
import { overlaps, type Prefix, prefixText, toPrefix } from '../address.ts';
import { errors } from '../errors.ts';
import { flag, free, idText, nameText, nullable, once, readOnly, required, standard } from '../resource/attributes.ts';
import { findById } from '../resource/list.ts';
import { each, type Resource } from '../resource/resource.ts';
import { mustSee, shown, targetOf } from '../resource/routes.ts';
import { all, first, insert, newId, optionalText, type Row, refusal, text, texts, update } from '../store.ts';
import { prefixesOf } from './allocate.ts';

const length = Type.Union([Type.Integer({ minimum: 0, maximum: 128 }), Type.String({ pattern: '^\\d{1,3}$' })]);
const prefixList = Type.Array(Type.String(), { minItems: 1 });

export const subnetpools: Resource = {
  path: '/v2.0/subnetpools',
  member: 'subnetpool',
  members: 'subnetpools',
  notFound: errors.SubnetPoolNotFound,
  attributes: {
    ...standard,
    name: { ...required(nameText), update: true, filter: 'text' },
    prefixes: { ...required(prefixList), update: true },
    ip_version: readOnly('integer'),
    default_prefixlen: free(length, 'integer'),
    min_prefixlen: free(length, 'integer'),
    max_prefixlen: free(length, 'integer'),
    default_quota: free(nullable(Type.Integer({ minimum: 0 })), 'integer'),
    shared: once(flag, 'boolean'),
    is_default: free(flag, 'boolean'),
    address_scope_id: free(nullable(idText), 'text'),
  },
  query: sql<Row>`select p.id, p.project_id, p.name, p.description, array(select unnest(p.prefixes)::text) as prefixes, p.ip_version,
      p.default_prefixlen, p.min_prefixlen, p.max_prefixlen, p.default_quota, p.shared, p.is_default, p.address_scope_id,
      p.tags, p.revision_number, p.created_at, p.updated_at from network_subnetpools p`,
  visible: () => sql`r.shared`,
  // Neutron answers these lengths as text.
  present: (row) => ({
    ...row,
    default_prefixlen: String(row.default_prefixlen),
    min_prefixlen: String(row.min_prefixlen),
    max_prefixlen: String(row.max_prefixlen),
  }),
  create: each(async (tx, attributes) => {
    const prefixes = parsePrefixes(texts(attributes, 'prefixes'));
    const lengths = lengthsOf(attributes, prefixes, undefined);
    await refuseBadScope(tx, attributes, prefixes, undefined);
    const id = newId();
    await unlessDefaultExists(() =>
      insert(tx, 'network_subnetpools', {
        ...attributes,
        ...lengths,
        id,
        prefixes: prefixes.map(prefixText),
        ip_version: versionOf(prefixes),
      }),
    );
    return id;
  }),
  update: async (tx, before, attributes) => {
    const given = 'prefixes' in attributes ? parsePrefixes(texts(attributes, 'prefixes')) : prefixesOf(before);
    refuseLostPrefixes(prefixesOf(before), given);
    await refuseBadScope(tx, attributes, given, text(before, 'id'));
    await unlessDefaultExists(() =>
      update(tx, 'network_subnetpools', text(before, 'id'), {
        ...attributes,
        ...lengthsOf(attributes, given, before),
        ...('prefixes' in attributes ? { prefixes: compacted(given).map(prefixText) } : {}),
      }),
    );
  },
  remove: async (tx, row) => {
    const id = text(row, 'id');
    const used = await all(tx, sql<{ id: string }>`select id from network_subnets where subnetpool_id = ${id} limit 5`);
    if (used.length > 0) throw errors.InUse('Subnet pool', id, `subnets ${used.map((one) => one.id).join(', ')}`);
    await sql`delete from network_subnetpools where id = ${id}`.execute(tx);
  },
};

/** PUT /v2.0/subnetpools/{id}/add_prefixes and remove_prefixes. */
export function prefixRoutes(database: Database): Route[] {
  const change = (verb: 'add_prefixes' | 'remove_prefixes', combine: (have: Prefix[], given: Prefix[]) => Prefix[]) =>
    route({
      method: 'PUT',
      path: `/v2.0/subnetpools/:id/${verb}`,
      policy: verb,
      enforcement: 'handler',
      summary: verb === 'add_prefixes' ? 'Add prefixes to a subnet pool' : 'Remove prefixes from a subnet pool',
      body: Type.Object({ prefixes: prefixList }),
      handler: async (request) => {
        const row = await mustSee(subnetpools, database, request);
        request.enforce(verb, await targetOf(subnetpools, database, row));
        const id = text(row, 'id');
        await transact(database, async (tx) => {
          await sql`select 1 from network_subnetpools where id = ${id} for no key update`.execute(tx);
          const now = (await findById(tx, subnetpools, id)) ?? row;
          const prefixes = combine(prefixesOf(now), parsePrefixes(request.body.prefixes));
          await refuseOrphans(tx, id, prefixes);
          await update(tx, 'network_subnetpools', id, { prefixes: prefixes.map(prefixText) });
        });
        const after = (await findById(database, subnetpools, id)) ?? row;
        return json({ prefixes: shown(subnetpools, request, after).prefixes });
      },
    });
  return [
    change('add_prefixes', (have, given) => compacted([...have, ...given])),
    change('remove_prefixes', (have, given) => have.flatMap((one) => without(one, given))),
  ];
}

function parsePrefixes(given: readonly string[]): Prefix[] {
  const prefixes = given.map((one) => {
    const prefix = toPrefix(one);
    if (!prefix) throw errors.HTTPBadRequest(`Invalid input for prefixes. Reason: '${one}' is not a valid IP subnet.`);
    return prefix;
  });
  if (new Set(prefixes.map((one) => one.version)).size > 1)
    throw errors.InvalidInput('the prefixes of a subnet pool are all of one IP version');
  return compacted(prefixes);
}

/** Sorted, without those inside others; neighbours are joined where they make a longer prefix. */
function compacted(prefixes: readonly Prefix[]): Prefix[] {
  const result: Prefix[] = [];
  for (const prefix of prefixes.toSorted((a, b) =>
    a.first < b.first || (a.first === b.first && a.length < b.length) ? -1 : 1,
  )) {
    let current = prefix;
    let last = result.at(-1);
    if (last && last.first <= current.first && current.last <= last.last) continue;
    while (
      last &&
      last.length === current.length &&
      last.last + 1n === current.first &&
      last.first % (2n * (last.last - last.first + 1n)) === 0n
    ) {
      current = { version: last.version, length: last.length - 1, first: last.first, last: current.last };
      result.pop();
      last = result.at(-1);
    }
    result.push(current);
  }
  return result;
}

/** What is left of a prefix when `removed` are cut out of it. */
function without(prefix: Prefix, removed: readonly Prefix[]): Prefix[] {
  if (!removed.some((one) => overlaps(one, prefix))) return [prefix];
  if (removed.some((one) => one.first <= prefix.first && prefix.last <= one.last)) return [];
  const middle = prefix.first + (prefix.last - prefix.first + 1n) / 2n;
  const length_ = prefix.length + 1;
  return [
    ...without({ version: prefix.version, length: length_, first: prefix.first, last: middle - 1n }, removed),
    ...without({ version: prefix.version, length: length_, first: middle, last: prefix.last }, removed),
  ];
}

function versionOf(prefixes: readonly Prefix[]): 4 | 6 {
  return prefixes[0]?.version ?? 4;
}

function lengthsOf(attributes: Row, prefixes: readonly Prefix[], before: Row | undefined) {
  const bits = versionOf(prefixes) === 4 ? 32 : 128;
  const value = (name: string, fallback: number) => Number(attributes[name] ?? before?.[name] ?? fallback);
  const minimum = value('min_prefixlen', versionOf(prefixes) === 4 ? 8 : 64);
  const maximum = value('max_prefixlen', bits);
  const chosen = value('default_prefixlen', minimum);
  if (maximum > bits) throw errors.InvalidInput(`max_prefixlen ${maximum} is more than ${bits}`);
  if (minimum > maximum) throw errors.InvalidInput(`min_prefixlen ${minimum} is more than max_prefixlen ${maximum}`);
  if (chosen < minimum || chosen > maximum)
    throw errors.InvalidInput(`default_prefixlen ${chosen} is not between ${minimum} and ${maximum}`);
  return { min_prefixlen: minimum, max_prefixlen: maximum, default_prefixlen: chosen };
}

/** An update may add prefixes; what it had must stay covered. */
function refuseLostPrefixes(before: readonly Prefix[], after: readonly Prefix[]): void {
  const lost = before.find((old) => !after.some((one) => one.first <= old.first && old.last <= one.last));
  if (lost)
    throw errors.IllegalSubnetPoolPrefixUpdate(
      `existing prefixes must be a subset of the new prefixes; ${prefixText(lost)} is missing`,
    );
}

async function refuseOrphans(tx: Transaction, id: string, prefixes: readonly Prefix[]): Promise<void> {
  const rows = await all(
    tx,
    sql<{ cidr: string }>`select cidr::text as cidr from network_subnets where subnetpool_id = ${id}`,
  );
  for (const { cidr } of rows) {
    const subnet = toPrefix(cidr);
    if (subnet && !prefixes.some((one) => one.first <= subnet.first && subnet.last <= one.last))
      throw errors.IllegalSubnetPoolPrefixUpdate(`subnet ${cidr} would be left outside the pool`);
  }
}

async function refuseBadScope(
  tx: Transaction,
  attributes: Row,
  prefixes: readonly Prefix[],
  id: string | undefined,
): Promise<void> {
  const scopeId = optionalText(attributes, 'address_scope_id');
  if (scopeId === undefined) return;
  const scope = await first(
    tx,
    sql<{ ip_version: number }>`select ip_version from network_address_scopes where id = ${scopeId} for share`,
  );
  if (!scope) throw errors.AddressScopeNotFound(scopeId);
  if (scope.ip_version !== versionOf(prefixes))
    throw errors.InvalidInput(`address scope ${scopeId} holds addresses of IPv${scope.ip_version}`);
  const others = await all(
    tx,
    sql<Row>`select id, array(select unnest(prefixes)::text) as prefixes from network_subnetpools where address_scope_id = ${scopeId} and id <> ${id ?? ''}`,
  );
  for (const other of others)
    if (prefixesOf(other).some((one) => prefixes.some((mine) => overlaps(one, mine))))
      throw errors.InUse('Address scope', scopeId, `subnet pool ${text(other, 'id')}, whose prefixes overlap`);
}

async function unlessDefaultExists(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (refusal(error)?.constraint === 'network_subnetpools_default')
      throw errors.InvalidInput('there is a default subnet pool for this IP version already');
    throw error;
  }
}
