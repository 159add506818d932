// Creates, changes and deletes ports; the API and the other services do it through these functions.
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { toNumber, toText } from '../address.ts';
import { errors } from '../errors.ts';
import { all, first, newId, optionalText, type Row, text, update } from '../store.ts';
import { subnetsForPorts } from '../subnet/subnets.ts';
import { describePort, giveAddresses, type WantedAddress } from './addresses.ts';
import { normalMac, randomMac } from './mac.ts';
import { type Surroundings, surroundingsOf } from './surroundings.ts';

const macAttempts = 64;

/** Attribute names are the API's; `fixed_ips` and `security_groups` may be absent. Returns the id. */
export async function insertPort(
  tx: Transaction,
  attributes: Row,
  surroundings: Surroundings = surroundingsOf(tx),
): Promise<string> {
  const networkId = text(attributes, 'network_id');
  const network = await surroundings.network(networkId);
  const id = newId();
  const { fixed_ips: fixedIps, security_groups: groups, mac_address: mac, ...columns } = attributes;
  const secured = columns.port_security_enabled ?? network.port_security_enabled;
  const row = {
    ...columns,
    ...jsonColumns(attributes),
    id,
    ...binding(attributes, undefined),
    port_security_enabled: secured,
  };
  const macAddress = await insertWithMac(tx, networkId, row, typeof mac === 'string' ? normalMac(mac) : undefined);
  const deviceOwner = optionalText(attributes, 'device_owner') ?? '';
  const port = { id, networkId, macAddress, deviceOwner };
  await giveAddresses(tx, port, await surroundings.subnets(networkId), wantedFrom(fixedIps));
  if (Array.isArray(groups)) await setGroups(tx, id, groups.map(String));
  else if (secured === true && !deviceOwner.startsWith('network:')) {
    const group = await surroundings.defaultGroup(text(attributes, 'project_id'));
    await sql`insert into network_port_security_groups (port_id, security_group_id) values (${id}, ${group})`.execute(
      tx,
    );
  }
  return id;
}

export async function changePort(tx: Transaction, before: Row, attributes: Row): Promise<void> {
  const id = text(before, 'id');
  await sql`select 1 from network_ports where id = ${id} for no key update`.execute(tx);
  const { fixed_ips: fixedIps, security_groups: groups, mac_address: mac, ...columns } = attributes;
  const macAddress = typeof mac === 'string' ? normalMac(mac) : text(before, 'mac_address');
  const networkId = text(before, 'network_id');
  if (macAddress !== before.mac_address) await refuseMacInUse(tx, networkId, macAddress);
  await update(tx, 'network_ports', id, {
    ...columns,
    ...jsonColumns(attributes, before),
    ...binding(attributes, before),
    mac_address: macAddress,
  });
  const deviceOwner = optionalText(attributes, 'device_owner') ?? text(before, 'device_owner');
  if (fixedIps !== undefined)
    await replaceAddresses(tx, { id, networkId, macAddress, deviceOwner }, wantedFrom(fixedIps) ?? []);
  if (groups !== undefined) await setGroups(tx, id, Array.isArray(groups) ? groups.map(String) : []);
}

/** Throws PortInUseAsTrunkParent or PortInUseAsSubPort, naming the trunk. */
export async function removePort(tx: Transaction, id: string): Promise<void> {
  const trunk = await first(tx, sql<{ id: string }>`select id from network_trunks where port_id = ${id}`);
  if (trunk) throw errors.PortInUseAsTrunkParent(id, trunk.id);
  const subport = await first(
    tx,
    sql<{ trunk_id: string }>`select trunk_id from network_subports where port_id = ${id}`,
  );
  if (subport) throw errors.PortInUseAsSubPort(id, subport.trunk_id);
  // Subnets are locked in the order in which addresses are taken.
  await sql`select 1 from network_subnets where id in (select subnet_id from network_addresses where port_id = ${id})
    order by id for no key update`.execute(tx);
  await sql`delete from network_ports where id = ${id}`.execute(tx);
}

async function insertWithMac(
  tx: Transaction,
  networkId: string,
  row: Row,
  wanted: string | undefined,
): Promise<string> {
  const names = Object.keys(row).map((name) => sql.id(name));
  const attempts = wanted === undefined ? macAttempts : 1;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const mac = wanted ?? randomMac();
    const made = await all(
      tx,
      sql`insert into network_ports (${sql.join([...names, sql.id('mac_address')])}) values (${sql.join([...Object.values(row), mac])})
        on conflict (network_id, mac_address) do nothing returning id`,
    );
    if (made.length > 0) return mac;
  }
  if (wanted === undefined) throw errors.IpAddressGenerationFailure(networkId);
  await refuseMacInUse(tx, networkId, wanted);
  throw errors.MacAddressInUse(wanted, networkId, 'a port that was just deleted');
}

