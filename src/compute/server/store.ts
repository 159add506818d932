// Servers and their ports in the database; every change of state writes its event in the same transaction.
import { sql, type UpdateObject } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import { appendEvent } from '../../events/index.ts';
import { type ComputeTables, inTables, type ServerPortRow, type ServerRow, tables } from '../tables.ts';
import { statusOf } from './server.ts';

export interface ServerWithPorts {
  readonly server: ServerRow;
  /** In the order they were asked for. */
  readonly ports: readonly ServerPortRow[];
}

type Change = UpdateObject<ComputeTables, 'compute_servers'>;

export async function findServer(database: Database, id: string): Promise<ServerWithPorts | undefined> {
  const db = tables(database);
  const server = await db.selectFrom('compute_servers').selectAll().where('id', '=', id).executeTakeFirst();
  return server && { server, ports: await portsOf(database, [id]) };
}

export async function portsOf(database: Database, ids: readonly string[]): Promise<ServerPortRow[]> {
  if (ids.length === 0) return [];
  return tables(database)
    .selectFrom('compute_server_ports')
    .selectAll()
    .where('server_id', 'in', ids)
    .orderBy('server_id')
    .orderBy('position')
    .execute();
}

/** Locks the server until the transaction ends. */
export function lockServer(tx: Transaction, id: string): Promise<ServerRow | undefined> {
  return inTables(tx).selectFrom('compute_servers').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
}

/** Changes a server; a change of its status is an event. Undefined when the server is gone. */
export async function changeServer(
  tx: Transaction,
  id: string,
  change: Change,
  operationId?: string,
): Promise<ServerRow | undefined> {
  const before = await lockServer(tx, id);
  if (!before) return undefined;
  const after = await inTables(tx)
    .updateTable('compute_servers')
    .set({ ...change, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const [from, to] = [before, after].map((row) => statusOf(row.vm_state, row.task_state));
  if (from !== to || before.task_state !== after.task_state) {
    await appendEvent(tx, {
      kind: 'compute.server.status',
      subject: `server:${id}`,
      projectId: after.project_id,
      operationId: operationId ?? null,
      payload: {
        name: after.name,
        from,
        to,
        task: after.task_state,
        node: after.node_uuid,
        ...(to === 'ERROR' && after.fault ? { fault: after.fault.message } : {}),
      },
    });
  }
  return after;
}

/** Forgets the server; its ports' rows go with it. */
export async function removeServer(tx: Transaction, server: ServerRow, operationId?: string): Promise<void> {
  await inTables(tx).deleteFrom('compute_servers').where('id', '=', server.id).execute();
  await appendEvent(tx, {
    kind: 'compute.server.deleted',
    subject: `server:${server.id}`,
    projectId: server.project_id,
    operationId: operationId ?? null,
    payload: { name: server.name },
  });
}

export function faultOf(message: string, details: string): string {
  return JSON.stringify({ code: 500, message, details, created: new Date().toISOString().replace(/\.\d+Z$/, 'Z') });
}
