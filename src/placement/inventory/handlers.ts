// The routes of a provider's inventory.
import { type ApiRequest, empty } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { acceptsJson, answer, readBody, since } from '../http/index.ts';
import { unknownNames } from '../names.ts';
import type { Handler, Parts } from '../parts.ts';
import { findProvider, missingOr } from '../provider/find.ts';
import { type InventoryRecord, inventoryDocument } from '../provider/provider.ts';
import { providerPath } from '../provider/show.ts';
import * as schemas from '../schemas.ts';
import { databaseFault, isForeignKeyViolation, writeInventory } from '../store.ts';
import { refuseBadCapacity, toRecord } from './record.ts';

export function inventoryHandlers({
  database,
  follower,
}: Parts): Record<'list' | 'create' | 'replace' | 'clear' | 'show' | 'update' | 'remove', Handler> {
  /** Writes, and turns what the database refuses into errors. */
  async function write(
    uuid: string,
    expected: number | null,
    records: Readonly<Record<string, InventoryRecord>>,
    replaceAll: boolean,
    unknownClass: (name: string) => Error,
  ) {
    const written = await writeInventory(database, uuid, expected, records, replaceAll).catch((error: unknown) => {
      throw isForeignKeyViolation(error) ? unknownClass(classOf(error, records)) : error;
    });
    if (written.outcome === 'conflict') throw await missingOr(follower, uuid, errors.InventoryGenerationMoved());
    return written;
  }
  const checked = async <Schema extends Parameters<typeof readBody>[1]>(request: ApiRequest, schema: Schema) =>
    readBody(request, schema, (error) => missingOr(follower, request.params.uuid ?? '', error));

  return {
    async list(request) {
      acceptsJson(request);
      const { provider } = await findProvider(follower, request.params.uuid ?? '');
      return answer(request, showAll(provider.generation, provider.inventories), { modified: provider.updatedAt });
    },

    async show(request) {
      acceptsJson(request);
      const { uuid = '', resource_class: name = '' } = request.params;
      const { provider } = await findProvider(follower, uuid);
      const inventory = provider.inventories.get(name);
      if (!inventory) throw errors.InventoryNotFound(name, uuid);
      return answer(request, showOne(inventory, provider.generation), { modified: provider.updatedAt });
    },

    async create(request) {
      const uuid = request.params.uuid ?? '';
      const body = await checked(request, schemas.createInventory);
      const { index, provider } = await findProvider(follower, uuid);
      const name = body.resource_class;
      const record = toRecord(body);
      refuseBadCapacity(record, name, uuid, since(request, 26), (reason) =>
        errors.BadInventory('create', uuid, reason),
      );
      if (index.byId(provider.id)?.inventories.has(name)) throw errors.InventoryExists(name, uuid);
      await write(uuid, provider.generation, { [name]: record }, false, (unknown) =>
        errors.BadInventory('create', uuid, `No such resource class ${unknown}.`),
      );
      return answer(request, showOne(record, provider.generation + 1), {
        status: 201,
        headers: { location: `${request.context.baseUrl}${providerPath(uuid)}/inventories/${name}` },
      });
    },

    async replace(request) {
      const uuid = request.params.uuid ?? '';
      const body = await checked(request, schemas.providerInventories);
      const records: Record<string, InventoryRecord> = {};
      for (const [name, given] of Object.entries(body.inventories)) records[name] = toRecord(given);
      const generation = body.resource_provider_generation;
      const bad = firstBad(request, uuid, records);
      if (bad) {
        const { provider } = await findProvider(follower, uuid);
        throw provider.generation === generation ? bad : errors.InventoryGenerationMoved();
      }
      const written = await write(uuid, generation, records, true, (unknown) =>
        errors.UnknownClassInInventory(uuid, unknown),
      );
      if (written.outcome === 'in_use') throw errors.InventoryUpdateInUse(written.classes.join(', '), uuid);
      return answer(request, showAll(generation + 1, new Map(Object.entries(records))));
    },

    async clear(request) {
      const uuid = request.params.uuid ?? '';
      const { provider } = await findProvider(follower, uuid);
      const written = await write(uuid, provider.generation, {}, true, (name) =>
        errors.UnknownClassInInventory(uuid, name),
      );
      if (written.outcome === 'in_use') throw errors.InventoryInUse(written.classes.join(', '), uuid);
      return empty();
    },

    async update(request) {
      const { uuid = '', resource_class: name = '' } = request.params;
      const body = await checked(request, schemas.updateInventory);
      const { provider } = await findProvider(follower, uuid);
      const generation = body.resource_provider_generation;
      if (provider.generation !== generation) throw errors.InventoryGenerationMoved();
      const record = toRecord(body);
      refuseBadCapacity(record, name, uuid, since(request, 26), (reason) =>
        errors.BadInventory('update', uuid, reason),
      );
      if (!provider.inventories.has(name)) {
        const unknown = await unknownNames(database, 'placement_resource_classes', [name]);
        throw unknown.length > 0 ? errors.ClassNotFound(name) : errors.InventoryToUpdateNotFound(name, uuid);
      }
      await write(uuid, generation, { [name]: record }, false, (unknown) =>
        errors.UnknownClassInInventory(uuid, unknown),
      );
      return answer(request, showOne(record, generation + 1));
    },

    async remove(request) {
      const { uuid = '', resource_class: name = '' } = request.params;
      const { provider } = await findProvider(follower, uuid);
      if (!provider.inventories.has(name)) throw errors.InventoryToDeleteNotFound(name);
      const kept = Object.fromEntries([...provider.inventories].filter(([other]) => other !== name));
      const written = await write(uuid, provider.generation, kept, true, (unknown) =>
        errors.UnknownClassInInventory(uuid, unknown),
      );
      if (written.outcome === 'in_use') throw errors.InventoryToDeleteInUse(name, uuid);
      return empty();
    },
  };
}

/** The class that the database does not know, from the detail of its error: `Key (resource_class)=(NAME) is not present`. */
function classOf(error: unknown, records: Readonly<Record<string, InventoryRecord>>): string {
  return /=\(([^)]*)\)/.exec(databaseFault(error)?.detail ?? '')?.[1] ?? Object.keys(records).join(', ');
}

function firstBad(
  request: ApiRequest,
  uuid: string,
  records: Readonly<Record<string, InventoryRecord>>,
): Error | undefined {
  try {
    for (const [name, record] of Object.entries(records))
      refuseBadCapacity(record, name, uuid, since(request, 26), (reason) =>
        errors.BadInventory('update', uuid, reason),
      );
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  return undefined;
}

function showOne(record: InventoryRecord, generation?: number) {
  return {
    ...inventoryDocument(record),
    ...(generation ? { resource_provider_generation: generation } : {}),
  };
}

function showAll(generation: number, records: ReadonlyMap<string, InventoryRecord>) {
  const inventories = Object.fromEntries([...records].map(([name, record]) => [name, showOne(record)]));
  return { resource_provider_generation: generation, inventories };
}
