// Machines that boot from the network without being known: enrolled by a profile, or listed until somebody decides.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { appendEvent } from '../../events/index.ts';
import { errors } from '../errors.ts';
import { createNode } from '../node/create.ts';
import { requestVerb } from '../node/provision.ts';
import type { NewNodeBody } from '../node/schemas.ts';
import type { DiscoveryConfig, Parts } from '../parts.ts';
import { type DiscoveryRow, type NodeRow, tables } from '../store.ts';
import { maxVersion } from '../versions.ts';
import { keepInventory } from '../work/inspect.ts';
import type { Findings } from '../work/inspection-report.ts';

/** Whoever can reach the provisioning network can send reports: the list has an end. */
const mostListed = 1_000;

/** Is none of these MACs a port of a node? */
export async function unknownMachine(tx: Transaction, macs: readonly string[]): Promise<boolean> {
  if (macs.length === 0) return false;
  const known = await tables(tx)
    .selectFrom('baremetal_ports')
    .select('id')
    .where('address', 'in', [...macs])
    .limit(1)
    .execute();
  return known.length === 0;
}

/** Notes a machine that was met, or enrols it where the profile says so and is enough. Answers the id to show for it. */
export async function meet(parts: Parts, tx: Transaction, found: Findings): Promise<string> {
  const { mode } = parts.config.discovery;
  const macs = [...found.macs];
  const bmc = bmcAddress(found);
  const profile = mode === 'enroll' ? profileFor(parts.config.discovery, bmc) : undefined;
  if (profile && !('lacks' in profile)) {
    const node = await enrol(parts, tx, found, profile, { requestedBy: 'discovery', requestId: '' });
    await tables(tx).deleteFrom('baremetal_discoveries').where(overlaps(macs)).execute();
    return node.uuid;
  }
  const note = profile && 'lacks' in profile ? profile.lacks : null;
  const row = { macs, bmc_address: bmc, inventory: JSON.stringify(found.inventory), note, last_seen_at: new Date() };
  const seen = await tables(tx)
    .updateTable('baremetal_discoveries')
    .set(row)
    .where(overlaps(macs))
    .returning('uuid')
    .executeTakeFirst();
  if (seen) return seen.uuid;
  const { count } = await tables(tx)
    .selectFrom('baremetal_discoveries')
    .select((on) => on.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  if (Number(count) >= mostListed) throw errors.DiscoveriesFull(mostListed);
  const uuid = randomUUID();
  await tables(tx)
    .insertInto('baremetal_discoveries')
    .values({ uuid, ...row })
    .execute();
  const payload = { macs, bmc_address: bmc, note };
  await appendEvent(tx, { kind: 'baremetal.machine.discovered', subject: `discovery:${uuid}`, payload });
  return uuid;
}

/** Makes a node of a machine that was met, with its ports and inventory, and asks its BMC whether the credentials are right. */
export async function enrol(
  parts: Parts,
  tx: Transaction,
  found: Pick<Findings, 'macs' | 'inventory' | 'properties'>,
  body: NewNodeBody,
  asked: { readonly requestedBy: string; readonly requestId: string },
): Promise<NodeRow> {
  const node = await createNode(
    parts,
    tx,
    { ...body, properties: { ...found.properties, ...body.properties } },
    { version: maxVersion, requestId: asked.requestId },
  );
  for (const address of found.macs) {
    await tables(tx)
      .insertInto('baremetal_ports')
      .values({ uuid: randomUUID(), node_uuid: node.uuid, address })
      .execute();
  }
  await keepInventory(tx, node.uuid, found.inventory, { ...found.properties, macs: found.macs });
  await requestVerb(parts, tx, node, 'manage', {}, asked);
  return node;
}

/** The node that the profile makes of a machine with this BMC, or what the profile lacks for it. */
function profileFor(config: DiscoveryConfig, bmc: string | null): NewNodeBody | { readonly lacks: string } {
  if (config.driver === undefined) return { lacks: 'discovery.driver is not configured' };
  const wants = Object.values(config.driverInfo).some((value) => value.includes('{bmc_address}'));
  if (wants && bmc === null) return { lacks: 'the machine does not tell the address of its BMC' };
  const filled = Object.entries(config.driverInfo).map(([key, value]) => [
    key,
    value.replaceAll('{bmc_address}', bmc ?? ''),
  ]);
  return {
    driver: config.driver,
    driver_info: Object.fromEntries(filled),
    ...(config.resourceClass === undefined ? {} : { resource_class: config.resourceClass }),
  };
}

function bmcAddress({ inventory }: Findings): string | null {
  const { bmc_address: address } = inventory;
  return typeof address === 'string' && address !== '' && address !== '0.0.0.0' ? address : null;
}

function overlaps(macs: readonly string[]) {
  return sql<boolean>`macs && ${[...macs]}::text[]`;
}

/** As the API shows it. */
export function discoveryDocument(row: DiscoveryRow) {
  const { uuid, macs, bmc_address, inventory, note, first_seen_at, last_seen_at } = row;
  return { uuid, macs, bmc_address, note, first_seen_at, last_seen_at, inventory };
}
