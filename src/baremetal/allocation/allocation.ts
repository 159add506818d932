// Allocations: asking for a node by what it must have instead of by name.
import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import { type ApiRequest, atLeast, commonErrors } from '../../openstack/index.ts';
import { type Asked, listLimit, nodeTarget } from '../access.ts';
import type { CollectionSpec } from '../document/collection.ts';
import { links, time } from '../document/fields.ts';
import { isName, isTrait, Nullable, uuidOrNull } from '../document/names.ts';
import { errors } from '../errors.ts';
import { changeNode } from '../node/change.ts';
import { constraintOf } from '../node/duplicate.ts';
import { findNode, lockNode, seekNode } from '../node/find.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { type AllocationRow, give } from './serve.ts';

const resourceClass = Type.Union([Type.String({ maxLength: 80 }), Type.Null()]);
export const newAllocationSchema = Type.Object(
  {
    name: Type.Optional(Nullable.text),
    uuid: Type.Optional(Nullable.text),
    resource_class: Type.Optional(resourceClass),
    traits: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
    candidate_nodes: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
    node: Type.Optional(Nullable.text),
    owner: Type.Optional(Nullable.text),
    extra: Type.Optional(Nullable.object),
  },
  { additionalProperties: false },
);
type New = Static<typeof newAllocationSchema>;
const edited = Type.Object(
  { name: Type.Optional(Nullable.text), extra: Type.Optional(Nullable.object) },
  { additionalProperties: true },
);

export const allocations: CollectionSpec<'baremetal_allocations', New, Static<typeof edited>> = {
  table: 'baremetal_allocations',
  list: 'allocations',
  path: '/v1/allocations',
  named: true,
  fields: {
    uuid: { render: (row) => row.uuid },
    name: { render: (row) => row.name },
    candidate_nodes: { render: (row) => row.candidate_nodes },
    extra: { render: (row) => row.extra },
    last_error: { render: (row) => row.last_error },
    node_uuid: { render: (row) => row.node_uuid },
    owner: { since: '1.60', render: (row) => row.owner },
    resource_class: { render: (row) => row.resource_class },
    state: { render: (row) => row.state },
    traits: { render: (row) => row.traits },
    created_at: { render: (row) => time(row.created_at) },
    updated_at: { render: (row) => time(row.updated_at) },
    links: { render: (row, context) => links(context, `allocations/${row.uuid}`) },
  },
  listFields: [
    'uuid',
    'name',
    'candidate_nodes',
    'extra',
    'last_error',
    'node_uuid',
    'owner',
    'resource_class',
    'state',
    'traits',
    'created_at',
    'updated_at',
    'links',
  ],
  sortable: ['uuid', 'name', 'resource_class', 'state', 'owner', 'created_at', 'updated_at'],
  patch: { editable: ['name', 'extra'], defaults: { extra: {} } },
  edited,
  notFound: (ident) => errors.AllocationNotFound(ident),
  asks: ['node', 'state', 'resource_class', 'owner'],
  async filters(parts, request) {
    const { search, context } = request;
    const found: RawBuilder<boolean>[] = [];
    const node = search.get('node');
    if (node !== null) {
      const row = await seekNode(parts.database, node);
      // A filter is no path: what it names is asked for in vain, not absent.
      if (!row || !request.may('baremetal:node:get', nodeTarget(row)))
        throw errors.Invalid(`Node ${node} could not be found.`);
      found.push(sql<boolean>`node_uuid = ${row.uuid}`);
    }
    const state = search.get('state');
    if (state !== null) found.push(sql<boolean>`state = ${state}`);
    const wanted = search.get('resource_class');
    if (wanted !== null) found.push(sql<boolean>`resource_class = ${wanted}`);
    const owner = search.get('owner');
    if (owner !== null) {
      if (!atLeast(context.microversion, '1.60'))
        throw errors.NotAcceptable('Filtering by owner needs microversion 1.60 or newer.');
      found.push(sql<boolean>`owner = ${owner}`);
    }
    return found;
  },
  mayList(request) {
    const project = listLimit(request, 'baremetal:allocation:list', request.search.get('owner'));
    if (project === undefined) return [];
    request.enforce('baremetal:allocation:get', { 'allocation.owner': project });
    return [sql<boolean>`owner = ${project}`];
  },
  enforce: async (_parts, request, action, row) => enforceOnAllocation(request, action, row),
  insert: insertAllocation,
  async write(_parts, tx, before, changed) {
    const name = changed.name === '' ? null : (changed.name ?? null);
    if (name !== null && !isName(name)) throw errors.InvalidName(name);
    return taken(before.uuid, name, () =>
      tables(tx)
        .updateTable('baremetal_allocations')
        .set({ name, extra: JSON.stringify(changed.extra ?? {}), updated_at: new Date() })
        .where('id', '=', before.id)
        .returningAll()
        .executeTakeFirstOrThrow(),
    );
  },
  async mayRemove(parts, tx, row) {
    if (row.node_uuid === null) return;
    const node = await lockNode(tx, row.node_uuid);
    if (node.provision_state === 'active' && !node.maintenance) {
      throw errors.InvalidState(
        `Cannot remove allocation ${row.uuid} for node ${node.uuid}, because the node is in state active where it is not allowed.`,
      );
    }
    await changeNode(parts, tx, node, { allocation_uuid: null, instance_uuid: null });
  },
};

