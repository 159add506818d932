// Machines that boot from the network without being known: enrolled by a profile, or listed until somebody decides.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { appendEvent } from '../../events/index.ts';
import { errors } from '../errors.ts';
import { inspected } from '../inspection-hook/hooks.ts';
import { keepPorts, keepReport } from '../inspection-hook/keep.ts';
import { macsOf, type Report } from '../inspection-hook/report.ts';
import { createNode } from '../node/create.ts';
import { requestVerb } from '../node/provision.ts';
import type { NewNodeBody } from '../node/schemas.ts';
import type { DiscoveryConfig, Parts } from '../parts.ts';
import { type DiscoveryRow, type NodeRow, tables } from '../store.ts';
import { maxVersion } from '../versions.ts';
import { type Met, nodeByProfile, profileOf } from './profile.ts';

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
export async function meet(parts: Parts, tx: Transaction, report: Report): Promise<string> {
  const { mode } = parts.config.discovery;
  const macs = macsOf(report);
  const bmc = bmcAddress(report);
  const wanted =
    mode === 'enroll' ? wantedNode(parts.config.discovery, { bmc, inventory: report.inventory }) : undefined;
  if (wanted && !('lacks' in wanted)) {
    const node = await enrol(parts, tx, report, wanted, { requestedBy: 'discovery', requestId: '' });
    await tables(tx).deleteFrom('baremetal_discoveries').where(overlaps(macs)).execute();
    return node.uuid;
  }
  const note = wanted?.lacks ?? null;
  const row = { macs, bmc_address: bmc, inventory: JSON.stringify(report.inventory), note, last_seen_at: new Date() };
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
  report: Report,
  body: NewNodeBody,
  asked: { readonly requestedBy: string; readonly requestId: string },
): Promise<NodeRow> {
  const found = inspected(parts.config.inspection, report, { properties: {}, ports: [] });
  const node = await createNode(
    parts,
    tx,
    { ...body, properties: { ...found.properties, ...body.properties } },
    { version: maxVersion, requestId: asked.requestId },
  );
  await keepPorts(tx, node.uuid, [], found.ports);
  await keepReport(tx, node.uuid, { report, pluginData: found.pluginData });
  await requestVerb(parts, tx, node, 'manage', {}, asked);
  return node;
}

function wantedNode({ profiles }: DiscoveryConfig, met: Met): NewNodeBody | { readonly lacks: string } {
  const profile = profileOf(profiles, met);
  if (profile) return nodeByProfile(profile, met.bmc);
  return { lacks: profiles.length === 0 ? 'no profile is configured' : 'none of the configured profiles fits it' };
}

function bmcAddress({ inventory }: Report): string | null {
  const { bmc_address: address } = inventory;
  return typeof address === 'string' && address !== '' && address !== '0.0.0.0' ? address : null;
}

function overlaps(macs: readonly string[]) {
  return sql<boolean>`macs && ${[...macs]}::text[]`;
}

/** As the API shows it. */
export function discoveryDocument({ profiles }: DiscoveryConfig, row: DiscoveryRow) {
  const { uuid, macs, bmc_address, inventory, note, first_seen_at, last_seen_at } = row;
  // The profile by which it can be approved.
  const profile = profileOf(profiles, { bmc: bmc_address, inventory })?.name ?? null;
  return { uuid, macs, bmc_address, profile, note, first_seen_at, last_seen_at, inventory };
}
