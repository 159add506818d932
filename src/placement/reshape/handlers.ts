// The route that moves inventories and allocations between providers in one stroke.
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { empty } from '../../openstack/index.ts';
import { type GivenAllocations, toConsumers } from '../allocation/given.ts';
import { refusalError } from '../allocation/refusal.ts';
import { errors } from '../errors.ts';
import { readBody } from '../http/index.ts';
import { toRecord } from '../inventory/record.ts';
import { unknownNames } from '../names.ts';
import type { Handler, Parts } from '../parts.ts';
import type { InventoryRecord } from '../provider/provider.ts';
import * as schemas from '../schemas.ts';
import { retried, writeAllocations, writeInventory } from '../store.ts';

interface Reshape {
  readonly inventories: Readonly<
    Record<
      string,
      {
        readonly resource_provider_generation: number;
        readonly inventories: Record<string, Parameters<typeof toRecord>[0]>;
      }
    >
  >;
  readonly allocations: Readonly<Record<string, GivenAllocations>>;
}

export function reshapeHandlers({ database }: Parts): Record<'reshape', Handler> {
  return {
    async reshape(request) {
      const body: Reshape = await readBody(
        request,
        schemas.schemaAt<(typeof schemas.reshape)[30 | 34 | 38]>(schemas.reshape, request.context.microversion.minor),
      );
      await retried(() => database.transaction().execute((tx) => reshape(tx, body)));
      return empty();
    },
  };
}

/**
 * First every inventory that shall be there beside those that are, then the allocations, then only the inventories that
 * shall be there: an allocation can neither lose its inventory nor get ahead of it.
 */
async function reshape(tx: Transaction, { inventories, allocations }: Reshape): Promise<void> {
  const records = new Map<string, Record<string, InventoryRecord>>();
  for (const [uuid, given] of Object.entries(inventories).sort()) {
    await refuseMoved(tx, uuid, given.resource_provider_generation);
    const wanted = Object.fromEntries(Object.entries(given.inventories).map(([name, one]) => [name, toRecord(one)]));
    const [unknown] = await unknownNames(tx, 'placement_resource_classes', Object.keys(wanted));
    if (unknown !== undefined) throw errors.MalformedReshape(unknown);
    records.set(uuid, wanted);
  }
  for (const [uuid, wanted] of records)
    if (Object.keys(wanted).length > 0) await writeInventory(tx, uuid, null, wanted, false);
  const consumers = toConsumers(allocations);
  const refusal = consumers.length > 0 ? await writeAllocations(tx, consumers) : undefined;
  if (refusal?.outcome === 'resource_class') throw errors.MalformedReshape(refusal.resource_class);
  if (refusal) throw refusalError(refusal, '');
  for (const [uuid, wanted] of records) {
    const written = await writeInventory(tx, uuid, null, wanted, true);
    if (written.outcome === 'in_use') throw errors.InventoryUpdateInUse(written.classes.join(', '), uuid);
  }
}

async function refuseMoved(tx: Transaction, uuid: string, given: number): Promise<void> {
  const { rows } = await sql<{
    generation: number;
  }>`select generation from placement_providers where uuid = ${uuid} for no key update`.execute(tx);
  const actual = rows[0]?.generation;
  if (actual === undefined) throw errors.ReshapeProviderNotFound(uuid);
  if (actual !== given) throw errors.ReshapeGenerationMoved(uuid, actual, given);
}