/** Throws AllocationNotFound to who may not see it. */
function enforceOnAllocation(asked: Asked, action: string, row: AllocationRow): void {
  const target = { 'allocation.owner': row.owner };
  if (!asked.may('baremetal:allocation:get', target)) throw errors.AllocationNotFound(row.uuid);
  asked.enforce(`baremetal:allocation:${action}`, target);
}

async function insertAllocation(parts: Parts, tx: Transaction, body: New, request: ApiRequest): Promise<AllocationRow> {
  const uuid = uuidOrNull(body.uuid) ?? randomUUID();
  const name = body.name === '' ? null : (body.name ?? null);
  if (name !== null && !isName(name)) throw errors.InvalidName(name);
  const traits = body.traits ?? [];
  const invalid = traits.find((trait) => !isTrait(trait));
  if (invalid !== undefined) throw errors.Invalid(`"${invalid}" is not a valid trait.`);
  const owner = ownerOf(request, body);
  const candidates: string[] = [];
  for (const ident of body.candidate_nodes ?? []) candidates.push(await candidate(tx, ident));
  const given = body.node ? await seekNode(tx, body.node) : undefined;
  const backfilled = given && (await lockNode(tx, given.uuid));
  if (body.node) {
    if (!atLeast(request.context.microversion, '1.58'))
      throw errors.Invalid('Cannot set node when creating an allocation before microversion 1.58.');
    if (!backfilled) throw errors.Invalid(`Node ${body.node} could not be found.`);
    if (candidates.length > 0 || traits.length > 0)
      throw errors.Invalid('An allocation of a given node has neither traits nor candidate nodes.');
  } else if (!body.resource_class) throw errors.Invalid('The resource_class field is mandatory when not backfilling');
  const row = await taken(uuid, name, () =>
    tables(tx)
      .insertInto('baremetal_allocations')
      .values({
        uuid,
        name,
        state: 'allocating',
        resource_class: body.resource_class ?? backfilled?.resource_class ?? null,
        traits: JSON.stringify(traits),
        candidate_nodes: JSON.stringify(candidates),
        extra: JSON.stringify(body.extra ?? {}),
        owner,
      })
      .returningAll()
      .executeTakeFirstOrThrow(),
  );
  return backfilled ? backfill(parts, tx, row, backfilled) : row;
}

/** Who may not give allocations to others gets them for the own project. */
function ownerOf(request: ApiRequest, body: New): string | null {
  if (request.may('baremetal:allocation:create_restricted')) return body.owner ?? null;
  request.enforce('baremetal:allocation:create');
  const { projectId } = request.context.caller;
  if (body.owner !== undefined && body.owner !== null && body.owner !== projectId)
    throw commonErrors.Forbidden('baremetal:allocation:create_restricted');
  return projectId ?? null;
}

async function candidate(tx: Transaction, ident: string): Promise<string> {
  const node = await seekNode(tx, ident);
  if (!node) throw errors.Invalid(`Node ${ident} could not be found.`);
  return node.uuid;
}

/** A machine in use already gets the allocation that it should have had. */
async function backfill(parts: Parts, tx: Transaction, row: AllocationRow, node: NodeRow): Promise<AllocationRow> {
  if (node.provision_state !== 'active')
    throw errors.InvalidState(`Cannot backfill an allocation for node ${node.uuid}: it is not active.`);
  if (row.resource_class !== node.resource_class)
    throw errors.InvalidState(
      `Cannot backfill an allocation for node ${node.uuid}: its resource class is ${node.resource_class}.`,
    );
  if (node.allocation_uuid !== null || (node.instance_uuid !== null && node.instance_uuid !== row.uuid)) {
    throw errors.NodeAssociated(node.uuid, node.allocation_uuid ?? node.instance_uuid ?? '');
  }
  return give(parts, tx, row, node);
}

/** The allocation of a node. Throws AllocationNotFound. */
export async function allocationOfNode(database: Database, ident: string, asked: Asked): Promise<AllocationRow> {
  const node = await findNode(database, ident);
  const row =
    node.allocation_uuid === null
      ? undefined
      : await tables(database)
          .selectFrom('baremetal_allocations')
          .selectAll()
          .where('uuid', '=', node.allocation_uuid)
          .executeTakeFirst();
  if (!row) throw errors.AllocationNotFound(`of node ${node.uuid}`);
  enforceOnAllocation(asked, 'get', row);
  return row;
}

async function taken<Result>(uuid: string, name: string | null, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const constraint = constraintOf(error);
    if (constraint === 'baremetal_allocations_name_key') throw errors.DuplicateName('allocation', name ?? '');
    if (constraint === 'baremetal_allocations_uuid_key') throw errors.AlreadyExists('allocation', uuid);
    throw error;
  }
}
