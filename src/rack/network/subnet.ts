// The addresses of a rack's provisioning network, computed from its subnet.
import ipaddr from 'ipaddr.js';
import { rackErrors } from '../errors.ts';

export interface RackAddresses {
  /** Network in CIDR form, for instance 192.168.24.0/24. */
  readonly subnet: string;
  /** The host's own address on it: the first one. */
  readonly host: string;
  readonly prefixLength: number;
  /** A unique local IPv6 address (RFC 4193) of the host: with it router advertisements can be sent, without which iPXE waits. */
  readonly hostV6: string;
}

/** Addresses for a subnet in CIDR form. Throws `bad-option` when it is not an IPv4 network with room for machines. */
export function rackAddresses(subnet: string): RackAddresses {
  if (!ipaddr.IPv4.isValidCIDR(subnet))
    throw rackErrors.badOption('--subnet', `${subnet} is not an IPv4 network like 192.168.24.0/24`);
  const [, prefixLength] = ipaddr.IPv4.parseCIDR(subnet);
  if (prefixLength < 8 || prefixLength > 29)
    throw rackErrors.badOption('--subnet', `a /${prefixLength} network is not between /8 and /29`);
  const network = ipaddr.IPv4.networkAddressFromCIDR(subnet);
  const octets = network.toByteArray();
  const host = ipaddr.fromByteArray([...octets.slice(0, 3), (octets[3] ?? 0) + 1]);
  const hex = octets.map((octet) => octet.toString(16).padStart(2, '0'));
  return {
    subnet: `${network.toString()}/${prefixLength}`,
    host: host.toString(),
    prefixLength,
    hostV6: `fd75:${hex[0]}${hex[1]}:${hex[2]}${hex[3]}::1`,
  };
}

/** True when two IPv4 networks in CIDR form share an address. */
export function overlaps(one: string, other: string): boolean {
  const [a, aLength] = ipaddr.IPv4.parseCIDR(one);
  const [b, bLength] = ipaddr.IPv4.parseCIDR(other);
  return a.match(b, Math.min(aLength, bLength));
}
