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
  /** Addresses of servers, chosen by the network service; both ends inclusive. */
  readonly ports: { readonly first: string; readonly last: string };
  /** Addresses of machines that have none of their own yet: ramdisks, newcomers. */
  readonly dynamicPool: { readonly first: string; readonly last: string };
  readonly port: number;
  /** `http://ADDRESS:PORT`, where machines call. */
  readonly origin: string;
  /** Where deploy agents call over TLS; undefined: at `origin`. */
  readonly agents: { readonly port: number; readonly origin: string } | undefined;
}

/** Reads the interface named in the configuration; undefined when none is. */
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
  const middle = size / 2;
  const own4 = toNumber(ipv4.address);
  // Servers live in the lower half above our own address, DHCP's dynamic pool in the upper half.
  const lowest = own4 < first + middle ? own4 + 1 : first + 1;
  const tlsPort = config.tls_port ?? config.port + 1;
  return {
    interface: name,
    address: ipv4.address,
    cidr: `${network.toString()}/${prefix}`,
    ports: { first: fromNumber(lowest), last: fromNumber(first + middle - 1) },
    dynamicPool: {
      first: config.dhcp_start ?? fromNumber(first + middle),
      last: config.dhcp_end ?? fromNumber(own4 === first + size - 2 ? first + size - 3 : first + size - 2),
    },
    port: config.port,
    origin: `http://${ipv4.address}:${config.port}`,
    agents: tlsPort === 0 ? undefined : { port: tlsPort, origin: `https://${ipv4.address}:${tlsPort}` },
  };
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function fromNumber(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
