// The interface of the provisioning network: its addresses and the defaults that follow from them.
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import type { Config } from './config.ts';
import { StartError } from './errors.ts';

export interface Provisioning {
  readonly interface: string;
  /** Our own address there, which machines call. */
  readonly address: string;
  /** Network in CIDR form. */
  readonly cidr: string;
  readonly dhcpStart: string;
  readonly dhcpEnd: string;
  readonly port: number;
}

/** Reads the interface named in the configuration; undefined when none is. The pool defaults to the upper half of the network. */
export function findProvisioning(config: Config['provision']): Provisioning | undefined {
  const name = config.interface;
  if (name === undefined) return undefined;
  const interfaces = networkInterfaces();
  const own = interfaces[name];
  if (!own)
    throw new StartError(`there is no interface ${name}; this machine has ${Object.keys(interfaces).join(', ')}`);
  const ipv4 = own.find((address) => address.family === 'IPv4' && address.cidr !== null);
  if (!ipv4?.cidr) throw new StartError(`interface ${name} has no IPv4 address; give it one that machines can reach`);
  const [network, prefix] = [ipaddr.IPv4.networkAddressFromCIDR(ipv4.cidr), Number(ipv4.cidr.split('/')[1])];
  if (prefix > 28)
    throw new StartError(`the network of ${name} (${ipv4.cidr}) has no room for machines; use a /28 or larger`);
  const first = toNumber(network.toString());
  const size = 2 ** (32 - prefix);
  return {
    interface: name,
    address: ipv4.address,
    cidr: `${network.toString()}/${prefix}`,
    dhcpStart: config.dhcp_start ?? fromNumber(first + Math.max(size / 2, 4)),
    dhcpEnd: config.dhcp_end ?? fromNumber(first + size - 2),
    port: config.port,
  };
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function fromNumber(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
