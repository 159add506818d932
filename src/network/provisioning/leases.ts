// What DHCP hands out: the addresses of every port of a network, by MAC address.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { all } from '../store.ts';

export interface Lease {
  readonly macAddress: string;
  readonly portId: string;
  readonly addresses: readonly string[];
  /** The port's DNS name, or undefined. */
  readonly hostname: string | undefined;
  readonly dhcpOptions: readonly {
    readonly opt_name: string;
    readonly opt_value: string;
    readonly ip_version: number;
  }[];
}

/** Sorted by MAC address, so that an unchanged network writes an unchanged file. */
export async function leases(database: Database, networkId: string): Promise<Lease[]> {
  const rows = await all(
    database,
    sql<{ mac: string; id: string; addresses: string[]; name: string; options: Lease['dhcpOptions'] }>`
      select p.mac_address as mac, p.id, p.dns_name as name, p.extra_dhcp_opts as options,
        array(select host(a.address) from network_addresses a where a.port_id = p.id order by a.position, a.address) as addresses
      from network_ports p where p.network_id = ${networkId} order by p.mac_address`,
  );
  return rows.map((row) => ({
    macAddress: row.mac,
    portId: row.id,
    addresses: row.addresses,
    hostname: row.name === '' ? undefined : row.name,
    dhcpOptions: row.options,
  }));
}
