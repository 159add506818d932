// What several ports of one transaction share, read once: their network, its subnets, the project's default security group.
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import { ensureDefaultGroup } from '../security-group/default-group.ts';
import { first } from '../store.ts';
import { type PortSubnet, subnetsForPorts } from '../subnet/subnets.ts';

export interface PortNetwork {
  readonly port_security_enabled: boolean;
}

export interface Surroundings {
  /** Locks the network against deletion. Throws NetworkNotFound. */
  network(id: string): Promise<PortNetwork>;
  subnets(networkId: string): Promise<readonly PortSubnet[]>;
  defaultGroup(projectId: string): Promise<string>;
}

export function surroundingsOf(tx: Transaction): Surroundings {
  const networks = new Map<string, Promise<PortNetwork>>();
  const subnets = new Map<string, Promise<readonly PortSubnet[]>>();
  const groups = new Map<string, Promise<string>>();
  return {
    network: (id) => remembered(networks, id, () => lockNetwork(tx, id)),
    subnets: (id) => remembered(subnets, id, () => subnetsForPorts(tx, id)),
    defaultGroup: (id) => remembered(groups, id, () => ensureDefaultGroup(tx, id)),
  };
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? read();
  known.set(key, found);
  return found;
}

async function lockNetwork(tx: Transaction, id: string): Promise<PortNetwork> {
  const network = await first(
    tx,
    sql<PortNetwork>`select port_security_enabled from network_networks where id = ${id} for key share`,
  );
  if (!network) throw errors.NetworkNotFound(id);
  return network;
}
