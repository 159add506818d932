// Writes new servers and starts their builds.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Transaction } from '../../database/index.ts';
import { appendEvent } from '../../events/index.ts';
import type { Caller } from '../../openstack/index.ts';
import { recordAction } from '../action/store.ts';
import { errors } from '../errors.ts';
import type { ComputeParts } from '../parts.ts';
import { claimQuota } from '../quota/quotas.ts';
import { inTables, type ServerRow } from '../tables.ts';
import { type CheckedOrder, checkOrder, type OrderSources, type ServerOrder } from './order.ts';
import { hostnameOf } from './server.ts';
import { findServer } from './store.ts';

export interface Created {
  readonly reservationId: string;
  readonly servers: readonly { readonly id: string; readonly operationId: string }[];
}

export interface Provenance {
  readonly requestId: string;
  /** The operation that this is a part of. */
  readonly parentId?: string;
}

/**
 * Checks the order, writes its servers and starts a build for each. With an `id` that is there already nothing is written: that
 * server is answered, and a build of it that failed or was parked is resumed. Throws the errors of "Create server".
 */
export async function createServers(
  parts: Pick<ComputeParts, 'database' | 'operations'> & OrderSources,
  order: ServerOrder,
  caller: Caller,
  provenance: Provenance,
): Promise<Created> {
  const known = order.id === undefined ? undefined : await findServer(parts.database, order.id);
  if (known) {
    const { id, operation_id, reservation_id } = known.server;
    const last = operation_id === null ? undefined : await parts.operations.get(operation_id);
    if (last?.kind === 'server.build' && (last.state === 'parked' || last.state === 'failed'))
      await parts.operations.resume(last.id);
    return { reservationId: reservation_id, servers: [{ id, operationId: operation_id ?? '' }] };
  }
  const checked = await checkOrder(parts, order, caller);
  const count = Math.max(order.minCount ?? 1, order.maxCount ?? order.minCount ?? 1);
  if (count > maxCount) throw errors.Invalid(`max_count must be at most ${maxCount}.`);
  const reservationId = `r-${randomBytes(4).toString('hex')}`;
  return parts.database.transaction().execute(async (tx) => {
    const { vcpus, ramMb } = checked.flavor;
    const wanted = { instances: count, cores: vcpus * count, ram: ramMb * count };
    await claimQuota(tx, caller.projectId ?? '', wanted);
    if (order.groupId !== undefined) await checkGroup(tx, order.groupId, caller);
    const servers: { id: string; operationId: string }[] = [];
    for (let index = 0; index < count; index++) {
      const name = count === 1 ? order.name : `${order.name}-${index + 1}`;
      const row = await insertServer(tx, { order, checked, caller, name, index, reservationId });
      servers.push({ id: row.id, operationId: await startBuild(parts, tx, row, caller, provenance) });
    }
    return { reservationId, servers };
  });
}

/** Servers of one request. */
const maxCount = 1000;

async function insertServer(
  tx: Transaction,
  given: {
    order: ServerOrder;
    checked: CheckedOrder;
    caller: Caller;
    name: string;
    index: number;
    reservationId: string;
  },
): Promise<ServerRow> {
  const { order, checked, caller, name, index, reservationId } = given;
  const id = order.id ?? randomUUID();
  const row = await inTables(tx)
    .insertInto('compute_servers')
    .values({
      id,
      name,
      hostname: order.hostname ?? hostnameOf(name, id),
      description: order.description ?? null,
      project_id: caller.projectId ?? '',
      user_id: caller.userId,
      reservation_id: reservationId,
      launch_index: index,
      vm_state: 'building',
      task_state: 'scheduling',
      image_id: checked.image.id,
      flavor: JSON.stringify(checked.flavor),
      key_name: order.keyName ?? null,
      public_key: checked.publicKey,
      user_data: order.userData ?? null,
      config_drive: order.configDrive ?? true,
      metadata: JSON.stringify(order.metadata ?? {}),
      vendor_data: JSON.stringify(order.vendorData ?? {}),
      scheduler_hints: JSON.stringify(order.schedulerHints ?? {}),
      availability_zone: checked.zone,
      requested_networks: JSON.stringify(checked.networks),
      requested_node: checked.node,
      group_id: order.groupId ?? null,
      tags: [...(order.tags ?? [])],
      access_ip_v4: order.accessIpV4 ?? '',
      access_ip_v6: order.accessIpV6 ?? '',
      node_uuid: null,
      locked_reason: null,
      operation_id: null,
      launched_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await appendEvent(tx, {
    kind: 'compute.server.created',
    subject: `server:${id}`,
    projectId: row.project_id,
    payload: { name, flavor: checked.flavor.name, image: checked.image.id },
  });
  return row;
}

async function startBuild(
  { operations }: Pick<ComputeParts, 'operations'>,
  tx: Transaction,
  row: ServerRow,
  caller: Caller,
  { requestId, parentId }: Provenance,
): Promise<string> {
  const operationId = await operations.start(tx, {
    kind: 'server.build',
    target: `server:${row.id}`,
    input: { serverId: row.id },
    requestedBy: caller.userName ?? caller.userId,
    projectId: row.project_id,
    requestId,
    ...(parentId === undefined ? {} : { parentId }),
  });
  await inTables(tx)
    .updateTable('compute_servers')
    .set({ operation_id: operationId })
    .where('id', '=', row.id)
    .execute();
  await recordAction(tx, { serverId: row.id, action: 'create', caller, requestId, operationId });
  return operationId;
}

async function checkGroup(tx: Transaction, groupId: string, caller: Caller): Promise<void> {
  const group = await inTables(tx)
    .selectFrom('compute_server_groups')
    .select('project_id')
    .where('id', '=', groupId)
    .executeTakeFirst();
  if (!group || (group.project_id !== caller.projectId && !caller.roles.includes('admin')))
    throw errors.GroupUnknown(groupId);
}