async function refuseMacInUse(tx: Transaction, networkId: string, mac: string): Promise<void> {
  const owner = await first(
    tx,
    sql<{
      id: string;
      name: string;
      device_owner: string;
    }>`select id, name, device_owner from network_ports where network_id = ${networkId} and mac_address = ${mac}`,
  );
  if (owner) throw errors.MacAddressInUse(mac, networkId, describePort(owner));
}

function wantedFrom(fixedIps: unknown): WantedAddress[] | undefined {
  if (!Array.isArray(fixedIps)) return undefined;
  return fixedIps.map((one) => {
    const row: Row = { ...Object(one) };
    return { subnetId: optionalText(row, 'subnet_id'), ipAddress: optionalText(row, 'ip_address') };
  });
}

interface Held {
  readonly subnet_id: string;
  readonly address: string;
}

/** Keeps the addresses that are asked for again, gives the others back, takes the new ones. */
async function replaceAddresses(
  tx: Transaction,
  port: Parameters<typeof giveAddresses>[1],
  wanted: readonly WantedAddress[],
): Promise<void> {
  const held = await all(
    tx,
    sql<Held>`select subnet_id, host(address) as address from network_addresses where port_id = ${port.id} order by position`,
  );
  const kept: Held[] = [];
  const fresh: WantedAddress[] = [];
  // Named addresses choose first what they keep; then any address of the subnet satisfies a wish for the subnet.
  for (const one of wanted.toSorted((a, b) => Number(a.ipAddress === undefined) - Number(b.ipAddress === undefined))) {
    const match = held.find((have) => !kept.includes(have) && satisfies(have, one));
    if (match) kept.push(match);
    else fresh.push(one);
  }
  const gone = held.filter((have) => !kept.includes(have));
  for (const { subnet_id, address } of gone)
    await sql`delete from network_addresses where subnet_id = ${subnet_id} and address = ${address}::inet`.execute(tx);
  if (fresh.length > 0) await giveAddresses(tx, port, await subnetsForPorts(tx, port.networkId), fresh, held.length);
}

function satisfies(have: Held, { subnetId, ipAddress }: WantedAddress): boolean {
  if (subnetId !== undefined && have.subnet_id !== subnetId) return false;
  if (ipAddress === undefined) return true;
  const parsed = toNumber(ipAddress);
  return parsed !== undefined && toText(parsed.value, parsed.version) === have.address;
}

async function setGroups(tx: Transaction, portId: string, ids: readonly string[]): Promise<void> {
  const known = await all(
    tx,
    sql<{ id: string }>`select id from network_security_groups where id = any(${[...ids]}::text[]) for key share`,
  );
  const missing = ids.find((id) => !known.some((one) => one.id === id));
  if (missing !== undefined) throw errors.SecurityGroupNotFound(missing);
  await sql`delete from network_port_security_groups where port_id = ${portId}`.execute(tx);
  await sql`insert into network_port_security_groups (port_id, security_group_id)
    select ${portId}, unnest(${[...new Set(ids)]}::text[])`.execute(tx);
}

/** jsonb columns as text: a JavaScript array would be sent as a PostgreSQL array. */
function jsonColumns(attributes: Row, before?: Row): Row {
  const result: Record<string, unknown> = {};
  if ('allowed_address_pairs' in attributes)
    result.allowed_address_pairs = JSON.stringify(attributes.allowed_address_pairs ?? []);
  if ('binding:profile' in attributes) result['binding:profile'] = JSON.stringify(attributes['binding:profile'] ?? {});
  if ('extra_dhcp_opts' in attributes)
    result.extra_dhcp_opts = JSON.stringify(mergedOptions(before, attributes.extra_dhcp_opts));
  return result;
}

/** An update changes the options that it names; a null value takes one off. */
function mergedOptions(before: Row | undefined, given: unknown): unknown[] {
  const options = new Map<string, unknown>();
  for (const source of [before?.extra_dhcp_opts, given]) {
    for (const one of Array.isArray(source) ? source : []) {
      const option: Row = { ip_version: 4, ...Object(one) };
      const key = `${String(option.opt_name)} ${String(option.ip_version)}`;
      if (option.opt_value === null) options.delete(key);
      else options.set(key, option);
    }
  }
  return [...options.values()];
}

/** A port is active while it is bound to a host. */
function binding(attributes: Row, before: Row | undefined): Row {
  const host = optionalText(attributes, 'binding:host_id') ?? (before ? text(before, 'binding:host_id') : '');
  const up = attributes.admin_state_up ?? before?.admin_state_up ?? true;
  const bound = host !== '';
  return {
    'binding:host_id': host,
    'binding:vif_type': bound ? 'other' : 'unbound',
    status: bound && up === true ? 'ACTIVE' : 'DOWN',
  };
}
