// The contents of a server's config drive: OpenStack metadata, network data, vendor data, user data.
import type { Json } from '../../operations/index.ts';
import type { ConfigDrive } from '../parts.ts';
import type { PortAddress, ServerPortRow, ServerRow } from '../tables.ts';

type JsonObject = { readonly [name: string]: Json };

/** Everything in it is a value of the server's rows: the same rows make the same drive, byte for byte. */
export function configDriveOf(
  server: ServerRow,
  ports: readonly ServerPortRow[],
  vendorData: JsonObject,
  mtus: Readonly<Record<string, number>> = {},
): ConfigDrive {
  return {
    metaData: metaData(server),
    networkData: networkData(ports, mtus),
    vendorData,
    ...(server.user_data === null ? {} : { userData: Buffer.from(server.user_data, 'base64').toString('utf8') }),
  };
}

/** Nova's "Metadata - OpenStack format": openstack/latest/meta_data.json. */
function metaData(server: ServerRow): JsonObject {
  const key = server.key_name !== null && server.public_key !== null;
  return {
    uuid: server.id,
    name: server.name,
    hostname: server.hostname,
    project_id: server.project_id,
    availability_zone: 'nova',
    launch_index: server.launch_index,
    meta: server.metadata,
    ...(key && server.key_name !== null && server.public_key !== null
      ? {
          public_keys: { [server.key_name]: server.public_key },
          keys: [{ name: server.key_name, type: 'ssh', data: server.public_key }],
        }
      : {}),
    devices: [],
  };
}

/** Nova's network_data.json: links are the NICs by MAC address, networks what is configured on them. */
function networkData(ports: readonly ServerPortRow[], mtus: Readonly<Record<string, number>>): JsonObject {
  const links = ports.map((port) => ({
    id: linkName(port),
    vif_id: port.port_id,
    type: 'phy',
    mtu: mtus[port.network_id] ?? 1500,
    ethernet_mac_address: port.mac_address,
  }));
  const networks = ports
    .flatMap((port) => port.fixed_ips.map((address) => ({ port, address })))
    .map(({ port, address }, index) => ({
      id: `network${index}`,
      link: linkName(port),
      network_id: port.network_id,
      type: `ipv${address.version}`,
      ip_address: address.ip,
      netmask: netmask(address),
      routes: routes(address),
      services: address.dnsServers.map(dns),
    }));
  const servers = [...new Set(ports.flatMap((port) => port.fixed_ips.flatMap(({ dnsServers }) => dnsServers)))];
  return { links, networks, services: servers.map(dns) };
}

function linkName({ port_id }: ServerPortRow): string {
  return `tap${port_id.slice(0, 11)}`;
}

function dns(address: string): JsonObject {
  return { type: 'dns', address };
}

function routes(address: PortAddress): Json[] {
  const default4 = { network: '0.0.0.0', netmask: '0.0.0.0' };
  const default6 = { network: '::', netmask: '::' };
  const own = address.routes.map(({ destination, nexthop }) => {
    const [network = '', prefix = ''] = destination.split('/');
    return { network, netmask: maskOf(address.version, Number(prefix)), gateway: nexthop };
  });
  if (address.gateway === null) return own;
  return [{ ...(address.version === 4 ? default4 : default6), gateway: address.gateway }, ...own];
}

function netmask({ cidr, version }: PortAddress): string {
  return maskOf(version, Number(cidr.split('/')[1] ?? (version === 4 ? 32 : 128)));
}

function maskOf(version: 4 | 6, prefix: number): string {
  if (version === 4) {
    return [0, 8, 16, 24].map((from) => 256 - 2 ** (8 - Math.min(8, Math.max(0, prefix - from)))).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, index) => {
    const bits = Math.min(16, Math.max(0, prefix - index * 16));
    return (0x10000 - 2 ** (16 - bits)).toString(16);
  });
  return groups.join(':').replace(/(:0)+$/, '::');
}
