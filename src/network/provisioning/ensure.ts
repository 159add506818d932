// The provisioning network: made or brought up to date at every start.
import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import { prefixText, toNumber, toPrefix } from '../address.ts';
import { errors } from '../errors.ts';
import { createNetwork } from '../network/networks.ts';
import { first } from '../store.ts';
import { choosePools, writePools } from '../subnet/pools.ts';
import { createSubnet } from '../subnet/subnets.ts';

export interface ProvisioningNetwork {
  readonly name: string;
  readonly cidr: string;
  readonly gateway: string | null;
  readonly dhcpStart: string;
  readonly dhcpEnd: string;
  readonly dns: readonly string[];
  /** Owner; default: nobody's, which administrators see and everybody may use, for it is shared. */
  readonly projectId?: string;
}

/** Idempotent. Returns the ids. Throws InvalidInput when the network exists with another cidr. */
export async function ensureProvisioningNetwork(
  database: Database,
  wanted: ProvisioningNetwork,
): Promise<{ readonly networkId: string; readonly subnetId: string }> {
  return database.transaction().execute(async (tx) => {
    // Several processes may start at once.
    await sql`lock table network_networks in share row exclusive mode`.execute(tx);
    const projectId = wanted.projectId ?? '';
    const known = await first(
      tx,
      sql<{
        id: string;
      }>`select id from network_networks where name = ${wanted.name} and project_id = ${projectId} order by created_at limit 1`,
    );
    const networkId =
      known?.id ??
      (await createNetwork(tx, {
        name: wanted.name,
        project_id: projectId,
        shared: true,
        description: 'Provisioning network',
        port_security_enabled: false,
        'provider:network_type': 'flat',
        'provider:physical_network': wanted.name,
      }));
    return { networkId, subnetId: await ensureSubnet(tx, networkId, projectId, wanted) };
  });
}

async function ensureSubnet(
  tx: Transaction,
  networkId: string,
  projectId: string,
  wanted: ProvisioningNetwork,
): Promise<string> {
  const allocationPools = [{ start: wanted.dhcpStart, end: wanted.dhcpEnd }];
  const known = await first(
    tx,
    sql<{
      id: string;
      cidr: string;
    }>`select id, cidr::text as cidr from network_subnets where network_id = ${networkId} order by created_at limit 1`,
  );
  const prefix = toPrefix(wanted.cidr);
  if (!prefix) throw errors.InvalidInput(`the provisioning network's cidr ${wanted.cidr} is not a valid IP subnet`);
  if (!known) {
    return createSubnet(tx, {
      network_id: networkId,
      project_id: projectId,
      name: `${wanted.name}-subnet`,
      ip_version: prefix.version,
      cidr: wanted.cidr,
      gateway_ip: wanted.gateway,
      dns_nameservers: [...wanted.dns],
      allocation_pools: allocationPools,
    });
  }
  if (known.cidr !== prefixText(prefix))
    throw errors.InvalidInput(
      `the network ${wanted.name} has the cidr ${known.cidr}, not ${wanted.cidr}; delete its ports and the network first`,
    );
  const gateway = wanted.gateway === null ? undefined : toNumber(wanted.gateway)?.value;
  await sql`update network_subnets set gateway_ip = ${wanted.gateway}::inet, dns_nameservers = ${[...wanted.dns]}::text[] where id = ${known.id}`.execute(
    tx,
  );
  await writePools(tx, known.id, prefix, choosePools({ allocation_pools: allocationPools }, prefix, gateway));
  return known.id;
}
