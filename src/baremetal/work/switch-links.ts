// What LLDP tells of the switch ports that a machine's NICs are on (IEEE 802.1AB, clause 8.5).
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { type JsonObject, tables } from '../store.ts';

/** As a port's local_link_connection has it; what the switch did not tell is absent. */
export interface SwitchLink {
  readonly switch_id?: string;
  readonly port_id?: string;
  readonly switch_info?: string;
}

/** MAC address of the NIC -> its link, for NICs whose switch was heard. */
export function switchLinks({ interfaces }: JsonObject): ReadonlyMap<string, SwitchLink> {
  const links = new Map<string, SwitchLink>();
  for (const nic of Array.isArray(interfaces) ? interfaces : []) {
    const { mac_address: mac, lldp }: JsonObject = Object(nic);
    if (typeof mac !== 'string' || !Array.isArray(lldp)) continue;
    const link = linkOf(lldp.flatMap(elementOf));
    if (Object.keys(link).length > 0) links.set(mac.toLowerCase(), link);
  }
  return links;
}

interface Element {
  readonly type: number;
  readonly value: Buffer;
}

function elementOf(given: unknown): Element[] {
  const [type, hex]: readonly unknown[] = Array.isArray(given) ? given : [];
  return typeof type === 'number' && typeof hex === 'string' ? [{ type, value: Buffer.from(hex, 'hex') }] : [];
}

function linkOf(elements: readonly Element[]): SwitchLink {
  const value = (type: number) => elements.find((one) => one.type === type)?.value;
  const chassis = value(1);
  const port = value(2);
  const system = value(5);
  // A switch is known by its MAC address alone: other ways of naming a chassis are unique within a site at best.
  const id = chassis?.[0] === 4 ? macOf(chassis.subarray(1)) : undefined;
  const portId = port && (port[0] === 3 ? macOf(port.subarray(1)) : port.toString('utf8', 1));
  return {
    ...(id ? { switch_id: id } : {}),
    ...(portId ? { port_id: portId } : {}),
    ...(system && system.length > 0 ? { switch_info: system.toString('utf8') } : {}),
  };
}

function macOf(bytes: Buffer): string | undefined {
  return bytes.length === 6 ? [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':') : undefined;
}

/** Writes the links on those of the node's ports that have none: what a person has said stays. */
export async function keepLinks(tx: Transaction, node: string, links: ReadonlyMap<string, SwitchLink>): Promise<void> {
  for (const [address, link] of links) {
    await tables(tx)
      .updateTable('baremetal_ports')
      .set({ local_link_connection: JSON.stringify(link), updated_at: new Date() })
      .where('node_uuid', '=', node)
      .where('address', '=', address)
      .where(sql<boolean>`local_link_connection = '{}'::jsonb`)
      .execute();
  }
}
