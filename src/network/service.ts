// Puts network together: its API, and what compute and bare metal call.
import { sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';
import { type Api, networkFault } from '../openstack/index.ts';
import { toNumber } from './address.ts';
import { errors } from './errors.ts';
import { networks } from './network/networks.ts';
import { policy } from './policy.data.ts';
import { ports } from './port/ports.ts';
import { changePort, insertPort, removePort } from './port/write.ts';
import { ensureProvisioningNetwork, type ProvisioningNetwork } from './provisioning/ensure.ts';
import { type Lease, leases } from './provisioning/leases.ts';
import { findById } from './resource/list.ts';
import { networkRoutes } from './routes.ts';
import { all, type Connection, first, list, type Row, text, texts } from './store.ts';
import { subnets } from './subnet/subnets.ts';

export interface FixedIp {
  readonly subnetId: string;
  readonly ipAddress: string;
}

export interface Port {
  readonly id: string;
  readonly networkId: string;
  readonly projectId: string;
  readonly name: string;
  readonly macAddress: string;
  readonly fixedIps: readonly FixedIp[];
  readonly deviceId: string;
  readonly deviceOwner: string;
  readonly bindingHostId: string;
  readonly status: string;
  readonly dnsName: string;
}

export interface PortRequest {
  readonly networkId: string;
  /** Owner; default: the network's. */
  readonly projectId?: string;
  readonly name?: string;
  readonly macAddress?: string;
  /** Absent: one address of each IP version. Empty: none. */
  readonly fixedIps?: readonly { readonly subnetId?: string; readonly ipAddress?: string }[];
  readonly deviceId?: string;
  readonly deviceOwner?: string;
  readonly bindingHostId?: string;
  readonly dnsName?: string;
  readonly securityGroups?: readonly string[];
}

export interface NetworkSummary {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly shared: boolean;
  readonly mtu: number;
  readonly subnetIds: readonly string[];
}

export interface SubnetSummary {
  readonly id: string;
  readonly networkId: string;
  readonly name: string;
  readonly ipVersion: number;
  readonly cidr: string;
  readonly prefixLength: number;
  readonly gatewayIp: string | null;
  readonly enableDhcp: boolean;
  readonly dnsNameservers: readonly string[];
  readonly hostRoutes: readonly { readonly destination: string; readonly nexthop: string }[];
  readonly allocationPools: readonly { readonly start: string; readonly end: string }[];
}

export interface Network {
  readonly api: Api;
  ensureProvisioningNetwork(
    wanted: ProvisioningNetwork,
  ): Promise<{ readonly networkId: string; readonly subnetId: string }>;
  /** Throws the service's errors: NetworkNotFound, MacAddressInUse, IpAddressInUse (with the owner), IpAddressGenerationFailure. */
  createPort(tx: Transaction, wanted: PortRequest): Promise<Port>;
  /** Changes what is named; `fixedIps` replaces the addresses. Throws PortNotFound. */
  updatePort(
    tx: Transaction,
    id: string,
    changes: Omit<Partial<PortRequest>, 'networkId' | 'projectId'>,
  ): Promise<Port>;
  /** Deleting a port that is gone is no error. Throws PortInUseAsTrunkParent. */
  deletePort(tx: Transaction, id: string): Promise<void>;
  getPort(id: string, db?: Connection): Promise<Port | undefined>;
  portsOfDevice(deviceId: string, db?: Connection): Promise<Port[]>;
  portByMac(macAddress: string, networkId?: string): Promise<Port | undefined>;
  /** By id, else by name; a name that several networks bear finds none. */
  findNetwork(idOrName: string): Promise<NetworkSummary | undefined>;
  /** All networks, the oldest first. */
  listNetworks(): Promise<NetworkSummary[]>;
  subnetsOf(networkId: string): Promise<SubnetSummary[]>;
  /** By id, else by name; a name that several subnets bear finds none. */
  findSubnet(idOrName: string): Promise<SubnetSummary | undefined>;
  leases(networkId: string): Promise<Lease[]>;
}

export function createNetwork({ database }: { readonly database: Database }): Network {
  async function mustGet(db: Connection, id: string): Promise<Port> {
    const row = await findById(db, ports, id);
    if (!row) throw errors.PortNotFound(id);
    return toPort(row);
  }
  return {
    api: {
      service: 'network',
      path: '/network',
      routes: networkRoutes(database),
      policy,
      renderFault: networkFault,
    },
    ensureProvisioningNetwork: (wanted) => ensureProvisioningNetwork(database, wanted),
    async createPort(tx, wanted) {
      const projectId = wanted.projectId ?? (await ownerOf(tx, wanted.networkId));
      const id = await insertPort(tx, { network_id: wanted.networkId, project_id: projectId, ...attributesOf(wanted) });
      return mustGet(tx, id);
    },
    async updatePort(tx, id, changes) {
      const before = await findById(tx, ports, id);
      if (!before) throw errors.PortNotFound(id);
      await changePort(tx, before, attributesOf(changes));
      return mustGet(tx, id);
    },
    deletePort: removePort,
    async getPort(id, db = database) {
      const row = await findById(db, ports, id);
      return row && toPort(row);
    },
    async portsOfDevice(deviceId, db = database) {
      const rows = await all(
        db,
        sql<Row>`select * from (${ports.query}) r where r.device_id = ${deviceId} order by r.created_at, r.id`,
      );
      return rows.map(toPort);
    },
    async portByMac(macAddress, networkId) {
      const row = await first(
        database,
        sql<Row>`select * from (${ports.query}) r where r.mac_address = ${macAddress.toLowerCase()}
          and (${networkId ?? null}::text is null or r.network_id = ${networkId ?? null}) order by r.created_at limit 1`,
      );
      return row && toPort(row);
    },
    async findNetwork(idOrName) {
      const row = await findByIdOrName(database, networks, idOrName);
      return row && toNetwork(row);
    },
    async listNetworks() {
      const rows = await all(database, sql<Row>`select * from (${networks.query}) r order by r.created_at, r.id`);
      return rows.map(toNetwork);
    },
    async subnetsOf(networkId) {
      const rows = await all(
        database,
        sql<Row>`select * from (${subnets.query}) r where r.network_id = ${networkId} order by r.ip_version, r.id`,
      );
      return rows.map(toSubnet);
    },
    async findSubnet(idOrName) {
      const row = await findByIdOrName(database, subnets, idOrName);
      return row && toSubnet(row);
    },
    leases: (networkId) => leases(database, networkId),
  };
}

async function findByIdOrName(
  db: Connection,
  { query }: Pick<typeof networks, 'query'>,
  idOrName: string,
): Promise<Row | undefined> {
  const rows = await all(
    db,
    sql<Row>`select * from (${query}) r where r.id = ${idOrName} or r.name = ${idOrName} limit 3`,
  );
  return rows.find((one) => one.id === idOrName) ?? (rows.length === 1 ? rows[0] : undefined);
}

async function ownerOf(db: Connection, networkId: string): Promise<string> {
  const row = await first(
    db,
    sql<{ project_id: string }>`select project_id from network_networks where id = ${networkId}`,
  );
  if (!row) throw errors.NetworkNotFound(networkId);
  return row.project_id;
}

function attributesOf(wanted: Omit<Partial<PortRequest>, 'networkId' | 'projectId'>): Row {
  const named = {
    name: wanted.name,
    mac_address: wanted.macAddress,
    device_id: wanted.deviceId,
    device_owner: wanted.deviceOwner,
    'binding:host_id': wanted.bindingHostId,
    'binding:vnic_type': wanted.bindingHostId === undefined ? undefined : 'baremetal',
    dns_name: wanted.dnsName,
    security_groups: wanted.securityGroups,
    fixed_ips: wanted.fixedIps?.map((one) => {
      if (one.ipAddress !== undefined && !toNumber(one.ipAddress))
        throw errors.InvalidInput(`'${one.ipAddress}' is not a valid IP address`);
      return { subnet_id: one.subnetId, ip_address: one.ipAddress };
    }),
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

function toPort(row: Row): Port {
  return {
    id: text(row, 'id'),
    networkId: text(row, 'network_id'),
    projectId: text(row, 'project_id'),
    name: text(row, 'name'),
    macAddress: text(row, 'mac_address'),
    fixedIps: list(row, 'fixed_ips').map((one) => ({
      subnetId: String(Object(one).subnet_id),
      ipAddress: String(Object(one).ip_address),
    })),
    deviceId: text(row, 'device_id'),
    deviceOwner: text(row, 'device_owner'),
    bindingHostId: text(row, 'binding:host_id'),
    status: text(row, 'status'),
    dnsName: text(row, 'dns_name'),
  };
}

function toNetwork(row: Row): NetworkSummary {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    projectId: text(row, 'project_id'),
    shared: row.shared === true,
    mtu: Number(row.mtu),
    subnetIds: texts(row, 'subnets'),
  };
}

function toSubnet(row: Row): SubnetSummary {
  const cidr = text(row, 'cidr');
  return {
    id: text(row, 'id'),
    networkId: text(row, 'network_id'),
    name: text(row, 'name'),
    ipVersion: Number(row.ip_version),
    cidr,
    prefixLength: Number(cidr.split('/')[1]),
    gatewayIp: typeof row.gateway_ip === 'string' ? row.gateway_ip : null,
    enableDhcp: row.enable_dhcp === true,
    dnsNameservers: texts(row, 'dns_nameservers'),
    hostRoutes: list(row, 'host_routes').map((one) => ({
      destination: String(Object(one).destination),
      nexthop: String(Object(one).nexthop),
    })),
    allocationPools: list(row, 'allocation_pools').map((one) => ({
      start: String(Object(one).start),
      end: String(Object(one).end),
    })),
  };
}
