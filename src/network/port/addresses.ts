// Chooses the addresses of a port, without races: the database hands each out once.
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { contains, hostRange, prefixText, slaacAddress, toNumber, toText } from '../address.ts';
import { errors } from '../errors.ts';
import { first } from '../store.ts';
import type { PortSubnet } from '../subnet/subnets.ts';

/** What a client asks for: an address, any address of a subnet, or an address wherever it fits. */
export interface WantedAddress {
  readonly subnetId?: string | undefined;
  readonly ipAddress?: string | undefined;
}

interface AddressedPort {
  readonly id: string;
  readonly networkId: string;
  readonly macAddress: string;
  readonly deviceOwner: string;
}

/**
 * Gives a port its addresses out of its network's `subnets`. `wanted` undefined: one of the first IPv4 and one of the first IPv6 subnet that has any left,
 * and one by SLAAC in each such subnet. Throws IpAddressInUse (with its owner), InvalidIpForNetwork, InvalidIpForSubnet,
 * SubnetNotFound, IpAddressGenerationFailure.
 */
export async function giveAddresses(
  tx: Transaction,
  port: AddressedPort,
  subnets: readonly PortSubnet[],
  wanted: readonly WantedAddress[] | undefined,
  firstPosition = 0,
): Promise<void> {
  if (wanted === undefined) {
    await giveDefault(tx, port, subnets, firstPosition);
    return;
  }
  const chosen = wanted.map((one, index) => ({
    ...one,
    subnet: subnetFor(port, subnets, one),
    position: firstPosition + index,
  }));
  // Every transaction takes its subnets in the same order, and in each first what is named: no deadlock, no named address lost.
  const order = chosen.toSorted(
    (a, b) =>
      a.subnet.id.localeCompare(b.subnet.id) || Number(a.ipAddress === undefined) - Number(b.ipAddress === undefined),
  );
  for (const { subnet, ipAddress, position } of order) {
    const address = ipAddress ?? (subnet.slaac ? slaacAddress(subnet.prefix, port.macAddress) : undefined);
    await take(tx, port, subnet, address, position);
  }
}

async function giveDefault(
  tx: Transaction,
  port: AddressedPort,
  subnets: readonly PortSubnet[],
  firstPosition: number,
): Promise<void> {
  const fitting = subnets.filter((subnet) => fits(subnet, port));
  let position = firstPosition;
  let served = false;
  for (const version of [4, 6] as const) {
    const candidates = fitting.filter((subnet) => subnet.prefix.version === version && !subnet.slaac);
    let given = false;
    for (const subnet of candidates) {
      given = await tryTake(tx, port, subnet, undefined, position);
      if (given) break;
    }
    if (!given && candidates.length > 0) throw errors.IpAddressGenerationFailure(port.networkId);
    if (given) position++;
    served ||= given;
  }
  for (const subnet of fitting.filter((one) => one.slaac))
    await take(tx, port, subnet, slaacAddress(subnet.prefix, port.macAddress), position++);
  if (!served && subnets.length > 0 && fitting.length === 0) throw errors.IpAddressGenerationFailure(port.networkId);
}

/** Subnets for services are for ports whose owner begins with one of their types (extension subnet-service-types). */
function fits(subnet: PortSubnet, port: AddressedPort): boolean {
  return subnet.serviceTypes.length === 0 || subnet.serviceTypes.some((type) => port.deviceOwner.startsWith(type));
}

function subnetFor(port: AddressedPort, subnets: readonly PortSubnet[], wanted: WantedAddress): PortSubnet {
  const address = wanted.ipAddress === undefined ? undefined : toNumber(wanted.ipAddress);
  if (wanted.ipAddress !== undefined && !address)
    throw errors.HTTPBadRequest(
      `Invalid input for fixed_ips. Reason: '${wanted.ipAddress}' is not a valid IP address.`,
    );
  if (wanted.subnetId !== undefined) {
    const subnet = subnets.find((one) => one.id === wanted.subnetId);
    if (!subnet)
      throw errors.InvalidInput(
        `failed to create port on network ${port.networkId}, because fixed_ips included invalid subnet ${wanted.subnetId}`,
      );
    if (address && !contains(subnet.prefix, address))
      throw errors.InvalidIpForSubnet(wanted.ipAddress ?? '', prefixText(subnet.prefix));
    return subnet;
  }
  if (!address) throw errors.InvalidInput('IP allocation requires subnet_id or ip_address');
  const subnet = subnets.find((one) => contains(one.prefix, address));
  if (!subnet) throw errors.InvalidIpForNetwork(wanted.ipAddress ?? '');
  return subnet;
}

async function take(
  tx: Transaction,
  port: AddressedPort,
  subnet: PortSubnet,
  address: string | undefined,
  position: number,
): Promise<void> {
  if (address !== undefined) refuseEdges(subnet, address);
  if (await tryTake(tx, port, subnet, address, position)) return;
  if (address === undefined) throw errors.IpAddressGenerationFailure(port.networkId);
  const owner = await first(
    tx,
    sql<{ id: string; name: string; device_owner: string }>`select p.id, p.name, p.device_owner from network_addresses a
      join network_ports p on p.id = a.port_id where a.subnet_id = ${subnet.id} and a.address = ${address}::inet`,
  );
  throw errors.IpAddressInUse(address, port.networkId, owner ? describePort(owner) : 'another port');
}

/** `port 1b5c... (controller-0, compute:nova)`. */
export function describePort(port: {
  readonly id: string;
  readonly name: string;
  readonly device_owner: string;
}): string {
  const more = [port.name, port.device_owner].filter((one) => one !== '').join(', ');
  return more === '' ? `port ${port.id}` : `port ${port.id} (${more})`;
}

function refuseEdges(subnet: PortSubnet, address: string): void {
  const hosts = hostRange(subnet.prefix);
  const value = toNumber(address)?.value ?? 0n;
  if (value < hosts.first || value > hosts.last) throw errors.InvalidIpForSubnet(address, prefixText(subnet.prefix));
}

async function tryTake(
  tx: Transaction,
  port: AddressedPort,
  subnet: PortSubnet,
  address: string | undefined,
  position: number,
): Promise<boolean> {
  const parsed = address === undefined ? undefined : toNumber(address);
  const plain = parsed ? toText(parsed.value, parsed.version) : null;
  const row = await first(
    tx,
    sql<{
      address: string | null;
    }>`select host(network_take_address(${subnet.id}, ${port.id}, ${plain}::inet, ${position})) as address`,
  );
  return typeof row?.address === 'string';
}
